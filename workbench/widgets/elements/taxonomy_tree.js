// Taxonomy tree, after the ARIA tree pattern: one tab stop, arrows inside.

const STATES = { untrained: ["Untrained", 0], gathering: ["Gathering", 1], poor: ["Poor", 2], fair: ["Fair", 3], healthy: ["Healthy", 4], excellent: ["Excellent", 5] };

/** A ring whose filled arc grows with the state; the excellent one carries a tick, the untrained one is dashed. */
function stateRing(state) {
  const [name, level] = STATES[state] ?? ["", -1], svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16"); svg.setAttribute("class", `ring ${state ?? ""}`); svg.setAttribute("role", "img"); svg.setAttribute("aria-label", name || "No state");
  const add = (tag, attrs) => { const n = document.createElementNS(SVG, tag); for (const [k, x] of Object.entries({ fill: "none", "stroke-width": 2.5, ...attrs })) n.setAttribute(k, x); svg.append(n); };
  const round = 2 * Math.PI * 6;
  add("circle", { cx: 8, cy: 8, r: 6, class: "track", "stroke-dasharray": level === 0 ? "2.5 2.2" : "none" });
  if (level > 0) add("circle", { cx: 8, cy: 8, r: 6, class: "arc", "stroke-dasharray": `${(round * level) / 5} ${round}`, transform: "rotate(-90 8 8)" });
  if (level === 5) add("path", { d: "M5.500 8.200l1.800 1.800 3.200-3.600", class: "arc", "stroke-width": 1.6 });
  const title = document.createElementNS(SVG, "title");
  title.textContent = name; svg.prepend(title);
  return svg;
}

