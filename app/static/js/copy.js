// [data-copy="text"] puts the text on the clipboard and says so.
import { say } from "./dialog.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const done = await copy(button.dataset.copy);
  say(done ? `Copied: ${shorten(button.dataset.copy)}` : "The browser refused to copy");
});

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

// Browsers keep the clipboard interface from pages that came over plain HTTP from another machine.
function copyBySelection(text) {
  const area = document.createElement("textarea");
  area.className = "unseen";
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

function shorten(text) {
  return text.length > 48 ? `${text.slice(0, 47)}…` : text;
}
