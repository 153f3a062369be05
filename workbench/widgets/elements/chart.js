// One chart. The first chart on a page unpacks plotly.js from the shared runtime model; all others wait for the same promise.

function plotly(model) {
  return (globalThis.__workbenchPlotly ??= (async () => {
    const id = model.get("_runtime"), runtime = await model.widget_manager.get_model(id);
    const unpacked = new Response(new Blob([bytesOf(runtime.get("source"))]).stream().pipeThrough(new DecompressionStream("gzip")));
    // Hide module loaders from the script, so that it registers on the page whatever the host has loaded.
    const url = URL.createObjectURL(new Blob(["(function(define,module,exports){", await unpacked.text(), "\n}).call(globalThis);"], { type: "text/javascript" }));
    await new Promise((resolve, reject) => { const s = h("script", { src: url, on: { load: resolve, error: () => reject(new Error("plotly.js could not be loaded")) } }); document.head.append(s); });
    URL.revokeObjectURL(url);
    globalThis.__workbenchPlotlyLoads = (globalThis.__workbenchPlotlyLoads ?? 0) + 1;
    return globalThis.Plotly;
  })().catch((error) => { globalThis.__workbenchPlotly = undefined; throw error; }));
}

const CAPTION_CHARACTER = 6.1; // pixels of an average character at the caption's size, a little generous

