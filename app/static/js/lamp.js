// The live lamp: what the stream does, in an icon, a word and the age of its last news.
import { isPaused } from "./hold.js";
import { tick } from "./local-time.js";

const lamp = document.querySelector("[data-live]");
const looks = {
  connecting: ["quiet", "clock", "Connecting"],
  live: ["quiet", "ok", "Live"],
  paused: ["quiet", "paused", "Refresh off"],
  cut: ["watch", "watch", "Stream cut, looks every 30 s"],
};

export function show(state) {
  if (!lamp) return;
  const [level, icon, word] = looks[isPaused() && state === "live" ? "paused" : state];
  lamp.className = `live is-${level}`;
  const use = lamp.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#i-${icon}`));
  const spoken = lamp.querySelector("[data-live-word]");
  if (spoken.textContent !== word) spoken.textContent = word;
}

export function dated(at) {
  const age = lamp?.querySelector("[data-live-age]");
  if (!age) return;
  age.querySelector("time").dateTime = at;
  age.hidden = false;
  tick();
}
