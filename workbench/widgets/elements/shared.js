// Shared by every element; Python puts this text in front of the element's own module.
// Text of messages is hostile: it enters the page through text nodes only.

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  close: "M4 4l8 8M12 4l-8 8", check: "M3 8.5l3.2 3.2L13 5", ticks: "M1 8.500l3 3L10 5M7 10.500l1 1L15 5", plus: "M8 3v10M3 8h10", minus: "M3 8h10", search: "M7 12A5 5 0 107 2a5 5 0 000 10zM11 11l3 3",
  left: "M10 3L5 8l5 5", right: "M6 3l5 5-5 5", down: "M3 6l5 5 5-5", up: "M3 10l5-5 5 5", help: "M6 6a2 2 0 113 1.8c-.7.4-1 .8-1 1.7M8 12v.5M8 15A7 7 0 108 1a7 7 0 000 14z",
  copy: "M5.5 5.5V3A1 1 0 016.500 2H13a1 1 0 011 1v6.500a1 1 0 01-1 1h-2.500M3 5.500h6.500a1 1 0 011 1V13a1 1 0 01-1 1H3a1 1 0 01-1-1V6.500a1 1 0 011-1z",
  image: "M2 3h12v10H2zM2 11l3.500-3.500 3 3L11 8l3 3M10.500 6h.1", table: "M2 3h12v10H2zM2 6.500h12M2 10h12M6.500 3v10", code: "M5.500 4L2 8l3.500 4M10.500 4L14 8l-3.500 4",
  lasso: "M8 2.500c3.500 0 6 1.600 6 4s-2.500 4-6 4-6-1.600-6-4 2.500-4 6-4zM5 10c-1 1-.5 3.500-2 4", box: "M2.500 3.500h11v9h-11z", hand: "M8 1.500v13M1.500 8h13M8 1.500L6 3.500M8 1.500l2 2M8 14.500l-2-2M8 14.500l2-2M1.500 8l2-2M1.500 8l2 2M14.500 8l-2-2M14.500 8l-2 2",
  reset: "M3 8a5 5 0 105-5H4M6 1L4 3l2 2", download: "M8 2.500V11M4.500 7.500L8 11l3.500-3.500M2.500 11v2.500h11V11", upload: "M8 11V3M4.500 6L8 2.500 11.500 6M2.500 11v2.500h11V11", warn: "M8 2l6.500 11.500h-13zM8 6.500v3.500M8 11.800v.2", info: "M8 7v4.500M8 4.500v.2M8 15A7 7 0 108 1a7 7 0 000 14z",
  filter: "M2 3h12L9.500 8.500V13l-3-1.500v-3z", list: "M5.500 4H14M5.500 8H14M5.500 12H14M2 4h.5M2 8h.5M2 12h.5", undo: "M3 7h6a4 4 0 010 8H6M3 7l3-3M3 7l3 3", trash: "M3 4.500h10M6.500 4.500v-2h3v2M4.500 4.500l.6 9h5.800l.6-9M6.800 7v4M9.200 7v4", star: "M8 2l1.800 3.800 4.200.500-3.100 2.900.800 4.100L8 11.300l-3.700 2 .800-4.100L2 6.300l4.200-.500z", pencil: "M2.500 13.500l.8-3 7.700-7.700 2.200 2.200-7.700 7.700z",
};

/** Build an element: h("div.cls", {attr, on: {event}, style: {}}, ...children). Strings become text nodes. */
function h(spec, props, ...children) {
  const [tag, ...classes] = spec.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "on") for (const [name, fn] of Object.entries(value)) node.addEventListener(name, fn);
    else if (key === "style") for (const [name, v] of Object.entries(value)) node.style.setProperty(name, v);
    else if (["checked", "value", "disabled", "hidden", "tabIndex", "indeterminate", "type", "htmlFor"].includes(key)) node[key] = value;
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) if (child !== null && child !== undefined && child !== false) node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  return node;
}

function icon(name) {
  const svg = document.createElementNS(SVG, "svg"), path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 16 16"); svg.setAttribute("aria-hidden", "true");
  for (const [k, v] of Object.entries({ d: ICONS[name], fill: "none", stroke: "currentColor", "stroke-width": 1.5, "stroke-linecap": "round", "stroke-linejoin": "round" })) path.setAttribute(k, v);
  svg.append(path);
  return svg;
}

function button(text, { icon: glyph, kind = "", title, pressed, onClick, disabled } = {}) {
  return h(`button.btn${kind ? "." + kind.split(" ").join(".") : ""}${glyph && !text ? ".icon" : ""}`, { type: "button", title, "aria-label": text ? undefined : title, "aria-pressed": pressed === undefined ? undefined : String(pressed), disabled, on: { click: onClick } },
    glyph ? icon(glyph) : null, text ? h("span", {}, text) : null);
}

/** Text with [start, end) ranges underlined; ranges that do not fit are ignored. Offsets count code points, as in Python. */
function underlined(text, ranges) {
  const out = document.createDocumentFragment(), source = String(text ?? "");
  if (!ranges?.length) { out.append(source); return out; }
  const chars = Array.from(source);
  let at = 0;
  for (const [start, end] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (!(start >= at && end > start && end <= chars.length)) continue;
    out.append(chars.slice(at, start).join(""), h("u.phrase", {}, chars.slice(start, end).join("")));
    at = end;
  }
  out.append(chars.slice(at).join(""));
  return out;
}

