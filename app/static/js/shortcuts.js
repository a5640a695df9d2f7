// Keys: / search, ? help, j k move, x select, o open in [data-rows]; others press the [data-key] button of the page.
const store = "single-keys";
const toggle = document.querySelector("[data-keys-toggle]");

if (toggle) {
  toggle.checked = localStorage.getItem(store) !== "off";
  toggle.addEventListener("change", () => localStorage.setItem(store, toggle.checked ? "on" : "off"));
}

const actions = {
  "/": () => focusSearch(),
  "?": () => document.getElementById("keys")?.showModal(),
  j: () => move(1),
  k: () => move(-1),
  x: () => cursor()?.querySelector(".pick input")?.click(),
  o: () => cursor()?.querySelector("[data-open]")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (toggle && !toggle.checked) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
  const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  const act = actions[event.key] ?? (button && (() => button.click()));
  if (!act) return;
  event.preventDefault();
  act();
});

// A row that is focused by hand becomes the cursor, so that the keys go on from there.
document.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-rows] > *");
  if (row) mark(row);
});

function isTyping(target) {
  return target.closest("input:not([type=checkbox]), textarea, select, dialog[open], [contenteditable]") !== null;
}

function focusSearch() {
  const field = document.querySelector('[data-shortcut="/"]');
  field?.focus();
  field?.select();
}

function cursor() {
  return document.querySelector("[data-rows] > [data-cursor]");
}

function move(step) {
  const rows = [...document.querySelectorAll("[data-rows] > :not([hidden])")];
  if (!rows.length) return;
  const at = rows.indexOf(cursor());
  const row = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
  mark(row);
  (row.querySelector("[data-open]") ?? row.querySelector("a, button, input"))?.focus();
  row.scrollIntoView({ block: "nearest" });
}

function mark(row) {
  if (cursor() === row) return;
  cursor()?.removeAttribute("data-cursor");
  row.setAttribute("data-cursor", "");
}
