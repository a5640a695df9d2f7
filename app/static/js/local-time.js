// <time datetime data-relative=" ago">: its age ticks every second, by the server's clock; a page about the past stands still.
const offset = Date.parse(document.body.dataset.now ?? "") - Date.now() || 0;

if (!document.body.classList.contains("is-asof")) setInterval(tick, 1000);

export function tick() {
  if (document.hidden) return;
  const now = Date.now() + offset;
  for (const time of document.querySelectorAll("time[data-relative][datetime]")) {
    const seconds = Math.max(0, (now - Date.parse(time.dateTime)) / 1000);
    const text = duration(seconds) + time.dataset.relative;
    if (time.textContent !== text) time.textContent = text;
  }
}

// The same words as the filter `duration` of the server: two largest units.
export function duration(seconds) {
  for (const [unit, size, smaller, part] of [["d", 86400, "h", 3600], ["h", 3600, "m", 60]]) {
    if (seconds < size) continue;
    const rest = Math.floor((seconds % size) / part);
    return `${Math.floor(seconds / size)} ${unit}` + (rest ? ` ${rest} ${smaller}` : "");
  }
  return seconds >= 60 ? `${Math.floor(seconds / 60)} m` : `${Math.floor(seconds)} s`;
}
