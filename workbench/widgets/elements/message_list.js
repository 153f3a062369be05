// Message list: cards, selection, keys. Scrolling lives in virtual.js.

function render({ model, el }) {
  const v = mount(model, el, "list"), ask = asker(model, v);
  let focus = 0, anchor = null;
  const all = h("input", { type: "checkbox", "aria-label": "Select all messages", on: { click: () => set(!isAll(), [], []) } });
  const summary = h("span.small.muted.grow.clip", { role: "status", "aria-live": "polite" }), head = h("div.row.list-head", {}, all, summary);
  const port = h("div.port", { tabIndex: 0, role: "listbox", "aria-multiselectable": "true" }), empty = h("div.empty");
  el.append(h("div.panel", {}, head, port, empty));
  const get = (key) => model.get(key);
  const isAll = () => get("all_selected") && !get("excluded_ids").length;
  const chosen = (id) => (get("all_selected") ? !get("excluded_ids").includes(id) : get("selected_ids").includes(id));
  function set(every, selected, excluded) {
    model.set("all_selected", every); model.set("selected_ids", selected); model.set("excluded_ids", excluded);
    model.save_changes(); say(); list.refresh();
  }
  function mark(ids, on) {
    const every = get("all_selected"), key = every ? "excluded_ids" : "selected_ids", keep = on !== every;
    const now = new Set(get(key));
    for (const id of ids) if (keep) now.add(id); else now.delete(id);
    if (every) set(true, [], [...now]); else set(false, [...now], []);
  }
  async function toggle(i, extend) {
    const row = list.row(i);
    if (!row || !get("selectable")) return;
    const on = !chosen(row.id);
    if (extend && anchor !== null && anchor !== i) {
      try { mark((await list.range(Math.min(anchor, i), Math.max(anchor, i))).map((r) => r.id), on); } catch (error) { summary.textContent = `${error.message} ${error.next ?? ""}`; }
    } else mark([row.id], on);
    anchor = i;
  }
  function open(i) {
    const row = list.row(i);
    if (!row) return;
    focus = i; model.set("active_id", row.id); model.save_changes();
    try { model.send({ type: "open", row: row.id }); } catch { /* the banner says that the server is gone */ }
    list.refresh();
  }
  function draw(row, i) {
    const on = chosen(row.id), labels = row.labels ?? [];
    return h(`div.v-row.item${on && get("selectable") ? ".on" : ""}${i === focus ? ".focus" : ""}${row.id === get("active_id") ? ".active" : ""}`, { role: "option", id: `${uid}-${i}`, "aria-selected": String(on), "aria-setsize": list.total, "aria-posinset": i + 1,
      on: { click: (e) => { focus = i; port.focus({ preventScroll: true }); if (e.shiftKey || e.ctrlKey || e.metaKey || e.target.closest(".tick")) { e.preventDefault(); toggle(i, e.shiftKey); } else open(i); } } },
      get("selectable") ? h("span.tick", {}, h("input", { type: "checkbox", checked: on, tabIndex: -1, "aria-hidden": "true" })) : null,
      h("div.content", {}, h("div.row.line", {}, row.sender ? h("span.sender.clip", {}, row.sender) : null, row.subject ? h("b.clip.grow", {}, underlined(row.subject, row.subject_phrases)) : h("span.clip.grow.muted", {}, "No subject"), h("time.muted.small", {}, row.at ?? "")),
        h("div.snippet.muted", {}, underlined(row.snippet, row.phrases)),
        h("div.labels", {}, labels.slice(0, 6).map((l) => labelChip(l, { state: l.state ?? "predicted", probability: l.probability, title: l.probability === undefined || l.probability === null ? pathOf(l) : `${pathOf(l)}: ${percent(l.probability, 1)}` })), labels.length > 6 ? h("span.muted.small", {}, `+${labels.length - 6}`) : null)));
  }
  const uid = `wb-${uuid()}`;
  const list = virtualList({ viewport: port, rowHeight: 88, view: v, load: (offset, limit) => ask("page", { offset, limit }), draw,
    onDrawn: () => port.setAttribute("aria-activedescendant", `${uid}-${focus}`) });
  function say() {
    const n = get("total"), k = get("all_selected") ? n - get("excluded_ids").length : get("selected_ids").length;
    summary.textContent = get("selectable") && k ? `${count(k)} of ${count(n)} selected` : `${count(n)} message${n === 1 ? "" : "s"}`;
    all.checked = n > 0 && k === n; all.indeterminate = k > 0 && k < n; all.hidden = !get("selectable");
    empty.hidden = n > 0; port.hidden = !n; empty.textContent = get("empty_text");
    port.setAttribute("aria-label", `${get("title")}, ${summary.textContent}`);
  }
  v.listen(port, "keydown", (event) => {
    const page = Math.max(1, Math.floor(port.clientHeight / 88) - 1), n = list.total;
    const to = { ArrowDown: focus + 1, j: focus + 1, ArrowUp: focus - 1, k: focus - 1, PageDown: focus + page, PageUp: focus - page, Home: 0, End: n - 1 }[event.key];
    if (to !== undefined && !event.ctrlKey && !event.metaKey) { focus = clamp(to, 0, Math.max(0, n - 1)); list.reveal(focus); if (event.shiftKey) toggle(focus, true); }
    else if (event.key === " " || event.key === "x") toggle(focus, event.shiftKey);
    else if (event.key === "Enter") open(focus);
    else if (event.key === "a" && (event.ctrlKey || event.metaKey)) set(!isAll(), [], []);
    else if (event.key === "Escape") set(false, [], []);
    else return;
    event.preventDefault(); event.stopPropagation();
  });
  const size = () => { port.style.height = `${get("height")}px`; };
  v.on("change:total", () => { focus = 0; anchor = null; list.reset(get("total")); say(); });
  v.on("msg:custom", (m) => { if (m.type === "reload") { list.reset(get("total"), true); say(); } });
  for (const key of ["all_selected", "selected_ids", "excluded_ids", "selectable", "active_id", "title", "empty_text"]) v.on(`change:${key}`, () => { say(); list.refresh(); });
  v.on("change:height", size);
  size(); say(); list.reset(get("total"));
  return () => v.stop();
}

export default { render };
