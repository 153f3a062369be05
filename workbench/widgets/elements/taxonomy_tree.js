// Taxonomy tree, after the ARIA tree pattern: one tab stop, arrows inside. Rows in view only are in the page.

const ROW = 28, EDGE = 4;

function render({ model, el }) {
  const v = mount(model, el, "tree"), get = (key) => model.get(key), T = treeModel(() => get("labels"));
  let focus = null, at = 0, editing = null, cut = null, drag = null, drawing = false, frame = 0, closeMenu = null, told = null;
  const search = h("input.field", { type: "search", placeholder: "Search labels", "aria-label": "Search labels", on: { input: () => find(search.value), keydown: (e) => { if (e.key === "ArrowDown" || e.key === "Enter") { e.preventDefault(); focusRow(T.rows[0]); } else if (e.key === "Escape") find((search.value = "")); } } });
  const undo = button("", { icon: "undo", title: "Undo", onClick: () => want("undo", []) });
  const fresh = button("New label", { icon: "plus", title: "New label (n)", onClick: () => edit("new", T.root) });
  const alert = h("div.alert.small", { role: "alert", hidden: true }), said = h("div.said.small", { role: "status", hidden: true });
  const space = h("li.space", { role: "none" }), tree = h("ul.tree", { role: "tree" }, space), foot = h("div.foot.small.muted", { role: "status" });
  el.append(h("div.panel", {}, h("div.row.top", {}, h("div.grow", {}, search), undo, fresh), alert, said, tree, foot));

  const selected = (n) => Boolean(n.label) && get("selected_ids").includes(n.label.id);
  const idOf = (n) => (n === T.root ? "" : n.label?.id);
  const want = (action, nodes, target = "") => model.send({ type: "gesture", action, label_ids: nodes.map(idOf), target_id: target });
  function find(text) { T.query = text.trim().toLowerCase(); tree.scrollTop = 0; draw(); }
  function select(n, add) {
    if (!n?.label) { toggle(n); return; }
    let ids = get("selected_ids");
    if (add && get("multiple")) ids = ids.includes(n.label.id) ? ids.filter((i) => i !== n.label.id) : [...ids, n.label.id];
    else ids = ids.length === 1 && ids[0] === n.label.id ? [] : [n.label.id];
    const order = new Map(get("labels").map((l, i) => [l.id, i]));
    model.set("selected_ids", ids.sort((a, b) => order.get(a) - order.get(b))); model.save_changes(); draw();
  }
  function toggle(n) { if (n?.kids.size) { T.toggle(n); draw(); } }
  function focusRow(n) { if (!n) return; focus = n.key; draw(true); const line = tree.querySelector('[tabindex="0"]'); line?.focus({ preventScroll: true }); line?.scrollIntoView({ block: "nearest" }); }

  // ---- names are typed in place; one that was refused is typed again
  function edit(kind, node, refused = "") {
    if (!get("editable") || (kind === "rename" && !(get("renames") && node.label))) return;
    editing = { kind, key: node.key, path: node.path, name: node.name, refused };
    editing.field = editor(editing);
    if (kind === "new") { if (T.closed.has(node.key)) T.toggle(node); T.reveal(node); if (node === T.root) tree.scrollTop = 0; }
    draw(); editing.field.focus(); editing.field.select();
  }
  function editor(what) {
    const end = (save) => {
      if (drawing || editing !== what) return;
      const text = field.value.trim().replace(/\s+/g, " "), inside = tree.contains(document.activeElement);
      editing = null;
      if (what.refused) { model.set("error", ""); model.save_changes(); }
      if (save && text && !(what.kind === "rename" && text === what.name)) { told = { ...what, text }; model.send(what.kind === "rename" ? { type: "rename", label_id: what.key, name: text } : { type: "new", path: what.path ? `${what.path} > ${text}` : text }); }
      draw(); if (inside) tree.querySelector('[tabindex="0"]')?.focus();
    };
    const field = h("input.field", { type: "text", value: what.refused || (what.kind === "rename" ? what.name : ""), "aria-invalid": what.refused ? "true" : null, spellcheck: "false", dir: "auto", "aria-label": what.kind === "rename" ? `New name of ${what.path}` : "Name of the new label", on: { keydown: (e) => { e.stopPropagation(); if (e.key === "Enter") { e.preventDefault(); end(true); } else if (e.key === "Escape") { e.preventDefault(); end(false); } }, blur: () => end(field.value !== what.refused) } });
    return field;
  }

  // ---- where a label goes
  function step(n, by) {
    const all = T.siblings(n), i = all.indexOf(n), j = i + by;
    if (!get("changes") || j < 0 || j >= all.length || all.some((one) => !one.label) || idOf(n.parent) === undefined) return;
    all.splice(i, 1); all.splice(j, 0, n);
    want("order", all, idOf(n.parent));
  }
  const mayHang = (n, parent) => n.label && idOf(parent) !== undefined && n.parent !== parent && !T.isWithin(parent, n);
  function paste(parent) {
    const n = cut && T.byId(cut);
    if (n && mayHang(n, parent)) { cut = null; draw(); want("move", [n], idOf(parent)); return; }
    const there = parent === T.root ? "at the top level" : `below ${parent.path}`;
    if (!n) foot.textContent = "Nothing is cut. Ctrl+X cuts the label in focus.";
    else if (n.parent === parent) foot.textContent = `${n.path} is ${there} already.`;
    else foot.textContent = `${n.path} cannot go ${there}: that is the label itself or below it.`;
  }
  function zone(event, line, n) {
    const y = event.clientY - line.getBoundingClientRect().top, side = y < ROW / 4 ? "before" : y > (3 * ROW) / 4 ? "after" : "into";
    if (side === "into") return mayHang(drag, n) ? side : "";
    if (n === drag || idOf(n.parent) === undefined) return "";
    return n.parent === drag.parent || mayHang(drag, n.parent) ? side : "";
  }
  function drop(side, n) {
    if (side === "into" || n.parent !== drag.parent) { want("move", [drag], idOf(side === "into" ? n : n.parent)); return; }
    const all = T.siblings(drag).filter((one) => one !== drag);
    all.splice(all.indexOf(n) + (side === "after" ? 1 : 0), 0, drag);
    if (all.every((one) => one.label)) want("order", all, idOf(drag.parent));
  }
  const unmark = () => { for (const line of tree.querySelectorAll("[data-drop]")) delete line.dataset.drop; delete tree.dataset.drop; };
  const drags = (n) => ({
    dragstart: (e) => { drag = n; e.dataTransfer.effectAllowed = "move"; e.dataTransfer.setData("text/plain", n.path); },
    dragend: () => { drag = null; unmark(); },
    dragover: (e) => { unmark(); const side = drag && zone(e, e.currentTarget, n); if (side) { e.preventDefault(); e.currentTarget.dataset.drop = side; } if (drag) e.stopPropagation(); },
    drop: (e) => { const side = drag && zone(e, e.currentTarget, n); unmark(); if (side) { e.preventDefault(); e.stopPropagation(); drop(side, n); } drag = null; },
  });
  v.listen(tree, "dragover", (e) => { unmark(); if (drag && mayHang(drag, T.root)) { e.preventDefault(); tree.dataset.drop = "into"; } });
  v.listen(tree, "drop", (e) => { unmark(); if (drag && mayHang(drag, T.root)) { e.preventDefault(); want("move", [drag]); } drag = null; });

  // ---- the menu of a label
  const together = (n) => (selected(n) ? T.all.filter(selected) : [n]);
  function menu(n) {
    if (!get("changes") || !n?.label) return;
    focusRow(n);
    const all = T.siblings(n), i = all.indexOf(n), several = together(n).length, off = idOf(n.parent) === undefined, waits = cut && T.byId(cut);
    closeMenu?.(false);
    closeMenu = openMenu({
      host: el, at: tree.querySelector('[tabindex="0"]'), title: `Change ${n.path}`, view: v,
      onClose: (back) => { closeMenu = null; if (back) tree.querySelector('[tabindex="0"]')?.focus(); },
      items: [
        { text: "Rename", keys: "F2", act: () => edit("rename", n) }, { text: "Describe…", keys: "D", act: () => want("describe", [n]) }, { text: "New label below", keys: "N", act: () => edit("new", n) }, null,
        { text: "Move up", keys: "Alt ↑", shortcut: "Alt+ArrowUp", off: off || i === 0, act: () => step(n, -1) }, { text: "Move down", keys: "Alt ↓", shortcut: "Alt+ArrowDown", off: off || i === all.length - 1, act: () => step(n, 1) },
        { text: "Move to…", keys: "M", act: () => want("move_to", [n]) }, { text: "Move to the top level", off: n.parent === T.root, act: () => want("move", [n]) },
        { text: "Cut", keys: "Ctrl X", shortcut: "Control+X", act: () => take(n) }, ...(waits ? [{ text: `Paste ${waits.name} below`, keys: "Ctrl V", shortcut: "Control+V", off: !mayHang(waits, n), act: () => paste(n) }] : []), null,
        { text: several > 1 ? `Merge ${several} labels into…` : "Merge into…", keys: "G", act: () => want("merge", together(n)) }, { text: "Split…", keys: "S", act: () => want("split", [n]) }, { text: "Delete…", keys: "Del", shortcut: "Delete", danger: true, act: () => want("delete", [n]) },
      ],
    });
  }
  function take(n) { if (get("changes") && n.label) { cut = n.label.id; draw(); } }

  // ---- drawing
  const words = (n) => [n.name, n.label?.count !== undefined && n.label?.count !== null && `${count(n.label.count)} reviewed`, n.label?.predicted ? `${count(n.label.predicted)} predicted` : null, n.label?.state ? stateTold(n.label.state, n.label.count ?? 0, get("wanted")) : null, cut && n.label?.id === cut ? "cut" : null].filter(Boolean).join(", ");
  function row(n, i, predicts) {
    const l = n.label, open = n.kids.size ? T.isOpen(n) : undefined, changes = get("changes") && l;
    const typed = editing?.kind === "rename" && editing.key === n.key;
    return h("li.node", { role: "treeitem", tabIndex: n.key === focus && !editing ? 0 : -1, "aria-label": words(n), "aria-level": n.depth, "aria-posinset": n.place, "aria-setsize": n.of, "aria-selected": String(selected(n)), "aria-expanded": open === undefined ? null : String(open), "data-path": n.path, "data-cut": cut && l?.id === cut, draggable: changes && !typed ? "true" : null, title: [n.path, l?.note].filter(Boolean).join("\n"), style: { "--depth": String(n.depth - 1), top: `${EDGE + i * ROW}px` },
      on: { click: (e) => { if (e.detail > 1) return; focus = n.key; select(n, e.ctrlKey || e.metaKey || e.shiftKey); }, dblclick: () => edit("rename", n), contextmenu: (e) => { if (changes) { e.preventDefault(); menu(n); } }, ...(get("changes") ? drags(n) : {}) } },
      h("span.twist", { on: { click: (e) => { e.stopPropagation(); focus = n.key; toggle(n); } } }, n.kids.size ? icon(open ? "down" : "right") : null), h("span.dot", { style: { "--c": safeColour(l?.colour) } }),
      typed ? editing.field : h("span.clip.grow", { dir: "auto" }, n.name),
      l?.count !== undefined && l?.count !== null ? h("span.num.small", { title: `${count(l.count)} reviewed messages carry it` }, count(l.count)) : null,
      predicts ? h("span.num.guess.muted.small", { title: l?.predicted ? `about ${count(l.predicted)} of the other messages carry it, the model says` : null }, l?.predicted ? `≈ ${compact(l.predicted)}` : "") : null,
      l?.state ? h("span.state", {}, h("span.small.muted.word", {}, stateWord(l.state, l.count ?? 0, get("wanted"))), stateRing(l.state, l.count ?? 0, get("wanted"))) : null,
      changes ? h("button.more", { type: "button", tabIndex: -1, "aria-label": `Change ${n.path}`, "aria-haspopup": "menu", on: { click: (e) => { e.stopPropagation(); menu(n); } } }, "⋯") : null);
  }
  const newRow = (depth, i) => h("li.node", { role: "none", style: { "--depth": String(depth), top: `${EDGE + i * ROW}px` } }, h("span.twist"), icon("plus"), editing.field);
  function draw(reveal) {
    const rows = T.rows, entries = rows.map((n) => n);
    let here = rows.findIndex((n) => n.key === focus);
    if (here < 0) { here = clamp(at, 0, Math.max(0, rows.length - 1)); focus = rows[here]?.key ?? null; }
    at = here;
    const under = editing?.kind === "new" ? rows.findIndex((n) => n.key === editing.key) : -2;
    if (under > -2) { entries.splice(under + 1, 0, null); if (under < here) here++; }
    space.style.height = `${entries.length * ROW}px`;
    tree.style.maxHeight = `${get("height")}px`;
    const port = tree.clientHeight || get("height");
    if (reveal) tree.scrollTop = clamp(tree.scrollTop, (here + 1) * ROW + 2 * EDGE - port, here * ROW);
    const first = Math.max(0, Math.floor(tree.scrollTop / ROW) - 4), last = Math.min(entries.length, Math.ceil((tree.scrollTop + port) / ROW) + 4);
    const typed = editing ? (editing.kind === "new" ? under + 1 : rows.findIndex((n) => n.key === editing.key)) : -1;
    const shown = [...new Set([...Array(Math.max(0, last - first)).keys()].map((i) => i + first).concat([here, typed].filter((i) => i >= 0 && i < entries.length)))].sort((a, b) => a - b);
    const predicts = get("labels").some((l) => l.predicted), active = document.activeElement, had = tree.contains(active), wasTyping = had && active === editing?.field;
    drawing = true;
    tree.replaceChildren(space, ...shown.map((i) => (entries[i] ? row(entries[i], i, predicts) : newRow(editing.key ? rows[under].depth : 0, i))));
    if (!entries.length) tree.append(h("li.empty", { role: "none" }, T.query ? "No label matches." : "No labels yet."));
    if (wasTyping) editing.field.focus({ preventScroll: true }); else if (had && !editing) tree.querySelector('[tabindex="0"]')?.focus({ preventScroll: true });
    drawing = false;
    around();
  }
  function around() {
    const n = get("labels").length, picked = get("selected_ids").length, some = (key) => get("labels").some((l) => l[key]);
    const beside = some("count") || some("predicted") ? ` · beside each: reviewed${some("predicted") ? ", ≈ predicted" : ""}` : "", waits = cut && T.byId(cut);
    tree.setAttribute("aria-label", get("title")); tree.setAttribute("aria-multiselectable", String(get("multiple")));
    fresh.hidden = !get("editable"); undo.hidden = !get("changes"); undo.disabled = !get("undoes");
    undo.title = get("undoes") ? `Undo: ${get("undoes")} (Ctrl+Z)` : "Nothing to undo"; undo.setAttribute("aria-label", undo.title);
    for (const [node, text] of [[alert, get("error")], [said, get("error") ? "" : get("said")]]) { node.hidden = !text; if (node.textContent !== text) node.textContent = text; }
    const text = waits ? `${waits.name} is cut. Ctrl+V hangs it below the label in focus, Esc leaves it.` : `${count(n)} label${n === 1 ? "" : "s"}${picked ? `, ${count(picked)} selected` : ""}${beside}`;
    if (foot.textContent !== text) foot.textContent = text;
  }
  v.listen(tree, "scroll", () => { frame ||= requestAnimationFrame(() => { frame = 0; if (!drag) draw(); }); }, { passive: true });
  v.undo.push(() => { cancelAnimationFrame(frame); closeMenu?.(false); });
  v.listen(tree, "keydown", (event) => {
    const rows = T.rows, i = rows.findIndex((n) => n.key === focus), n = rows[i], key = event.key, ctrl = event.ctrlKey || event.metaKey, changes = get("changes");
    if (event.target.tagName === "INPUT" || (!n && key !== "n" && !(ctrl && key === "z"))) return;
    const own = (act) => (changes && n?.label ? act : undefined);
    const page = Math.max(1, Math.floor(tree.clientHeight / ROW) - 1);
    const act = event.altKey ? { ArrowUp: own(() => step(n, -1)), ArrowDown: own(() => step(n, 1)) }[key]
      : ctrl && key !== "Enter" ? { x: own(() => take(n)), v: own(() => paste(n)), z: changes && get("undoes") ? () => want("undo", []) : undefined }[key.toLowerCase()]
      : key === "F10" && event.shiftKey ? own(() => menu(n))
      : { ArrowDown: () => focusRow(rows[i + 1]), ArrowUp: () => focusRow(rows[i - 1]), Home: () => focusRow(rows[0]), End: () => focusRow(rows.at(-1)), PageDown: () => focusRow(rows[Math.min(i + page, rows.length - 1)]), PageUp: () => focusRow(rows[Math.max(i - page, 0)]),
        ArrowRight: () => (n.kids.size && !T.isOpen(n) ? toggle(n) : n.kids.size && focusRow(rows[i + 1])), ArrowLeft: () => (n.kids.size && T.isOpen(n) && !T.query ? toggle(n) : n.parent !== T.root && focusRow(n.parent)),
        Enter: () => select(n, ctrl || event.shiftKey), " ": () => select(n, true), F2: () => edit("rename", n), n: () => edit("new", n ?? T.root), "/": () => search.focus(), "*": () => { T.openAll(); draw(true); },
        d: own(() => want("describe", [n])), m: own(() => want("move_to", [n])), g: own(() => want("merge", together(n))), s: own(() => want("split", [n])), Delete: own(() => want("delete", [n])), ContextMenu: own(() => menu(n)), Escape: cut ? () => { cut = null; draw(); } : undefined }[key];
    if (act) { event.preventDefault(); event.stopPropagation(); act(); }
  });
  v.on("change:labels", () => { T.read(); if (cut && !T.byId(cut)) cut = null; if (editing?.key && !T.all.some((n) => n.key === editing.key)) editing = null; draw(); });
  for (const key of ["selected_ids", "multiple", "editable", "renames", "changes", "undoes", "height", "title"]) v.on(`change:${key}`, () => draw());
  v.on("change:error change:said", around);
  v.on("msg:custom", (message) => {
    if (message.type === "refused" && told) { const n = told.key ? T.all.find((one) => one.key === told.key) : T.root; if (n) edit(told.kind, n, told.text); }
    if (message.type !== "focus") return;
    const n = T.byId(message.label_id); if (n) { T.reveal(n); if (!T.rows.includes(n)) { search.value = ""; T.query = ""; } }
    focusRow(n ?? T.rows[at]);
  });
  draw();
  return () => v.stop();
}

export default { render };