const pathOf = (label) => (Array.isArray(label.path) ? label.path.join(" > ") : String(label.path ?? label.name ?? label.id));
const count = (n) => Number(n ?? 0).toLocaleString("en-GB");
const percent = (p, digits = 0) => `${(100 * Number(p)).toFixed(digits)} %`;
const compact = (n) => (n >= 1e6 ? (n / 1e6).toFixed(n >= 1e7 ? 0 : 1) + "M" : n >= 1e4 ? (n / 1e3).toFixed(n >= 1e5 ? 0 : 1) + "k" : count(n));
const safeColour = (value) => (/^#[0-9a-f]{3,8}$/i.test(value ?? "") ? value : "#7a828e");
const clamp = (v, lo, hi) => Math.min(hi, Math.max(lo, v));
const bytesText = (n) => (n >= 1 << 30 ? (n / (1 << 30)).toFixed(1) + " GiB" : n >= 1 << 20 ? (n / (1 << 20)).toFixed(1) + " MiB" : n >= 1024 ? (n / 1024).toFixed(0) + " KiB" : n + " B");
const uuid = () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, "0")).join("");

/** The bytes behind a binary trait (a DataView on this side) without a copy. */
function bytesOf(value) {
  if (!value) return new Uint8Array(0);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

function debounce(fn, ms) {
  let timer;
  const run = (...args) => { clearTimeout(timer); timer = setTimeout(() => fn(...args), ms); };
  run.cancel = () => clearTimeout(timer);
  return run;
}

function isDark(model) {
  const forced = model?.get("theme");
  if (forced === "dark" || forced === "light") return forced === "dark";
  const light = document.body.dataset.jpThemeLight;
  if (light !== undefined) return light === "false";
  const rgb = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [255, 255, 255];
  return (rgb[3] ?? 1) > 0 && rgb[0] * 0.3 + rgb[1] * 0.59 + rgb[2] * 0.11 < 110;
}

/** Set up a view: theme class that follows the page, one list of things to undo, keys kept from the host page. */
function mount(model, el, name, onTheme) {
  el.classList.add("wb", `wb-${name}`);
  const undo = [];
  const view = {
    undo,
    /** Listen to a trait or message and stop when the view goes. */
    on(event, fn) { model.on(event, fn); undo.push(() => model.off(event, fn)); },
    listen(target, event, fn, options) { target.addEventListener(event, fn, options); undo.push(() => target.removeEventListener(event, fn, options)); },
    stop() { for (const fn of undo.splice(0)) fn(); },
  };
  let last;
  const apply = () => {
    const dark = isDark(model);
    if (dark === last) return;
    last = dark;
    el.classList.toggle("wb-dark", dark);
    onTheme?.(dark);
  };
  const observer = new MutationObserver(apply);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name", "class"] });
  undo.push(() => observer.disconnect());
  view.on("change:theme", apply);
  apply();
  // JupyterLab binds single keys (a, b, j, k, x ...); keys typed inside an element must not reach it.
  el.setAttribute("data-lm-suppress-shortcuts", "true");
  view.listen(el, "keydown", keepKey);
  return view;
}

const keepKey = (event) => { if (!event.ctrlKey && !event.metaKey) event.stopPropagation(); };

/** Keep from the host page what is typed at the plain controls of the panel around an element, as soon as it is there. */
function keepKeysOfPanel(view, el, frames = 300) {
  const panel = el.closest(".wb-panel");
  if (panel) view.listen(panel, "keydown", keepKey);
  else if (frames) requestAnimationFrame(() => keepKeysOfPanel(view, el, frames - 1));
}

/** Ask Python and wait: the answer, or an Error with .next. */
function asker(model, view, timeout = 30000) {
  const open = new Map();
  view.on("msg:custom", (message) => {
    if (message.type !== "reply" || !open.has(message.id)) return;
    const { resolve, reject, timer } = open.get(message.id);
    open.delete(message.id);
    clearTimeout(timer);
    if (message.error) reject(Object.assign(new Error(message.error.title), { next: message.error.next }));
    else resolve(message.result);
  });
  view.undo.push(() => { for (const { timer } of open.values()) clearTimeout(timer); });
  return (type, content = {}) => new Promise((resolve, reject) => {
    const id = uuid();
    const timer = setTimeout(() => { open.delete(id); reject(Object.assign(new Error("No answer from the server."), { next: "Check the connection, then retry." })); }, timeout);
    open.set(id, { resolve, reject, timer });
    try { model.send({ ...content, type, id }); } catch (error) { clearTimeout(timer); open.delete(id); reject(Object.assign(new Error("Not connected to the server."), { next: "Reload the page." })); }
  });
}

async function copyText(text) {
  try { await navigator.clipboard.writeText(text); return true; } catch { /* not a secure context: fall through */ }
  const area = h("textarea", { style: { position: "fixed", top: "-100px" } });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

/** A cell that a spreadsheet would run as a formula gets a leading apostrophe; then CSV quoting. */
function csvCell(value) {
  let text = value === null || value === undefined ? "" : String(value);
  if (typeof value !== "number" && /^[=+\-@\t\r]/.test(text)) text = "'" + text;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The path of a label; where room is short what is above it gives way, for the last name tells it from its neighbours. */
function pathText(label) {
  const whole = pathOf(label), cut = whole.lastIndexOf(" > ");
  if (cut < 0) return h("span.clip", {}, whole);
  return h("span.clip.path", {}, h("span.up", {}, whole.slice(0, cut)), h("span.to", {}, " > "), h("span.clip", {}, whole.slice(cut + 3)));
}
function labelChip(label, { state = "", probability, title, children = [] } = {}) {
  return h(`span.chip${state ? "." + state : ""}`, { title: title ?? pathOf(label), style: { "--c": safeColour(label.colour), "--p": String(clamp(probability ?? 1, 0, 1)) } },
    state === "assigned" ? icon("ticks") : h("span.dot"), pathText(label), children);
}
