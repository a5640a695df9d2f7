// What a live refresh may touch. With auto refresh off nothing moves; a [data-hold] list stands still while somebody works
// in it, and says how many rows wait. Only refreshes that the stream asked for are held, never what a person asked for.
const store = "refresh";
const button = document.querySelector("[data-refresh-toggle]");

export function isPaused() {
  return sessionStorage.getItem(store) === "off";
}

button?.addEventListener("click", () => {
  sessionStorage.setItem(store, isPaused() ? "on" : "off");
  showToggle();
  document.body.dispatchEvent(new CustomEvent("refresh:toggled"));
});
showToggle();

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (isLive(ctx) && isPaused() && !ctx.sourceElement.hasAttribute("data-hold")) event.preventDefault();
});

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  const region = ctx.sourceElement;
  if (!isLive(ctx) || !region.hasAttribute("data-hold")) return;
  const why = reason(region);
  if (!why) return;
  event.preventDefault();
  notify(region, why, countNew(tasks));
});

document.addEventListener("htmx:after:swap", (event) => {
  const notice = event.detail.ctx.sourceElement?.querySelector("[data-hold-notice]");
  if (notice) notice.hidden = true;
});

document.addEventListener("click", (event) => {
  const region = event.target.closest("[data-hold-show]")?.closest("[data-hold]");
  if (!region) return;
  htmx.ajax("GET", region.getAttribute("hx-get"), { source: region, swap: region.getAttribute("hx-swap") });
});

function isLive(ctx) {
  return ctx.sourceEvent?.type?.startsWith("live:") ?? false;
}

function reason(region) {
  if (isPaused()) return "Auto refresh is off.";
  if (region.querySelector(".pick :checked")) return "List holds still while rows are selected.";
  if (region.querySelector("[data-rows] :is(details[open], [aria-expanded=true])")) return "List holds still while a row is open.";
  if (region.querySelector("[data-rows]")?.contains(document.activeElement)) return "List holds still while you are in it.";
  if (region.scrollTop > 0 || region.getBoundingClientRect().top < 0) return "List holds still while it is scrolled.";
  return "";
}

function countNew(tasks) {
  const rows = tasks.flatMap((task) => [...(task.fragment?.querySelectorAll("[data-rows] > [id]") ?? [])]);
  return rows.filter((row) => !document.getElementById(row.id)).length;
}

function notify(region, why, count) {
  const notice = region.querySelector("[data-hold-notice]");
  if (!notice) return;
  notice.querySelector("[data-hold-why]").textContent = why;
  notice.querySelector("[data-hold-show]").textContent = count ? `${count} new: show` : "Changes: show";
  notice.hidden = false;
}

function showToggle() {
  if (!button) return;
  button.setAttribute("aria-pressed", String(!isPaused()));
  button.querySelector("[data-refresh-word]").textContent = isPaused() ? "off" : "on";
}
