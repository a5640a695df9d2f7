// The live stream: one EventSource a page, whose messages become `live:<topic>` events on body, at most one a second and
// topic. A hidden tab gives its connection back; while the stream is cut a slow poll fires the same events.
import { isPaused } from "./hold.js";
import { dated, show } from "./lamp.js";

const anchor = document.querySelector("[data-stream]");
const topics = anchor?.dataset.topics.split(" ") ?? [];
const last = new Map();
const pending = new Set();
let source = null;
let state = "connecting";
let isBehind = false; // messages may have been missed

if (anchor) {
  connect();
  setInterval(poll, 30000);
  setTimeout(() => state === "connecting" && show(state), 1000);
  document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
  document.body.addEventListener("refresh:toggled", () => {
    if (!isPaused()) topics.forEach(announce);
    show(state);
  });
}

function connect() {
  source?.close();
  source = new EventSource(anchor.dataset.stream);
  source.onopen = () => {
    turn("live");
    if (isBehind) topics.forEach(announce);
    isBehind = false;
  };
  source.onerror = () => {
    isBehind = true;
    turn("cut");
  };
  for (const topic of topics) source.addEventListener(topic, (event) => hear(topic, event));
}

function disconnect() {
  isBehind = true;
  source?.close();
}

function hear(topic, event) {
  dated(JSON.parse(event.data || "{}").at ?? new Date().toISOString());
  announce(topic);
}

// A browser gives up for good when the server answers with an error, so the poll also connects again.
function poll() {
  if (state !== "cut" || document.hidden) return;
  topics.forEach(announce);
  if (source.readyState === EventSource.CLOSED) connect();
}

function announce(topic) {
  if (pending.has(topic)) return;
  pending.add(topic);
  const wait = Math.max(0, (last.get(topic) ?? 0) + 1000 - Date.now());
  setTimeout(() => {
    pending.delete(topic);
    last.set(topic, Date.now());
    document.body.dispatchEvent(new CustomEvent(`live:${topic}`));
  }, wait);
}

function turn(to) {
  state = to;
  show(state);
}