function render({ model, el }) {
  let P = null, asTable = false, dark = false, stopped = false;
  const canvas = h("div.canvas"), table = h("div.as-table", { hidden: true, tabIndex: 0, role: "region" }), said = h("span.small.muted", { role: "status" });
  const copyCode = button("", { icon: "code", kind: "ghost", title: "Copy code", onClick: async () => flash((await copyText(model.get("code"))) ? "Code copied" : "Copying is blocked") });
  const offer = () => { copyCode.hidden = !model.get("code"); };
  const figure = h("figure", { role: "group" }, h("div.tools", {}, said,
    button("", { icon: "table", kind: "ghost", title: "Show as table", pressed: false, onClick: (e) => { asTable = !asTable; e.currentTarget.setAttribute("aria-pressed", String(asTable)); draw(); } }),
    button("", { icon: "copy", kind: "ghost", title: "Copy data as CSV", onClick: async () => flash((await copyText(toCsv())) ? "Copied" : "Copying is blocked") }), copyCode,
    button("", { icon: "image", kind: "ghost", title: "Save as PNG", onClick: () => P?.downloadImage(canvas, { format: "png", scale: 2, filename: (model.get("aria_label") || "chart").slice(0, 60).replace(/[^\w-]+/g, "_") }) })), canvas, table);
  el.append(figure);
  const v = mount(model, el, "chart", (value) => { dark = value; if (P) draw(); });
  let flashing;
  const flash = (text) => { said.textContent = text; clearTimeout(flashing); flashing = setTimeout(() => { said.textContent = ""; }, 2000); };
  const token = (name) => getComputedStyle(el).getPropertyValue(name).trim();
  const parse = () => { try { return JSON.parse((dark && model.get("dark_spec")) || model.get("spec") || "null"); } catch { return null; } };
  const list = (values) => (Array.isArray(values) ? values : values?._inputArray ?? []);

  function rows() {
    if (model.get("rows").length) return model.get("rows");
    const out = [];
    // Plotly has decoded typed arrays by the time the chart is drawn.
    for (const [i, trace] of (canvas._fullData ?? []).entries()) {
      const xs = Array.from(trace.x ?? trace.labels ?? []), ys = Array.from(trace.y ?? trace.values ?? []);
      for (let k = 0; k < Math.max(xs.length, ys.length); k++) out.push({ series: trace.name ?? String(i), x: xs[k], y: ys[k] });
    }
    return out;
  }
  function toCsv() {
    const data = rows(), keys = Object.keys(data[0] ?? {});
    return [keys, ...data.map((r) => keys.map((k) => r[k]))].map((r) => r.map(csvCell).join(",")).join("\n") + "\n";
  }
  function drawTable() {
    const data = rows(), keys = Object.keys(data[0] ?? {});
    table.setAttribute("aria-label", `${model.get("aria_label")}, as a table`);
    table.replaceChildren(h("table", {}, h("caption.sr", {}, model.get("aria_label")), h("thead", {}, h("tr", {}, keys.map((k) => h("th", { scope: "col" }, k)))),
      h("tbody", {}, data.slice(0, 2000).map((r) => h("tr", {}, keys.map((k) => h(`td${typeof r[k] === "number" ? ".num" : ""}`, {}, r[k] === null || r[k] === undefined ? "–" : typeof r[k] === "number" ? +r[k].toPrecision(6) : r[k])))))), data.length > 2000 ? h("p.muted", {}, `and ${count(data.length - 2000)} more rows`) : "");
  }
  function themed(layout = {}) {
    const ink = token("--wb-fg") || "#222", probe = h("i", { style: { color: "var(--wb-muted)", "border-top": "1px solid var(--wb-line)", background: "var(--wb-bg)" } });
    el.append(probe);
    const css = getComputedStyle(probe), muted = css.color, line = css.borderTopColor, paper = css.backgroundColor;
    probe.remove();
    const rgb = (c) => { const m = /color\(srgb ([\d.]+) ([\d.]+) ([\d.]+)/.exec(c); return m ? `rgb(${m.slice(1).map((x) => Math.round(255 * x)).join(",")})` : c; };
    const axis = { gridcolor: rgb(line), linecolor: rgb(line), zerolinecolor: rgb(line), tickcolor: rgb(line), tickfont: { color: rgb(muted), size: 11 }, title: { font: { color: rgb(muted), size: 12 }, standoff: 8 }, automargin: true, ticks: "" };
    const base = { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { family: token("--wb-font") || "sans-serif", size: 12, color: rgb(ink) }, xaxis: { ...axis, showgrid: false }, yaxis: axis, colorway: layout.colorway ?? ["#3160ea", "#16a59b", "#fc598f", "#7ea00d", "#7f5ebf", "#d5271a", "#658aba", "#ab7c56"],
      hoverlabel: { bgcolor: rgb(paper), bordercolor: rgb(line), font: { color: rgb(ink), size: 12 } }, legend: { font: { color: rgb(muted), size: 12 }, orientation: "h", y: 1.02, yanchor: "bottom", x: 0 }, title: { font: { size: 14, color: rgb(ink) }, x: 0, xanchor: "left" }, margin: { l: 48, r: 16, t: layout.title ? 44 : 28, b: 40 } };
    const { template, width, height, ...own } = layout;
    const fitted = wrapped(own);
    return { ...fitted, template: { layout: base }, autosize: true, margin: fitted.margin ?? base.margin };
  }
  // The caption fills the chart's own width; plotly does not wrap text.
  function wrapped(layout) {
    const caption = layout.meta?.caption, wide = canvas.clientWidth;
    if (!caption || !wide || !layout.title?.subtitle) return layout;
    const most = Math.max(24, Math.floor((wide - 24) / CAPTION_CHARACTER)), lines = [""];
    for (const word of caption.split(/ +/)) {
      const last = lines.length - 1, long = (s) => s.replace(/&\w+;/g, "x").length;
      if (lines[last] && long(lines[last]) + 1 + long(word) > most) lines.push(word); else lines[last] += (lines[last] ? " " : "") + word;
    }
    const before = layout.title.subtitle.text.split("<br>").length, line = 15;
    return { ...layout, title: { ...layout.title, subtitle: { ...layout.title.subtitle, text: lines.join("<br>") } },
      margin: layout.margin && { ...layout.margin, t: layout.margin.t + line * (lines.length - before) } };
  }
  async function draw() {
    const spec = parse();
    figure.setAttribute("aria-label", model.get("aria_label"));
    for (const node of [canvas, table]) node.style.height = `${model.get("height")}px`;
    canvas.setAttribute("role", "img"); canvas.setAttribute("aria-label", model.get("aria_label"));
    canvas.hidden = asTable; table.hidden = !asTable;
    if (!spec) { canvas.textContent = ""; if (asTable) drawTable(); return; }
    try {
      P ??= await plotly(model);
      if (stopped) return;
      canvas.querySelector(":scope > .waiting")?.remove();
      await P.react(canvas, spec.data ?? [], themed(spec.layout), { displayModeBar: false, responsive: false, displaylogo: false, showTips: false });
      if (!canvas.dataset.bound) {
        canvas.dataset.bound = "1";
        canvas.on("plotly_click", (event) => { const p = event.points?.[0]; if (p) model.send({ type: "click", trace: p.curveNumber, point: p.pointNumber ?? p.pointIndex ?? 0, x: p.x ?? p.label ?? null, y: p.y ?? p.value ?? null, customdata: p.customdata ?? null }); });
      }
      if (asTable) drawTable();
      el.dataset.drawn = "1";
    } catch (error) { if (!stopped) canvas.replaceChildren(h("div.empty", {}, `This chart could not be drawn: ${error.message}`)); }
  }
  v.on("change:code", offer);
  offer();
  canvas.append(h("div.waiting", {}, h("span.sr", {}, "Loading")));
  let width = 0;
  const resize = new ResizeObserver(([entry]) => { const w = Math.round(entry.contentRect.width); if (P && canvas.dataset.bound && !asTable && w && w !== width) { width = w; draw(); } });
  resize.observe(canvas);
  for (const key of ["spec", "dark_spec", "rows", "aria_label", "height"]) v.on(`change:${key}`, draw);
  draw();
  return () => { stopped = true; resize.disconnect(); v.stop(); if (canvas.dataset.bound) P?.purge(canvas); };
}

export default { render };
