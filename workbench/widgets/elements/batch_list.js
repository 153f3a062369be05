// The queue as a compact list with a bar for many messages at once. What is selected lives here, what was said does not.

/** options: queue(), cursor(), stateOf(uid), tree() -> LabelTree, labels(), allowNew(), go(index), change(changes),
 *  leave(): the focus goes back to the card; told(words). */
function batchList({ queue, cursor, stateOf, tree, labels, allowNew, felt, go, change, leave, told, drawn }) {
  const selected = new Set(), rows = new Map();
  let hideDone = false, active = null, anchor = null;
  const isDone = (m) => stateOf(m.uid).reviewed, shown = () => (hideDone ? queue().filter((m) => !isDone(m)) : queue());
  const chosen = () => queue().filter((m) => selected.has(m.uid));
  const plural = (n) => `${count(n)} message${n === 1 ? "" : "s"}`;
  function judgeAll(changeOf, words) {
    const changes = chosen().map((m) => [m.uid, changeOf(stateOf(m.uid))]).filter(([, one]) => one);
    if (changes.length) change(changes);
    told(changes.length ? `${words}: ${plural(changes.length)}` : "Nothing to change");
  }
  const pick = (one) => one.id ?? `new:${one.path}`, nameOf = (one) => tree().path(pick(one));
  function give(one) {
    const id = pick(one), which = felt() ? mood.value : "";
    if (felt() && !which) { told("Choose positive or negative first"); mood.focus(); return; }
    judgeAll((s) => { const next = tree().assign(s, [id]); return next.assigned.length === s.assigned.length ? null : { ...next, ...(which ? { sentiments: { ...s.sentiments, [id]: which } } : {}) }; }, `Assigned ${nameOf(one)}${which ? `, ${which}` : ""}`);
  }
  const take = (one) => judgeAll((s) => (s.assigned.includes(one.id) ? tree().remove(s, [one.id]) : null), `Removed ${nameOf(one)}`);
  const finish = () => judgeAll((s) => (s.reviewed ? null : { reviewed: true }), "Reviewed");
  const given = () => { const ids = new Set(chosen().flatMap((m) => stateOf(m.uid).assigned)); return labels().filter((label) => ids.has(label.id)); };

  const add = typeahead({ labels, allowNew, placeholder: "Add label to selected…", onPick: (one) => { list.focus(); give(one); }, onLeave: () => list.focus() });
  const drop = typeahead({ labels: given, allowNew: () => false, placeholder: "Remove label…", onPick: (one) => { take(one); list.focus(); }, onLeave: () => list.focus() });
  const mood = h("select", { "aria-label": "Sentiment of the label to add" }, h("option", { value: "" }, "Sentiment …"), Object.entries(FACES).map(([which, face]) => h("option", { value: which }, `${face.word} (${face.sign})`)));
  const all = h("input", { type: "checkbox", "aria-label": "Select all", on: { change: () => select(shown().map((m) => m.uid), all.checked) } });
  const n = h("span.n", { role: "status" }), done = button("Reviewed", { icon: "ticks", title: "Mark the selected reviewed (Shift+Enter)", onClick: finish });
  const invert = button("Invert", { kind: "ghost", title: "Invert the selection (i)", onClick: () => turn() });
  const hide = button("Hide reviewed", { kind: "ghost", title: "Hide what is reviewed (h)", pressed: false, onClick: () => hideReviewed() });
  const list = h("div.rows", { role: "listbox", tabIndex: 0, "aria-label": "Messages of the queue", "aria-multiselectable": "true" });
  const node = h("section.batch", { "aria-label": "Queue", hidden: true }, h("div.bulk.row", {}, h("label.row.pick", {}, all, n), mood, add.node, drop.node, done, invert, hide), list);

  function select(uids, on = true) { for (const uid of uids) on ? selected.add(uid) : selected.delete(uid); draw(); }
  function toggle(uid) { select([uid], !selected.has(uid)); anchor = uid; told(`${selected.has(uid) ? "Selected" : "Not selected"}; ${plural(selected.size)} selected`); }
  function turn() { for (const m of shown()) selected.has(m.uid) ? selected.delete(m.uid) : selected.add(m.uid); draw(); told(`${plural(selected.size)} selected`); }
  function hideReviewed(on = !hideDone) {
    hideDone = on;
    if (on) for (const m of queue()) if (isDone(m)) selected.delete(m.uid); // what is not on screen is not changed
    draw(); drawn(); told(on ? "Reviewed messages are hidden" : "All messages are shown");
  }
  function span(to) {
    const uids = shown().map((m) => m.uid), [a, b] = [uids.indexOf(anchor ?? to), uids.indexOf(to)].sort((x, y) => x - y);
    select(uids.slice(Math.max(a, 0), b + 1));
  }
  function row(m, index) {
    const s = stateOf(m.uid), leaves = s.assigned.filter((id) => !s.assigned.some((other) => tree().isBelow(other, id))).map((id) => tree().get(id)).filter(Boolean);
    const item = h("div.item", { role: "option", id: `${domId}-${index}`, "aria-selected": String(selected.has(m.uid)), "aria-current": index === cursor() ? "true" : undefined, on: { click: (event) => {
      active = m.uid;
      if (event.shiftKey) span(m.uid); else if (event.target.closest(".tick")) toggle(m.uid); else { go(index); }
      list.focus({ preventScroll: true });
    } } },
      h("span.tick", { "aria-hidden": "true" }, selected.has(m.uid) ? icon("check") : null), h("span.subject.clip", {}, m.subject || String(m.body ?? "").slice(0, 160) || "No text"), h("span.sender.clip.muted", {}, m.sender || ""),
      h("span.given", {}, leaves.slice(0, 3).map((label) => cardChip(label, { state: "assigned" })), leaves.length > 3 ? h("span.muted.small", {}, `+${leaves.length - 3}`) : null),
      h("span.done", { title: s.reviewed ? "Reviewed" : undefined }, s.reviewed ? [icon("ticks"), h("span.sr", {}, "reviewed")] : null));
    item.classList.toggle("active", m.uid === active);
    return item;
  }
  const domId = `wb-${uuid()}`;
  function draw() {
    if (node.hidden) return;
    const messages = shown(), known = new Set(queue().map((m) => m.uid)), at = new Map(queue().map((m, index) => [m.uid, index]));
    for (const uid of [...selected]) if (!known.has(uid)) selected.delete(uid);
    rows.clear();
    for (const m of messages) rows.set(m.uid, row(m, at.get(m.uid)));
    list.replaceChildren(...(messages.length ? rows.values() : [h("div.empty", {}, hideDone && queue().length ? "All messages of the queue are reviewed." : "No messages.")]));
    mark();
    drawBar();
  }
  function drawBar() {
    const k = selected.size, m = shown().length;
    all.checked = k > 0 && k >= m; all.indeterminate = k > 0 && k < m;
    n.textContent = k ? `${count(k)} of ${count(queue().length)} selected` : plural(queue().length);
    for (const part of [add.input, drop.input, done]) part.disabled = !k;
    mood.hidden = !felt();
    hide.setAttribute("aria-pressed", String(hideDone));
  }
  function mark() {
    for (const [uid, item] of rows) item.classList.toggle("active", uid === active);
    const item = rows.get(active);
    if (item) { list.setAttribute("aria-activedescendant", item.id); item.scrollIntoView({ block: "nearest" }); } else list.removeAttribute("aria-activedescendant");
  }
  /** Draw again what was said of some messages. */
  function changed(uids) {
    if (node.hidden) return;
    if (hideDone) return draw();
    const at = new Map(queue().map((m, index) => [m.uid, index]));
    for (const uid of uids) { const old = rows.get(uid); if (old && at.has(uid)) { const fresh = row(queue()[at.get(uid)], at.get(uid)); old.replaceWith(fresh); rows.set(uid, fresh); } }
    drawBar();
  }
  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const uids = shown().map((m) => m.uid), place = uids.indexOf(active), key = event.key;
    const step = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
    if (step || key === "Home" || key === "End") {
      const to = key === "Home" ? 0 : key === "End" ? uids.length - 1 : clamp(place + step, 0, uids.length - 1);
      if (event.shiftKey && step) anchor ??= active;
      active = uids[to] ?? null;
      if (event.shiftKey && step && active) span(active); else { anchor = active; mark(); }
    } else if (key === " " && active) toggle(active);
    else if (key === "Enter" && !event.shiftKey) { if (active) go(queue().findIndex((m) => m.uid === active)); leave(); }
    else if (key === "Escape") leave();
    else return;
    event.preventDefault(); event.stopPropagation();
  });
  list.addEventListener("focus", () => { if (!rows.has(active)) { active = queue()[cursor()]?.uid ?? shown()[0]?.uid ?? null; mark(); } });
  return {
    node, draw, changed, finish, invert: turn, hideReviewed, toggle, isOpen: () => !node.hidden, n: () => selected.size,
    open(on = node.hidden) { node.hidden = !on; if (on) { draw(); list.focus({ preventScroll: true }); } else leave(); drawn(); },
    focusAdd() { if (selected.size) add.focus(); },
    /** The next message from a place on that the list shows, or where the queue ends. */
    next(from, step) { const q = queue(); let to = from; while (hideDone && !node.hidden && to >= 0 && to < q.length && isDone(q[to])) to += step; return to; },
  };
}
