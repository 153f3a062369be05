// Sortable virtual table.

function render({ model, el }) {
  const v = mount(model, el, "table"), ask = asker(model, v);
  let focus = 0;
  const title = h("b.grow.clip"), said = h("span.small.muted", { role: "status" }), head = h("div.t-head.t-grid", { role: "row" }), port = h("div.port", { tabIndex: 0, role: "rowgroup" });
  const copy = button("Copy CSV", { icon: "copy", kind: "ghost", title: "Copy the whole table as CSV", onClick: async () => {
    try { said.textContent = (await copyText(await ask("csv"))) ? `${count(model.get("total"))} rows copied` : "Copying is blocked by the browser"; } catch (error) { said.textContent = error.message; }
  } });
  const copyCode = button("Copy code", { icon: "code", kind: "ghost", title: "Copy the Python code that gives these rows", onClick: async () => { said.textContent = (await copyText(model.get("code"))) ? "Code copied" : "Copying is blocked by the browser"; } });
  const grid = h("div.scroller", {}, head, port), box = h("div.panel", { role: "table" }, h("div.row.bar-top", {}, title, said, copyCode, copy), grid);
  el.append(box);
  const columns = () => model.get("columns");
  const numeric = (c) => c.kind === "number" || c.kind === "percent" || c.kind === "points";
  function cell(value, c, row) {
    if (value === null || value === undefined || Number.isNaN(value)) return h("span.muted", {}, "–");
    if (c.kind === "state") return h("span.state", {}, stateRing(value, row[c.examples] ?? 0, c.wanted ?? 0), stateWord(value, row[c.examples] ?? 0, c.wanted ?? 0) || String(value));
    if (c.kind === "label") return labelChip(value);
    if (c.kind === "percent") return percent(value, c.digits ?? 0);
    if (c.kind === "points") return (100 * value).toLocaleString("en-GB", { minimumFractionDigits: c.digits ?? 1, maximumFractionDigits: c.digits ?? 1 });
    if (c.kind === "number" && typeof value === "number") return value.toLocaleString("en-GB", { minimumFractionDigits: c.digits ?? 0, maximumFractionDigits: c.digits ?? 0 });
    return String(value);
  }
  const open = (i) => { const row = list.row(i); if (row && model.get("opens")) model.send({ type: "open", key: row[columns()[0].key] }); };
  const draw = (row, i) => h(`div.v-row.t-row.t-grid${i === focus ? ".focus" : ""}${model.get("opens") ? ".opens" : ""}`, { role: "row", "aria-rowindex": i + 2, on: { click: () => { focus = i; open(i); } } }, columns().map((c) => h(`div.cell${numeric(c) ? ".num" : ""}`, { role: "cell", title: c.kind === "label" ? null : row[c.key] }, cell(row[c.key], c, row))));
  const list = virtualList({ viewport: port, rowHeight: 32, pageSize: 200, view: v, draw, onDrawn: () => { head.style.paddingRight = `${port.offsetWidth - port.clientWidth}px`; }, load: (offset, limit) => ask("page", { offset, limit, sort_key: model.get("sort_key"), descending: model.get("descending") }) });
  function sort(c) {
    const same = model.get("sort_key") === c.key, first = numeric(c); // figures start with the largest
    if (same && model.get("descending") !== first) { model.set("sort_key", ""); model.set("descending", false); }
    else { model.set("sort_key", c.key); model.set("descending", same ? !model.get("descending") : first); }
    model.save_changes(); heading(); list.reset(model.get("total"));
  }
  function heading() {
    const key = model.get("sort_key"), down = model.get("descending");
    grid.style.setProperty("--cols", columns().map((c, i) => (c.width ? (i || numeric(c) ? `${Number(c.width)}px` : `minmax(${Number(c.width)}px, 1fr)`) : numeric(c) ? "minmax(84px, .6fr)" : "minmax(120px, 1.6fr)")).join(" "));
    grid.style.setProperty("--least", `${columns().reduce((sum, c) => sum + (Number(c.width) || (numeric(c) ? 84 : 120)), 0)}px`);
    const inside = head.contains(document.activeElement) ? [...head.children].indexOf(document.activeElement.closest(".cell")) : -1;
    head.replaceChildren(...columns().map((c) => h(`div.cell${numeric(c) ? ".num" : ""}`, { role: "columnheader", "aria-sort": c.key === key ? (down ? "descending" : "ascending") : "none" },
      h("button", { type: "button", title: `Sort by ${c.title ?? c.key}`, on: { click: () => sort(c) } }, h("span.clip", {}, c.title ?? c.key), c.key === key ? icon(down ? "down" : "up") : null))));
    if (inside >= 0) head.children[inside]?.querySelector("button").focus();
    title.textContent = model.get("title"); box.setAttribute("aria-label", model.get("title")); box.setAttribute("aria-rowcount", model.get("total") + 1); box.setAttribute("aria-colcount", columns().length);
    port.setAttribute("aria-label", `${model.get("title")}, rows`);
    port.style.height = `${Math.min(model.get("height"), Math.max(1, model.get("total")) * 32)}px`;
    if (!model.get("total")) said.textContent = "no rows"; else if (said.textContent === "no rows" || !said.textContent) said.textContent = `${count(model.get("total"))} row${model.get("total") === 1 ? "" : "s"}`;
  }
  v.listen(port, "keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); open(focus); return; }
    const page = Math.floor(port.clientHeight / 32) - 1, to = { ArrowDown: focus + 1, ArrowUp: focus - 1, PageDown: focus + page, PageUp: focus - page, Home: 0, End: list.total - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault(); focus = clamp(to, 0, Math.max(0, list.total - 1)); list.reveal(focus);
  });
  const again = () => { said.textContent = ""; focus = 0; heading(); list.reset(model.get("total")); };
  for (const key of ["columns", "total", "title", "height"]) v.on(`change:${key}`, again);
  for (const key of ["sort_key", "descending"]) v.on(`change:${key}`, () => { heading(); list.reset(model.get("total")); });
  v.on("msg:custom", (m) => { if (m.type === "reload") again(); });
  const offer = () => { copyCode.hidden = !model.get("code"); };
  v.on("change:code", offer);
  offer();
  again();
  return () => v.stop();
}

export default { render };
