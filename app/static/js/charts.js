// Charts: figures wait as JSON in the page; Plotly is fetched after the first paint and only where a chart is.
const root = document.documentElement;
const config = { displayModeBar: false, responsive: true, doubleClick: false };
let plotly = null;

if (document.querySelector("[data-plot]")) requestIdleCallback(drawAll, { timeout: 1500 });
document.addEventListener("htmx:after:swap", drawAll);
new MutationObserver(drawAll).observe(root, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);

async function drawAll() {
  const plots = document.querySelectorAll("[data-plot]");
  if (!plots.length) return;
  await load();
  for (const plot of plots) draw(plot);
}

function load() {
  plotly ??= prepare() && import(`${document.body.dataset.static}/vendor/plotly-basic.min.js`);
  return plotly;
}

// Tells Plotly that its rules stand in chart.css: the content policy forbids it to write a style element.
function prepare() {
  const mark = document.createElement("meta");
  mark.id = "plotly.js-style-global";
  mark.className = "no-inline-styles";
  document.head.append(mark);
  return true;
}

function draw(plot) {
  const script = document.getElementById(plot.dataset.plot);
  if (!script) return;
  const figure = resolve(JSON.parse(script.textContent));
  window.Plotly.react(plot, figure.data, figure.layout, config);
  plot.setAttribute("data-drawn", "");
}

// "var(--act)" → the colour that the theme gives it now; light-dark() is computed by the browser only on a real element.
function resolve(node) {
  if (typeof node === "string") return /^var\(--[\w-]+\)$/.test(node) ? token(node) : node;
  if (Array.isArray(node)) return node.map(resolve);
  if (node && typeof node === "object") return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, resolve(value)]));
  return node;
}

const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);

function token(name) {
  if (name === "var(--font)") return getComputedStyle(root).getPropertyValue("--font").trim();
  probe.style.color = name;
  return getComputedStyle(probe).color;
}
