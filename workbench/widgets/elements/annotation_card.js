// Annotation card: the view, and the keys. What is saved and what is not lives in judgements.js.

function render({ model, el }) {
  const v = mount(model, el, "card"), ask = asker(model, v);
  let cursor = model.get("cursor"), armed = false, threadOpen = false, asked = null, tree = new LabelTree(model.get("taxonomy"));
  const queue = () => model.get("queue"), current = () => queue()[cursor], focused = () => el.getRootNode().activeElement ?? document.activeElement;
  const J = new Judgements(
    (events) => model.send(events.length === 1 ? { type: "judge", event: events[0] } : { type: "judge_all", events }),
    (uids) => keepingFocus(() => { batch.changed(uids); if (uids.includes(current()?.uid)) drawSide(current()); drawHead(); }));

  const head = h("div.head.row"), alert = h("div.alert", { role: "alert", hidden: true }), message = h("article.message", { "aria-label": "Message" }), live = h("div.sr", { "aria-live": "polite" });
  const note = h("div"), given = h("div.chips"), suggestions = h("ol.suggestions"), suggested = h("section", {}, h("h3", {}, "Suggestions"), suggestions), foot = h("div.foot");
  const rule = completenessNote(() => card.focus()), help = cardHelp(() => toggleHelp(false)), trail = reviewTrail({ ask: (uid) => ask("history", { uid }), stateOf: (uid) => J.state(uid) });
  const add = typeahead({ labels: () => model.get("taxonomy"), allowNew: () => model.get("allow_new_labels"), exclude: () => new Set(J.state(current()?.uid).assigned), placeholder: "Add label…",
    onPick: (pick) => { assign(pick.id ?? "new:" + pick.path); card.focus(); }, onLeave: () => card.focus() });
  const batch = batchList({ queue, cursor: () => cursor, stateOf: (uid) => J.state(uid), tree: () => tree, labels: () => model.get("taxonomy"), allowNew: () => model.get("allow_new_labels"),
    felt: () => felt(), go: (to) => go(to), change: (changes) => J.judgeAll(changes, cursor), leave: () => card.focus({ preventScroll: true }), told: (words) => { live.textContent = words; }, drawn: () => drawHead() });
  const felt = () => model.get("has_sentiment");
  const mood = sentimentDesk({ has: felt, message: () => current(), state: () => J.state(current()?.uid), labelOf: (id) => tree.get(id), drawn: () => drawSide(current()), back: () => card.focus(), say: (id, which) => {
    const s = J.state(current()?.uid);
    change({ ...tree.assign(s, [id]), sentiments: { ...s.sentiments, [id]: which } }, `${FACES[which].word}: ${tree.path(id)}`);
  } });
  const side = h("aside.side", { "aria-label": "Labels" }, rule, note, h("section", {}, h("h3", {}, "Assigned"), given, mood.node, add.node), suggested, foot, trail.node), body = h("div.body", {}, message, side);
  const card = h("div.panel.card", { tabIndex: 0, role: "group", "aria-label": "Annotate" }, head, alert, batch.node, body, help, live);
  el.append(card);

  /** Draw, and give the focus back to the control that had it, or to the card when that is gone. */
  function keepingFocus(draws) {
    const at = focused(), inside = card.contains(at), key = at?.dataset?.key;
    draws();
    if (inside && !card.contains(focused())) ((key && card.querySelector(`[data-key="${CSS.escape(key)}"]:not(:disabled)`)) || card).focus({ preventScroll: true });
  }
  const toggleHelp = (open = help.hidden) => { help.hidden = !open; if (open) help.querySelector("button").focus(); else card.focus(); };
  function change(next, words) { const m = current(); if (m) { J.judge(m.uid, next, cursor); live.textContent = words; } }
  function assign(id) {
    const s = J.state(current()?.uid);
    if (s.assigned.includes(id)) return;
    const which = felt() ? mood.accepted(id) : undefined;
    if (which !== null) change({ ...tree.assign(s, [id]), ...(which ? { sentiments: { ...s.sentiments, [id]: which } } : {}) }, `Assigned ${tree.path(id)}${which ? `, ${which}` : ""}`);
  }
  const remove = (id) => change(tree.remove(J.state(current()?.uid), [id]), `Removed ${tree.path(id)}`);
  const press = (id) => (J.state(current()?.uid).assigned.includes(id) ? remove(id) : assign(id));
  function dismiss(id) {
    const s = J.state(current()?.uid), has = s.dismissed.includes(id);
    change(has ? tree.recall(s, id) : tree.dismiss(s, id), `${has ? "No longer dismissed" : "Dismissed"} ${tree.path(id)}`);
  }
  function go(to) {
    const next = clamp(to, 0, queue().length);
    if (next === cursor) return;
    cursor = next; armed = false; threadOpen = false; mood.moved();
    draw(); message.scrollTop = 0;
    model.set("cursor", cursor); model.save_changes();
    more();
    live.textContent = current()?.subject ?? "End of the queue";
  }
  const step = (by) => { const to = batch.next(cursor + by, by); if (to >= 0) go(to); };
  function more() {
    const q = queue(), last = q.at(-1)?.uid ?? null;
    if (q.length - cursor > model.get("preload") || asked === (last ?? "")) return;
    asked = last ?? "";
    try { model.send({ type: "need_more", after: last }); } catch { asked = null; }
  }
  const finish = () => { if (current()) { change({ reviewed: true }, "Reviewed"); step(1); } };
  const undo = () => { const last = J.undo(); if (last) { live.textContent = last.parts.length > 1 ? `Undone on ${count(last.parts.length)} messages` : "Undone"; if (last.parts.length === 1) go(last.cursor); } };
  const openThread = () => { if (current()?.thread?.length) { threadOpen = !threadOpen; keepingFocus(() => drawMessage(current())); } };

  function drawHead() {
    const n = model.get("total") || queue().length, at = Math.min(cursor + 1, n), unsaved = J.unsaved;
    const state = unsaved ? (J.retrying ? ["retry", `Not saved: retrying (${unsaved})`] : ["saving", "Saving…"]) : ["saved", "All saved"];
    const tool = (glyph, title, disabled, onClick, pressed) => { const made = button("", { icon: glyph, kind: "ghost", title, disabled, onClick, pressed }); made.dataset.key = title; return made; };
    keepingFocus(() => head.replaceChildren(h("span.place", {}, h("b", {}, count(at)), h("span.muted", {}, ` of ${count(n)}`)), h("span.bar.grow", { role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": n, "aria-valuenow": at }, h("i", { style: { width: `${(100 * Math.min(cursor, n)) / Math.max(1, n)}%` } })),
      h(`span.save.${state[0]}`, { role: "status" }, h("span.dot"), state[1]),
      tool("list", "List of the queue (l)", false, () => batch.open(), batch.isOpen()),
      tool("left", "Previous (k)", cursor === 0, () => step(-1)), tool("right", "Next (j)", cursor >= queue().length, () => step(1)),
      tool("undo", "Undo (u)", !J.history.length, undo), tool("help", "Keys (?)", false, () => toggleHelp())));
    el.dataset.unsaved = unsaved;
  }
  function drawMessage(m) { message.replaceChildren(...messageParts(m, { open: threadOpen, toggle: openThread })); }
  function drawSide(m) {
    const s = J.state(m.uid), predictions = (m.predictions ?? []).filter((one) => tree.get(one.label_id)), shown = tree.shown(predictions, s), known = new Set(shown.keys());
    const said = J.notes.get(m.uid), alone = (id) => tree.get(id) && !known.has(id);
    note.replaceChildren(...(said ? [h(`div.note.${said.kind}`, { role: said.kind === "error" ? "alert" : "status" }, said.text)] : []));
    const chosen = s.assigned.filter((id) => tree.get(id)).map((id) => cardChip(tree.get(id), { state: "assigned", isNew: id.startsWith("new:"), extras: mood.extras(id), onRemove: () => remove(id) }));
    const gone = s.dismissed.filter(alone).map((id) => cardChip(tree.get(id), { state: "dismissed", onRemove: () => dismiss(id), removeTitle: `Take back dismissal of ${tree.path(id)}` }));
    given.replaceChildren(...(chosen.length || gone.length ? [...chosen, ...gone] : [h("span.muted.small", {}, s.reviewed ? "No label applies" : "No label yet")]));
    suggested.hidden = !predictions.length;
    suggestions.replaceChildren(...predictions.map(({ label_id: id, sentiment }, i) => {
      const label = tree.get(id), state = s.assigned.includes(id) ? "assigned" : s.dismissed.includes(id) ? "dismissed" : "predicted", name = tree.path(id);
      const drop = button("", { icon: state === "dismissed" ? "undo" : "close", kind: "ghost", title: `${state === "dismissed" ? "Take back dismissal of" : "Dismiss"} ${name}`, onClick: () => dismiss(id) });
      drop.dataset.key = `dismiss ${id}`;
      return h("li.suggestion", {}, h("kbd", { "aria-hidden": "true" }, i < 9 ? i + 1 : "·"), cardChip(label, { state, probability: shown.get(id), also: mood.figure(sentiment), onPress: () => press(id) }), h("span.figure.num.muted", {}, state === "predicted" ? percent(shown.get(id)) : ""), mood.extras(id), drop);
    }));
    const end = button(s.reviewed ? "Reviewed, next" : "Mark reviewed", { icon: "check", kind: "primary", title: "Enter", onClick: finish });
    end.dataset.key = "finish";
    foot.replaceChildren(end, ...(s.reviewed ? [h("span.done.small", {}, icon("ticks"), "reviewed")] : []));
    trail.draw(m.uid); mood.draw();
    card.classList.toggle("armed", armed); card.classList.toggle("felt", felt());
  }
  function draw() {
    const m = current(), error = model.get("error");
    keepingFocus(() => {
      drawHead(); batch.draw();
      alert.hidden = !error; alert.textContent = error;
      body.classList.toggle("ended", !m);
      if (m) { drawMessage(m); drawSide(m); } else message.replaceChildren(h("div.empty", {}, model.get("busy") ? "Fetching messages…" : queue().length ? "You have reached the end of this queue." : model.get("empty_text")));
    });
    el.dataset.uid = m?.uid ?? ""; el.dataset.about = model.get("about");
  }

  // What is about the list shows it first: nothing is selected or hidden unseen.
  const listed = (act) => () => { if (!batch.isOpen()) { batch.open(true); card.focus({ preventScroll: true }); } act(); };
  const keys = {
    j: () => step(1), ArrowRight: () => step(1), k: () => step(-1), ArrowLeft: () => step(-1), u: undo, a: () => { if (current()) add.focus(); }, "?": () => toggleHelp(), t: openThread,
    l: () => batch.open(), i: listed(() => batch.invert()), h: listed(() => batch.hideReviewed()), s: listed(() => { if (current()) batch.toggle(current().uid); }), A: listed(() => batch.focusAdd()),
    y: () => model.send({ type: "keep" }), w: () => { if (current()) keepingFocus(() => trail.toggle()); }, x: () => { armed = !armed; card.classList.toggle("armed", armed); live.textContent = armed ? "Dismiss which number?" : ""; },
  };
  keys["/"] = keys.a;
  v.listen(card, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.matches("input:not([type=checkbox])")) return;
    if (!help.hidden && event.key === "Escape") { event.preventDefault(); return toggleHelp(false); }
    const onButton = event.target.closest("button, summary, input") && event.target !== card;
    if (mood.key(event)) { event.preventDefault(); event.stopPropagation(); return; }
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1] ?? /^[1-9]$/.exec(event.key)?.[0];
    if (digit) {
      const p = current()?.predictions?.filter((one) => tree.get(one.label_id))[digit - 1];
      if (p) { if (event.shiftKey || armed) dismiss(p.label_id); else press(p.label_id); }
      armed = false; card.classList.remove("armed");
    } else if (event.key === "Enter") { if (event.shiftKey && batch.isOpen() && batch.n()) batch.finish(); else if (onButton) return; else finish(); }
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") { if (event.target !== card) return; message.scrollBy({ top: event.key === "ArrowDown" ? 60 : -60 }); }
    else if (keys[event.key]) keys[event.key]();
    else if (event.key === "Escape") { armed = false; card.classList.remove("armed"); return; }
    else return;
    event.preventDefault(); event.stopPropagation();
  });
  v.on("msg:custom", (msg) => {
    if (msg.type === "ack") J.ack(msg.seq, msg.state);
    else if (msg.type === "refuse") J.refuse(msg.seq, msg.error);
    else if (msg.type === "extend") { model.set("queue", [...queue(), ...msg.messages.filter((m) => !queue().some((q) => q.uid === m.uid))]); }
    else if (msg.type === "remote") {
      const before = J.server.get(msg.uid) ?? Judgements.of({}), who = msg.state.by || "Someone else";
      const names = (now, then) => (now ?? []).filter((l) => !then.includes(l)).map((l) => tree.path(l) || "a label");
      const added = names(msg.state.assigned, before.assigned), removed = msg.state.assigned ? names(before.assigned, msg.state.assigned) : [], dropped = names(msg.state.dismissed, before.dismissed);
      const parts = [added.length && `assigned ${added.join(", ")}`, removed.length && `removed ${removed.join(", ")}`, dropped.length && `dismissed ${dropped.join(", ")}`, msg.state.reviewed && !before.reviewed && "marked it reviewed"].filter(Boolean);
      J.remote(msg.uid, msg.state, `${who} ${parts.join("; ") || "looked at this message"}.`);
    }
  });
  const load = () => { J.enter(model.get("scope")); for (const m of queue()) J.load(m); draw(); };
  v.on("change:queue", () => { load(); more(); });
  v.on("change:cursor", () => { if (model.get("cursor") !== cursor) { cursor = model.get("cursor"); draw(); more(); } });
  v.on("change:taxonomy", () => { tree = new LabelTree(model.get("taxonomy")); draw(); });
  v.on("change:scope", load);
  v.on("change:about", () => { draw(); live.textContent = model.get("about"); });
  for (const key of ["error", "busy", "total", "empty_text", "allow_new_labels", "has_sentiment"]) v.on(`change:${key}`, draw);
  v.listen(window, "beforeunload", (event) => { if (J.unsaved) event.preventDefault(); });
  load(); more();
  return () => { J.stop(); v.stop(); };
}

export default { render };
