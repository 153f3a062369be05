// Cluster cards with one bulk bar.

function render({ model, el }) {
  const v = mount(model, el, "clusters"), ask = asker(model, v, 60000);
  const out = new Set(model.get("excluded"));
  const shownClusters = () => model.get("clusters").filter((c) => !(model.get("hide_done") && c.done));
  const uids = (c) => (c.snippets ?? []).map((s) => s.uid), picked = (c) => uids(c).filter((u) => !out.has(u));
  const labelOf = (id) => model.get("taxonomy").find((l) => l.id === id) ?? { id, path: id };
  const said = h("span.said.small.grow", { role: "status", "aria-live": "polite" }), share = h("span.small.muted");
  const hide = h("input", { type: "checkbox", on: { change: () => { model.set("hide_done", hide.checked); model.save_changes(); draw(); } } });
  const save = debounce(() => { model.set("excluded", [...out]); model.save_changes(); }, 120);
  const set = (list, on) => { for (const u of list) if (on) out.delete(u); else out.add(u); save(); sync(); };
  const everything = () => shownClusters().flatMap(uids);
  async function apply(pick, clusters) {
    const chosen = clusters.filter((c) => picked(c).length);
    if (!chosen.length) { said.textContent = "Nothing is selected."; said.className = "said small grow bad"; return; }
    said.className = "said small grow"; said.textContent = "Applying…";
    save.cancel();
    try {
      const n = await ask("apply", { label: pick.id ?? pick.path, new: !pick.id, cluster_ids: chosen.map((c) => c.id), excluded: [...out] });
      said.textContent = `${pick.id ? pathOf(labelOf(pick.id)) : pick.path}: given to ${count(n)} messages in ${count(chosen.length)} cluster${chosen.length > 1 ? "s" : ""}.`;
    } catch (error) { said.textContent = `Not applied: ${error.message} ${error.next ?? ""}`; said.className = "said small grow bad"; }
  }
  const options = (clusters, placeholder) => ({ labels: () => model.get("taxonomy"), allowNew: () => model.get("allow_new_labels"), placeholder, onPick: (pick) => apply(pick, clusters()) });
  const bulk = typeahead(options(shownClusters, "Label the selected messages…")), total = h("b");
  const bar = h("div.panel.row.bulk", { role: "toolbar", "aria-label": "Selected messages" }, total, bulk.node, button("Select all", { onClick: () => set(everything(), true) }), button("None", { title: "Select none", onClick: () => set(everything(), false) }), button("Invert", { title: "Invert the selection", onClick: () => { for (const u of everything()) if (out.has(u)) out.delete(u); else out.add(u); save(); sync(); } }), h("label.row.small.hide", {}, hide, "Hide done"));
  const line = h("div.row.line", {}, said, share), grid = h("div.grid", { role: "list", "aria-label": model.get("title") });
  el.append(h("h3.wb-section-title", {}, model.get("title")), bar, line, grid);
  let cards = new Map(); // by cluster: what its card says, the card, and what shows the selection on it
  /** The messages of a card are one stop of Tab; arrows, Home and End go from one to the next. */
  function walk(event, boxes) {
    const i = boxes.indexOf(event.target), next = boxes[{ ArrowDown: i + 1, ArrowUp: i - 1, Home: 0, End: boxes.length - 1 }[event.key]];
    if (i < 0 || !next) return;
    event.preventDefault();
    boxes[i].tabIndex = -1; next.tabIndex = 0; next.focus();
  }
  function card(c, largest, said) {
    const syncs = [], head = h("input", { type: "checkbox", "aria-label": `Select the messages of ${c.name}`, on: { change: () => set(uids(c), picked(c).length === 0 || !head.checked ? head.checked : true) } }), tally = h("span.small.muted");
    const boxes = [], rows = (c.snippets ?? []).map((s) => { const box = h("input", { type: "checkbox", tabIndex: boxes.length ? -1 : 0, on: { change: () => set([s.uid], box.checked) } }); boxes.push(box); syncs.push(() => { box.checked = !out.has(s.uid); }); return h("li", {}, h("label", {}, box, h("span.snip", {}, underlined(s.text, s.ranges)))); });
    syncs.push(() => { const k = picked(c).length, n = uids(c).length; head.checked = n > 0 && k === n; head.indeterminate = k > 0 && k < n; tally.textContent = `${k} of ${n} shown selected`; });
    const add = typeahead(options(() => [model.get("clusters").find((x) => x.id === c.id) ?? c], `Label ${c.name}`));
    add.input.placeholder = "Label these…";
    const node = h(`section.panel.cluster${c.done ? ".done" : ""}${c.id === model.get("active_id") ? ".active" : ""}`, { role: "listitem", "aria-label": `${c.name}, ${count(c.size)} messages`, "data-id": c.id, style: { "--c": safeColour(c.colour) } },
      h("header", {}, h("div.row", {}, head, model.get("can_open") ? h("button.name.grow.clip", { type: "button", title: `Show ${c.name} on the map`, on: { click: () => model.send({ type: "open", cluster_id: c.id }) } }, c.name) : h("b.name.grow.clip", { title: c.name, dir: "auto" }, c.name), c.done ? h("span.ok.small", {}, icon("check"), "done") : null, h("span.num.muted", {}, count(c.size))),
        h("div.bar", { title: c.share === undefined ? "" : `${percent(c.share, 1)} of all messages` }, h("i", { style: { width: `${Math.max(1.5, (100 * c.size) / largest)}%` } })),
        h("div.phrases.small.muted", {}, (c.phrases ?? []).slice(0, 5).map((p, i) => [i ? h("span", { "aria-hidden": "true" }, " · ") : null, p])), (c.labels ?? []).length ? h("div.given", {}, c.labels.map((id) => labelChip(labelOf(id), { state: "assigned" }))) : null),
      h("ul", { tabIndex: -1, on: { keydown: (e) => walk(e, boxes) } }, rows), h("footer.row", {}, h("div.grow", {}, add.node), tally));
    return { said, node, syncs, add };
  }
  function sync() {
    for (const { syncs } of cards.values()) for (const fn of syncs) fn();
    const list = shownClusters(), k = list.reduce((n, c) => n + picked(c).length, 0), m = list.filter((c) => picked(c).length).length;
    total.textContent = `${count(k)} messages in ${count(m)} cluster${m === 1 ? "" : "s"}`;
  }
  /** Cards that say the same stay as they are, with the focus that is in them. */
  function draw() {
    const list = shownClusters(), largest = Math.max(1, ...model.get("clusters").map((c) => c.size)), done = model.get("clusters").filter((c) => c.done).length, focusId = document.activeElement?.closest?.(".cluster")?.dataset.id;
    cards = new Map(list.map((c) => {
      const said = JSON.stringify([c, largest, (c.labels ?? []).map(labelOf)]), before = cards.get(c.id);
      return [c.id, before?.said === said ? before : card(c, largest, said)];
    }));
    const nodes = list.length ? [...cards.values()].map((one) => one.node) : [h("div.empty", {}, done ? "All clusters are done." : "No clusters yet.")];
    for (const gone of [...grid.children]) if (!nodes.includes(gone)) gone.remove();
    nodes.forEach((node, i) => { if (grid.children[i] !== node) grid.insertBefore(node, grid.children[i] ?? null); });
    hide.checked = model.get("hide_done");
    share.textContent = [`${count(model.get("clusters").length)} cluster${model.get("clusters").length === 1 ? "" : "s"}`, done ? `${count(done)} done` : "", model.get("unclustered") >= 0 ? `${percent(model.get("unclustered"), 1)} of messages in no cluster` : ""].filter(Boolean).join("  ·  ");
    sync();
    if (focusId && !grid.contains(document.activeElement)) cards.get(focusId)?.add.rest();
  }
  v.on("change:excluded", () => { out.clear(); for (const u of model.get("excluded")) out.add(u); sync(); });
  const restrict = () => el.classList.toggle("read-only", !model.get("can_label"));
  v.on("change:can_label", restrict);
  v.on("change:active_id", () => { for (const n of grid.children) n.classList.toggle("active", n.dataset.id === model.get("active_id")); grid.querySelector(".active")?.scrollIntoView({ block: "nearest", behavior: "smooth" }); });
  for (const key of ["clusters", "taxonomy", "hide_done", "unclustered"]) v.on(`change:${key}`, draw);
  draw(); restrict();
  return () => { save.cancel(); v.stop(); };
}

export default { render };
