// Map of messages: view, tools, legend, names. Drawing lives in map_gl.js.

function render({ model, el }) {
  const started = performance.now();
  let dark = false, tool = "pan", view = { cx: 0.5, cy: 0.5, k: 1 }, scheduled = 0, hovered = -1, shape = null, cells = null, layer = null;
  const shown = new Uint8Array(65536).fill(1), hidden = new Set();
  const canvas = h("canvas.points", { "aria-hidden": "true" }), overlay = h("canvas.shape", { "aria-hidden": "true" }), names = h("div.names", { "aria-hidden": "true" });
  const tip = h("div.tip.pop", { role: "tooltip", hidden: true }), status = h("div.status.small", { role: "status", "aria-live": "polite" }), veil = h("div.veil", { hidden: true });
  const stage = h("div.stage", { tabIndex: 0, role: "application" }, canvas, overlay, names, tip, veil);
  const tools = h("div.tools", { role: "toolbar", "aria-label": "Map tools" });
  const legend = h("div.legend"), legendHead = h("div.row.legend-head"), legendList = h("div.legend-list", { role: "group", "aria-label": "Categories" });
  legend.append(legendHead, legendList);
  el.append(h("div.panel.frame", {}, h("div.main", {}, stage, tools, status), legend));
  const v = mount(model, el, "map", (value) => { dark = value; paintColours(); redraw(); });
  const ask = asker(model, v, 5000);
  layer = new PointLayer(canvas, (what) => {
    veil.hidden = what !== "lost"; veil.textContent = "The graphics card was reset. Restoring the map…"; redraw();
  });

  const readPoints = () => {
    const raw = bytesOf(model.get("_points"));
    layer.set("points", new Uint16Array(raw.slice().buffer));
    const cat = bytesOf(model.get("category"));
    layer.set("category", cat.byteLength === layer.n * 2 && layer.n ? new Uint16Array(cat.slice().buffer) : null);
    cells = new Uint32Array(4096);
    const p = layer.data.points;
    for (let i = 0; i < p.length; i += 2) cells[(p[i + 1] >> 10) * 64 + (p[i] >> 10)]++;
    counts = null; cost = null;
  };
  let counts = null;
  const categoryCounts = () => {
    if (counts) return counts;
    counts = new Uint32Array(65536);
    const c = layer.data.category;
    if (c) for (let i = 0; i < c.length; i++) counts[c[i]]++; else counts[65535] = layer.n;
    return counts;
  };
  const readState = () => {
    const state = new Uint8Array(layer.n), sel = bytesOf(model.get("selection")), high = bytesOf(model.get("highlight"));
    if (sel.length) for (let i = 0; i < state.length; i++) if (sel[i >> 3] >> (i & 7) & 1) state[i] = 1;
    if (high.length) for (let i = 0; i < state.length; i++) if (high[i >> 3] >> (i & 7) & 1) state[i] |= 2;
    layer.set("state", state);
    focused = (sel.length > 0 && model.get("selection_count") > 0) || high.some((b) => b);
  };
  let focused = false;
  function paintColours() {
    if (!layer) return;
    const table = new Uint8Array(65536 * 4), none = dark ? [118, 126, 140] : [146, 152, 162];
    const palette = model.get("palette").map(rgbOf);
    for (let c = 0; c < 65536; c++) { const rgb = palette[c] ?? none; table[4 * c] = rgb[0]; table[4 * c + 1] = rgb[1]; table[4 * c + 2] = rgb[2]; table[4 * c + 3] = shown[c] ? 255 : 0; }
    layer.set("colours", table);
  }

  const unit = () => { const r = stage.getBoundingClientRect(); return { w: Math.max(1, r.width), h: Math.max(1, r.height), left: r.left, top: r.top }; };
  const dpr = () => Math.min(2, window.devicePixelRatio || 1);
  const toData = (x, y) => { const { w, h } = unit(); return [view.cx + (x - w / 2) / view.k, view.cy - (y - h / 2) / view.k]; };
  const toScreen = (x, y, w, hgt) => [(x - view.cx) * view.k + w / 2, hgt / 2 - (y - view.cy) * view.k];
  const fit = () => { const { w, h } = unit(); return { cx: 0.5, cy: 0.5, k: Math.min(w, h) * 0.92 }; };
  const zoom = (factor, x, y) => {
    const { w, h } = unit(), [dx, dy] = toData(x ?? w / 2, y ?? h / 2), k = clamp(view.k * factor, fit().k * 0.4, fit().k * 400);
    view = { k, cx: dx - ((x ?? w / 2) - w / 2) / k, cy: dy + ((y ?? h / 2) - h / 2) / k };
    redraw();
  };
  const pan = (dx, dy) => { view.cx = clamp(view.cx - dx / view.k, -0.5, 1.5); view.cy = clamp(view.cy + dy / view.k, -0.5, 1.5); redraw(); };
  const inView = () => {
    const { w, h } = unit(), [x0, y1] = toData(0, 0), [x1, y0] = toData(w, h);
    let n = 0;
    for (let y = clamp(Math.floor(y0 * 64), 0, 63); y <= clamp(Math.floor(y1 * 64), 0, 63); y++) for (let x = clamp(Math.floor(x0 * 64), 0, 63); x <= clamp(Math.floor(x1 * 64), 0, 63); x++) n += cells[y * 64 + x];
    const share = Math.min(1, ((x1 - x0) * (y1 - y0)) / (1 / 64) ** 2); // below one cell, take the cell's share
    return Math.max(1, n * (share < 1 ? share : 1));
  };

  // A weak card cannot draw a million points per frame: while something moves, every step-th point is drawn, and all of
  // them as soon as it rests. How many that is follows from the measured time of the first full drawing.
  let cost = null;
  const rest = debounce(() => drawNow(true), 90);
  function redraw() { scheduled ||= requestAnimationFrame(() => drawNow()); }
  function drawNow(full = false) {
    scheduled = 0;
    if (!cells) return;
    const { w, h } = unit(), d = dpr(), width = Math.round(w * d), height = Math.round(h * d);
    for (const c of [canvas, overlay]) if (c.width !== width || c.height !== height) { c.width = width; c.height = height; }
    // Aim for a fifth of the plot covered: few points are large and solid, many are small and see-through.
    const n = inView(), diameter = clamp(Math.sqrt((w * h * 0.2) / n) * 0.9, 1.7, 8) * model.get("point_size");
    const cover = (n * diameter * diameter * 0.79) / (w * h), alpha = clamp(0.9 - 0.16 * Math.log2(1 + cover * 6), 0.22, 0.88);
    const at = { ...view, k: view.k * d }, look = { size: diameter * d, alpha, focused, quiet: dark ? [0.3, 0.32, 0.36] : [0.8, 0.82, 0.85], ink: dark ? [1, 1, 1] : [0.07, 0.08, 0.1] };
    const step = full || cost === null ? 1 : clamp(Math.ceil(cost / 30), 1, 60);
    if (cost === null && layer.gl && !layer.lost && layer.n) cost = layer.time(at, look);
    else layer.draw(at, step > 1 ? { ...look, size: look.size * Math.min(2, Math.sqrt(step)) } : look, step);
    rest.cancel();
    if (step > 1) rest(); else el.dataset.full = String(Math.round(performance.now()));
    placeNames(w, h);
    drawShape(d);
    if (!el.dataset.drawn && layer.n) { el.dataset.drawn = String(Math.round(performance.now() - started)); }
  }
  function drawShape(d) {
    const ctx = overlay.getContext("2d");
    ctx.setTransform(d, 0, 0, d, 0, 0); ctx.clearRect(0, 0, overlay.width, overlay.height);
    if (!shape || shape.length < 2) return;
    const accent = getComputedStyle(el).getPropertyValue("--wb-accent").trim() || "#3b5bdb";
    ctx.beginPath(); for (const [x, y] of shape) ctx.lineTo(x, y); ctx.closePath();
    ctx.globalAlpha = 0.12; ctx.fillStyle = accent; ctx.fill(); ctx.globalAlpha = 1; ctx.strokeStyle = accent; ctx.lineWidth = 1.5; ctx.setLineDash([5, 4]); ctx.stroke();
  }
  let labels = [];
  function readNames() {
    const [ox, oy, side] = model.get("_frame"), palette = model.get("palette");
    labels = model.get("annotations").map((a) => {
      const node = h("span.name", { style: { "--c": safeColour(palette[a.category]) } }, h("span.dot"), h("span", {}, a.text));
      return { x: (a.x - ox) / side, y: (a.y - oy) / side, category: a.category ?? -1, node, size: null };
    });
    names.replaceChildren(...labels.map((l) => l.node));
    for (const l of labels) l.size = [l.node.offsetWidth || 80, l.node.offsetHeight || 18];
  }
  function placeNames(w, hgt) {
    const edge = stage.getBoundingClientRect(), bar = tools.getBoundingClientRect(), foot = status.getBoundingClientRect();
    const taken = [bar, foot].map((r) => [r.left - edge.left, r.top - edge.top, r.right - edge.left, r.bottom - edge.top]);
    for (const l of labels) {
      if (l.size[0] <= 1 || !l.node.offsetWidth) l.size = [l.node.offsetWidth || 80, l.node.offsetHeight || 18];
      const [x, y] = toScreen(l.x, l.y, w, hgt), [bw, bh] = l.size;
      const beside = y - bh / 2 < taken[0][3] && y + bh / 2 > taken[0][1] ? taken[0][2] + 6 : 4, left = clamp(x - bw / 2, beside, Math.max(beside, w - bw - 4)), box = [left - 4, y - bh / 2 - 3, left + bw + 4, y + bh / 2 + 3];
      const ok = x > -20 && x < w + 20 && y > 8 && y < hgt - 8 && (l.category < 0 || shown[l.category]) && !taken.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1]);
      l.node.style.visibility = ok ? "visible" : "hidden";
      if (ok) { taken.push(box); l.node.style.transform = `translate(${left}px, ${y - bh / 2}px)`; }
    }
  }

  // Selection ---------------------------------------------------------------------------------------------------------
  let sending = false, lastSent = null;
  function choose(collect, mode) {
    const t0 = performance.now(), n = layer.n, state = layer.data.state.length === n ? layer.data.state.slice() : new Uint8Array(n);
    if (mode === "new") for (let i = 0; i < n; i++) state[i] &= 2;
    collect(mode === "remove" ? (i) => { state[i] &= 2; } : (i) => { state[i] |= 1; });
    const mask = new Uint8Array((n + 7) >> 3);
    let total = 0;
    for (let i = 0; i < n; i++) if (state[i] & 1) { mask[i >> 3] |= 1 << (i & 7); total++; }
    layer.set("state", state);
    focused = total > 0 || bytesOf(model.get("highlight")).some((b) => b);
    sending = true; lastSent = total ? mask : new Uint8Array(0);
    model.set("selection", total ? new DataView(mask.buffer) : new DataView(new ArrayBuffer(0)));
    model.set("selection_count", total);
    sending = false;
    el.dataset.selectMs = (performance.now() - t0).toFixed(1);
    if (scheduled) cancelAnimationFrame(scheduled);
    drawNow(); // highlight before the message leaves
    el.dataset.lassoMs = (performance.now() - t0).toFixed(1);
    say();
    model.save_changes();
  }
  const selectShape = (polygon, mode) => choose((found) => pointsInside(polygon.map(([x, y]) => toData(x, y).map((u) => u * 65535)), layer.data, shown, found), mode);
  const selectCategory = (c, mode) => choose((found) => { const cat = layer.data.category; for (let i = 0; i < layer.n; i++) if ((cat ? cat[i] : 65535) === c) found(i); }, mode);
  const clear = () => choose(() => {}, "new");
  const selectView = () => { const { w, h } = unit(); selectShape([[0, 0], [w, 0], [w, h], [0, h]], "new"); };
  function say() {
    const chosen = model.get("selection_count"), parts = [h("span", {}, `${count(layer.n)} messages`)];
    if (chosen) parts.push(h("b", {}, `${count(chosen)} selected`), button("Clear", { kind: "ghost", onClick: () => { clear(); stage.focus(); } }));
    if (layer.flat && layer.n > 40000) parts.push(h("span", {}, "no WebGL 2: a sample is drawn"));
    status.replaceChildren(...parts);
    stage.setAttribute("aria-label", `${model.get("title")}: ${count(layer.n)} messages, ${count(chosen)} selected. Arrow keys move, plus and minus zoom, L lasso, B box, A selects what is in view, Escape clears.`);
  }

  // Tools -------------------------------------------------------------------------------------------------------------
  const toolButtons = {};
  const setTool = (name) => { tool = name; for (const [k, b] of Object.entries(toolButtons)) b.setAttribute("aria-pressed", String(k === name)); stage.dataset.tool = name; };
  for (const [name, glyph, text] of [["pan", "hand", "Move (H)"], ["lasso", "lasso", "Lasso (L, or hold Shift and drag)"], ["box", "box", "Box (B)"]]) { toolButtons[name] = button("", { icon: glyph, title: text, pressed: false, onClick: () => setTool(name) }); tools.append(toolButtons[name]); }
  tools.append(h("span.sep"), button("", { icon: "plus", title: "Zoom in (+)", onClick: () => zoom(1.6) }), button("", { icon: "minus", title: "Zoom out (-)", onClick: () => zoom(1 / 1.6) }), button("", { icon: "reset", title: "Reset view (0)", onClick: () => reset() }));
  const reset = () => { view = fit(); redraw(); };
  setTool("pan");

  let drag = null;
  const local = (event) => { const { left, top } = unit(); return [event.clientX - left, event.clientY - top]; };
  v.listen(stage, "pointerdown", (event) => {
    if (event.button !== 0) return;
    stage.setPointerCapture(event.pointerId); stage.focus({ preventScroll: true }); tip.hidden = true;
    const kind = event.shiftKey && tool === "pan" ? "lasso" : tool;
    drag = { kind, start: local(event), last: local(event), mode: event.altKey ? "remove" : event.ctrlKey || event.metaKey ? "add" : "new", moved: false };
    if (kind !== "pan") shape = [drag.start];
  });
  v.listen(stage, "pointermove", (event) => {
    const at = local(event);
    if (!drag) return hover(at);
    drag.moved ||= Math.hypot(at[0] - drag.start[0], at[1] - drag.start[1]) > 3;
    if (drag.kind === "pan") { if (drag.moved) pan(at[0] - drag.last[0], at[1] - drag.last[1]); }
    else if (drag.kind === "box") shape = [drag.start, [at[0], drag.start[1]], at, [drag.start[0], at[1]]];
    else if (Math.hypot(at[0] - shape.at(-1)[0], at[1] - shape.at(-1)[1]) > 2) shape.push(at);
    drag.last = at;
    if (drag.kind !== "pan") drawShape(dpr());
  });
  v.listen(stage, "pointerup", () => {
    const done = drag, outline = shape;
    drag = shape = null;
    if (done && done.kind !== "pan") { if (done.moved && outline.length > 2) selectShape(outline, done.mode); else if (done.mode === "new") clear(); else redraw(); }
  });
  v.listen(stage, "pointercancel", () => { drag = shape = null; redraw(); });
  v.listen(stage, "dblclick", (event) => zoom(2, ...local(event)));
  v.listen(stage, "wheel", (event) => { event.preventDefault(); tip.hidden = true; zoom(Math.exp(-clamp(event.deltaY, -240, 240) * (event.deltaMode ? 0.05 : 0.002)), ...local(event)); }, { passive: false });
  v.listen(stage, "pointerleave", () => { ask_hover.cancel(); hovered = -1; tip.hidden = true; });
  v.listen(stage, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 160 : 48;
    const act = { ArrowLeft: () => pan(step, 0), ArrowRight: () => pan(-step, 0), ArrowUp: () => pan(0, step), ArrowDown: () => pan(0, -step), "+": () => zoom(1.4), "=": () => zoom(1.4), "-": () => zoom(1 / 1.4), 0: reset,
      l: () => setTool("lasso"), b: () => setTool("box"), h: () => setTool("pan"), a: selectView, Escape: () => { if (shape) { drag = shape = null; redraw(); } else clear(); } }[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  const ask_hover = debounce(async (index, at) => {
    try {
      const text = await ask("hover", { index });
      if (hovered !== index || !text) return;
      tip.textContent = text; tip.hidden = false;
      const { w, h } = unit();
      tip.style.left = `${clamp(at[0] + 14, 4, Math.max(4, w - tip.offsetWidth - 4))}px`;
      tip.style.top = `${at[1] + 18 + tip.offsetHeight > h ? Math.max(4, at[1] - tip.offsetHeight - 12) : at[1] + 18}px`;
    } catch { tip.hidden = true; }
  }, 60);
  function hover(at) {
    const { points, category } = layer.data, [x, y] = toData(...at).map((u) => u * 65535), reach = (7 / view.k) * 65535;
    let best = -1, near = reach * reach;
    for (let i = 0, n = layer.n; i < n; i++) {
      const dx = points[2 * i] - x;
      if (dx > reach || dx < -reach) continue;
      const dy = points[2 * i + 1] - y, d = dx * dx + dy * dy;
      if (d < near && shown[category ? category[i] : 65535]) { near = d; best = i; }
    }
    if (best === hovered) return;
    hovered = best; tip.hidden = true; ask_hover.cancel();
    stage.classList.toggle("over", best >= 0);
    if (best >= 0) ask_hover(best, at);
  }

  // Legend ------------------------------------------------------------------------------------------------------------
  function drawLegend() {
    const palette = model.get("palette"), titles = model.get("category_names"), totals = categoryCounts();
    const ids = [...titles.keys(), ...(totals[65535] ? [65535] : [])];
    legend.hidden = !titles.length;
    const toggle = (c, only) => {
      if (only) for (const other of ids) { shown[other] = other === c ? 1 : 0; } else shown[c] = shown[c] ? 0 : 1;
      hidden.clear(); for (const other of ids) if (!shown[other]) hidden.add(other);
      paintColours(); redraw(); sync();
    };
    const rows = ids.map((c) => {
      const name = c === 65535 ? "No cluster" : titles[c];
      const box = h("button.legend-item", { type: "button", role: "checkbox", title: `${name}: show or hide; double-click shows only this`, on: { click: () => toggle(c), dblclick: () => toggle(c, true) } },
        h("span.dot", { style: { "--c": c === 65535 ? "var(--wb-line-strong)" : safeColour(palette[c]) } }), h("span.clip.grow", {}, name), h("span.num.muted", {}, compact(totals[c])));
      return { c, box, row: h("div.legend-row", {}, box, button("", { icon: "lasso", kind: "ghost", title: `Select all of ${name}`, onClick: (event) => selectCategory(c, event.shiftKey ? "add" : "new") })) };
    });
    const sync = () => { for (const { c, box } of rows) { box.setAttribute("aria-checked", String(!!shown[c])); box.classList.toggle("off", !shown[c]); } all.hidden = !hidden.size; };
    const all = button("Show all", { kind: "ghost", onClick: () => { shown.fill(1); hidden.clear(); paintColours(); redraw(); sync(); } });
    legendHead.replaceChildren(h("h3.grow", {}, `${titles.length} ${model.get("category_kind")}`), all);
    legendList.replaceChildren(...rows.map((r) => r.row));
    sync();
  }

  const refresh = debounce(() => { readPoints(); readState(); readNames(); drawLegend(); paintColours(); say(); view = fit(); redraw(); }, 0);
  v.on("change:_points", refresh); v.on("change:category", refresh);
  v.on("change:palette", () => { paintColours(); readNames(); drawLegend(); redraw(); });
  v.on("change:category_names", drawLegend);
  v.on("change:annotations", () => { readNames(); redraw(); });
  v.on("change:highlight", () => { readState(); redraw(); });
  v.on("change:selection", () => {
    // The kernel sends our own mask back; drawing it again would be work for nothing.
    const now = bytesOf(model.get("selection"));
    if (!sending && !(lastSent?.length === now.length && lastSent.every((b, i) => b === now[i]))) { lastSent = null; readState(); say(); redraw(); }
  });
  v.on("change:point_size", redraw);
  v.on("change:title", say);
  v.on("change:height", () => stage.style.setProperty("height", `${model.get("height")}px`));
  stage.style.setProperty("height", `${model.get("height")}px`);
  let width = 0;
  const resize = new ResizeObserver(() => { const { w } = unit(); if (!width || Math.abs(width - w) > 1) { const first = !width; width = w; if (first) view = fit(); else view.k *= fit().k / (lastFit || fit().k); lastFit = fit().k; } redraw(); });
  let lastFit = 0;
  readPoints(); readState(); paintColours(); drawLegend(); say();
  requestAnimationFrame(() => { readNames(); view = fit(); lastFit = view.k; drawNow(); resize.observe(stage); });
  el.wbMap = { screenOf: (x, y) => { const { w, h } = unit(), [ox, oy, side] = model.get("_frame"); return toScreen((x - ox) / side, (y - oy) / side, w, h); }, layer };
  return () => { rest.cancel(); resize.disconnect(); cancelAnimationFrame(scheduled); v.stop(); layer.gl?.getExtension("WEBGL_lose_context")?.loseContext(); };
}

export default { render };