function render({ model, el }) {
  const v = mount(model, el, "tree"), closed = new Set();
  let focus = null, editing = null, query = "";
  const search = h("input.field", { type: "search", placeholder: "Search labels", "aria-label": "Search labels", on: { input: () => { query = search.value.trim().toLowerCase(); draw(); }, keydown: (e) => { if (e.key === "ArrowDown" || e.key === "Enter") { e.preventDefault(); focusRow(visible()[0]); } else if (e.key === "Escape") { search.value = query = ""; draw(); } } } });
  const fresh = button("New label", { icon: "plus", title: "New label (n)", onClick: () => edit({ kind: "new", parent: "" }) }), alert = h("div.alert.small", { role: "alert", hidden: true });
  const tree = h("ul.tree", { role: "tree" }), foot = h("div.foot.small.muted", { role: "status" });
  el.append(h("div.panel", {}, h("div.row.top", {}, h("div.grow", {}, search), fresh), alert, tree, foot));

  /** Flat list of nodes in tree order: {path, name, depth, label|null, kids}. */
  function nodes() {
    const root = { kids: new Map() };
    for (const label of model.get("labels")) {
      let at = root, path = [];
      for (const part of pathOf(label).split(" > ")) { path.push(part); if (!at.kids.has(part)) at.kids.set(part, { name: part, path: path.join(" > "), depth: path.length, label: null, kids: new Map() }); at = at.kids.get(part); }
      at.label = label;
    }
    const out = [], walk = (node) => { for (const kid of node.kids.values()) { out.push(kid); walk(kid); } };
    walk(root);
    return out;
  }
  let all = [];
  function visible() {
    if (query) {
      const words = query.split(/[\s>]+/).filter(Boolean), keep = new Set();
      for (const n of all) if (words.every((w) => n.path.toLowerCase().includes(w))) { const parts = n.path.split(" > "); for (let i = 1; i <= parts.length; i++) keep.add(parts.slice(0, i).join(" > ")); }
      return all.filter((n) => keep.has(n.path));
    }
    return all.filter((n) => { const parts = n.path.split(" > "); for (let i = 1; i < parts.length; i++) if (closed.has(parts.slice(0, i).join(" > "))) return false; return true; });
  }
  const selected = (n) => n.label && model.get("selected_ids").includes(n.label.id);
  function select(n, add) {
    if (!n?.label) return toggle(n);
    let ids = model.get("selected_ids");
    if (add && model.get("multiple")) ids = ids.includes(n.label.id) ? ids.filter((i) => i !== n.label.id) : [...ids, n.label.id];
    else ids = ids.length === 1 && ids[0] === n.label.id ? [] : [n.label.id];
    const order = model.get("labels").map((l) => l.id);
    model.set("selected_ids", ids.sort((a, b) => order.indexOf(a) - order.indexOf(b))); model.save_changes(); draw();
  }
  const toggle = (n) => { if (n?.kids.size) { if (closed.has(n.path)) closed.delete(n.path); else closed.add(n.path); draw(); } };
  function focusRow(n) { if (!n) return; focus = n.path; draw(); tree.querySelector('[tabindex="0"]')?.focus(); }
  function edit(what) { if (!model.get("editable") || (what.kind === "rename" && !model.get("renames"))) return; editing = what; if (what.parent) closed.delete(what.parent); draw(); const field = tree.querySelector("input"); field?.focus(); field?.select(); }
  function editor(value, words) {
    let over = false;
    const end = (save) => {
      if (over) return;
      over = true;
      const what = editing, text = field.value.trim().replace(/\s+/g, " ");
      editing = null;
      if (save && text && !(what.kind === "rename" && text === what.node.name)) {
        if (what.kind === "rename") model.send({ type: "rename", label_id: what.node.label.id, name: text });
        else model.send({ type: "new", path: what.parent ? `${what.parent} > ${text}` : text });
      }
      draw(); tree.querySelector('[tabindex="0"]')?.focus();
    };
    const field = h("input.field", { type: "text", value, "aria-label": words, on: { keydown: (e) => { e.stopPropagation(); if (e.key === "Enter") end(true); else if (e.key === "Escape") end(false); }, blur: () => end(true) } });
    return field;
  }
  function draw() {
    all = nodes();
    const rows = visible(), ids = model.get("selected_ids");
    if (!rows.some((n) => n.path === focus)) focus = rows[0]?.path ?? null;
    const hadFocus = tree.contains(document.activeElement) && document.activeElement.tagName !== "INPUT";
    const items = rows.map((n) => {
      const l = n.label, open = n.kids.size ? !closed.has(n.path) || !!query : undefined;
      const line = h("li.node", { role: "treeitem", tabIndex: n.path === focus && !editing ? 0 : -1, "aria-level": n.depth, "aria-selected": String(!!selected(n)), "aria-expanded": open === undefined ? null : String(open), "data-path": n.path, title: [n.path, l?.note].filter(Boolean).join("\n"), style: { "--depth": String(n.depth - 1) }, on: { click: (e) => { focus = n.path; select(n, e.ctrlKey || e.metaKey || e.shiftKey); }, dblclick: () => l && edit({ kind: "rename", node: n }) } },
        h("span.twist", { on: { click: (e) => { e.stopPropagation(); focus = n.path; toggle(n); } } }, n.kids.size ? icon(open ? "down" : "right") : null), h("span.dot", { style: { "--c": safeColour(l?.colour) } }),
        editing?.kind === "rename" && editing.node.path === n.path ? editor(n.name, `New name of ${n.path}`) : h("span.clip.grow", {}, n.name), l?.count !== undefined && l?.count !== null ? h("span.num.muted.small", {}, count(l.count)) : null, l?.state ? h("span.state", {}, h("span.small.muted.word", {}, STATES[l.state]?.[0] ?? ""), stateRing(l.state)) : null);
      return editing?.kind === "new" && editing.parent === n.path ? [line, newRow(n.depth)] : line;
    });
    if (editing?.kind === "new" && !editing.parent) items.unshift(newRow(0));
    tree.replaceChildren(...items.flat());
    if (!all.length && !editing) tree.replaceChildren(h("li.empty", { role: "none" }, "No labels yet."));
    else if (!rows.length && !editing) tree.replaceChildren(h("li.empty", { role: "none" }, "No label matches."));
    if (hadFocus) tree.querySelector('[tabindex="0"]')?.focus({ preventScroll: true });
    tree.querySelector('[tabindex="0"]:focus')?.scrollIntoView({ block: "nearest" });
    tree.setAttribute("aria-label", model.get("title")); tree.setAttribute("aria-multiselectable", String(model.get("multiple")));
    tree.style.maxHeight = `${model.get("height")}px`;
    fresh.hidden = !model.get("editable"); alert.hidden = !model.get("error"); alert.textContent = model.get("error");
    foot.textContent = `${count(model.get("labels").length)} label${model.get("labels").length === 1 ? "" : "s"}${ids.length ? `, ${count(ids.length)} selected` : ""}`;
  }
  const newRow = (depth) => h("li.node", { role: "none", style: { "--depth": String(depth) } }, h("span.twist"), icon("plus"), editor("", "Name of the new label"));
  v.listen(tree, "keydown", (event) => {
    const rows = visible(), i = rows.findIndex((n) => n.path === focus), n = rows[i];
    if (!n && event.key !== "n") return;
    const act = { ArrowDown: () => focusRow(rows[i + 1]), ArrowUp: () => focusRow(rows[i - 1]), Home: () => focusRow(rows[0]), End: () => focusRow(rows.at(-1)),
      ArrowRight: () => (n.kids.size && closed.has(n.path) ? toggle(n) : n.kids.size && focusRow(rows[i + 1])), ArrowLeft: () => (n.kids.size && !closed.has(n.path) && !query ? toggle(n) : focusRow(rows.find((m) => m.path === n.path.split(" > ").slice(0, -1).join(" > ")))),
      Enter: () => select(n, event.ctrlKey || event.shiftKey), " ": () => select(n, true), F2: () => n.label && edit({ kind: "rename", node: n }), n: () => edit({ kind: "new", parent: n?.path ?? "" }), "/": () => search.focus(), "*": () => { closed.clear(); draw(); } }[event.key];
    if (act) { event.preventDefault(); event.stopPropagation(); act(); }
  });
  for (const key of ["labels", "selected_ids", "multiple", "editable", "error", "height", "title"]) v.on(`change:${key}`, () => { if (!editing || key === "labels") draw(); });
  draw();
  return () => v.stop();
}

export default { render };
