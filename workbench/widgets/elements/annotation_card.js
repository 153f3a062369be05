// Annotation card: view and keys. What is saved and what is not lives in judgements.js.

const KEYS = [["1 – 9", "assign the n-th suggestion, again to take back"], ["⇧ 1 – 9 or x 1 – 9", "dismiss the n-th suggestion"], ["a or /", "find or create a label"], ["Enter", "mark reviewed, next message"], ["j k or → ←", "next, previous"], ["u", "undo"], ["?", "show or hide this help"]];

function render({ model, el }) {
  const v = mount(model, el, "card");
  let cursor = model.get("cursor"), armed = false, helpOpen = false, threadOpen = false, asked = null;
  const J = new Judgements((event) => model.send({ type: "judge", event }), (uid) => { if (uid === current()?.uid) draw(); else drawHead(); });
  const queue = () => model.get("queue");
  const current = () => queue()[cursor];
  const labelOf = (id) => model.get("taxonomy").find((l) => l.id === id) ?? { id, path: id.startsWith("new:") ? id.slice(4) : id, colour: "#7a828e" };

  const head = h("div.head.row"), message = h("article.message", { "aria-label": "Message" }), side = h("aside.side", { "aria-label": "Labels" }), live = h("div.sr", { "aria-live": "polite" });
  const alert = h("div.alert", { role: "alert", hidden: true }), help = h("div.help.pop", { role: "dialog", "aria-label": "Keys", hidden: true }), body = h("div.body", {}, message, side);
  const card = h("div.panel.card", { tabIndex: 0, role: "group", "aria-label": "Annotate" }, head, alert, body, help, live);
  el.append(card);
  help.append(h("h3", {}, "Keys"), h("dl", {}, KEYS.map(([k, text]) => [h("dt", {}, k.split(" ").map((p) => (p === "or" || p === "–" ? ` ${p} ` : h("kbd", {}, p)))), h("dd", {}, text)])), button("Close", { onClick: () => toggleHelp(false) }));
  const add = typeahead({ labels: () => model.get("taxonomy"), allowNew: () => model.get("allow_new_labels"), exclude: () => new Set(J.state(current()?.uid).assigned), placeholder: "Add label…",
    onPick: (pick) => { const id = pick.id ?? "new:" + pick.path; assign(id, true); card.focus(); }, onLeave: () => card.focus() });

  const toggleHelp = (open = !helpOpen) => { helpOpen = open; help.hidden = !open; if (open) help.querySelector("button").focus(); else card.focus(); };
  const without = (list, id) => list.filter((l) => l !== id);
  function change(next, words) { const m = current(); if (m) { J.judge(m.uid, next, cursor); live.textContent = words; } }
  function assign(id, force = false) {
    const s = J.state(current()?.uid), has = s.assigned.includes(id);
    if (has && force) return;
    change({ assigned: has ? without(s.assigned, id) : [...s.assigned, id], dismissed: without(s.dismissed, id) }, `${has ? "Removed" : "Assigned"} ${pathOf(labelOf(id))}`);
  }
  function dismiss(id) {
    const s = J.state(current()?.uid), has = s.dismissed.includes(id);
    change({ dismissed: has ? without(s.dismissed, id) : [...s.dismissed, id], assigned: without(s.assigned, id) }, `${has ? "No longer dismissed" : "Dismissed"} ${pathOf(labelOf(id))}`);
  }
  function go(to) {
    const n = queue().length, next = clamp(to, 0, n);
    if (next === cursor) return;
    cursor = next; armed = false; threadOpen = false;
    draw(); message.scrollTop = 0;
    model.set("cursor", cursor); model.save_changes();
    more();
    live.textContent = current()?.subject ?? "End of the queue";
  }
  function more() {
    const q = queue(), last = q.at(-1)?.uid ?? null;
    if (q.length - cursor > model.get("preload") || asked === (last ?? "")) return;
    asked = last ?? "";
    try { model.send({ type: "need_more", after: last }); } catch { asked = null; }
  }
  const finish = () => { const m = current(); if (m) { change({ reviewed: true }, "Reviewed"); go(cursor + 1); } };
  const undo = () => { const last = J.undo(); if (last) { live.textContent = "Undone"; go(last.cursor); } };

  function drawHead() {
    const n = model.get("total") || queue().length, at = Math.min(cursor + 1, n), unsaved = J.unsaved;
    const state = unsaved ? (J.retrying ? ["retry", `Not saved: retrying (${unsaved})`] : ["saving", "Saving…"]) : ["saved", "All saved"];
    head.replaceChildren(h("span.place", {}, h("b", {}, count(at)), h("span.muted", {}, ` of ${count(n)}`)), h("span.bar.grow", { role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": n, "aria-valuenow": at }, h("i", { style: { width: `${(100 * Math.min(cursor, n)) / Math.max(1, n)}%` } })),
      h(`span.save.${state[0]}`, { role: "status" }, h("span.dot"), state[1]),
      button("", { icon: "left", kind: "ghost", title: "Previous (k)", disabled: cursor === 0, onClick: () => go(cursor - 1) }), button("", { icon: "right", kind: "ghost", title: "Next (j)", disabled: cursor >= queue().length, onClick: () => go(cursor + 1) }),
      button("", { icon: "undo", kind: "ghost", title: "Undo (u)", disabled: !J.history.length, onClick: undo }), button("", { icon: "help", kind: "ghost", title: "Keys (?)", onClick: () => toggleHelp() }));
    el.dataset.unsaved = unsaved;
  }
  function drawMessage(m) {
    const thread = m.thread ?? [], meta = m.meta ?? [];
    message.replaceChildren(...[m.subject ? h("h2", {}, m.subject) : h("h2.muted", {}, "No subject"),
      h("div.byline.row", {}, h("b.clip", {}, m.sender || "Unknown sender"), m.recipients?.length ? h("span.muted.clip", {}, `to ${m.recipients.join(", ")}`) : null, h("time.muted", {}, m.at || "")),
      thread.length ? h("div.thread", {}, h("button.thread-toggle", { type: "button", "aria-expanded": String(threadOpen), on: { click: () => { threadOpen = !threadOpen; draw(); message.querySelector(".thread-toggle")?.focus(); } } }, icon(threadOpen ? "down" : "right"), `${thread.length} earlier message${thread.length > 1 ? "s" : ""}`),
        threadOpen ? thread.map((t) => h("div.earlier", {}, h("div.row.small", {}, h("b.clip", {}, t.sender || "Unknown sender"), h("time.muted", {}, t.at || "")), h("p", {}, t.body ?? ""))) : null) : null,
      h("div.text", {}, underlined(m.body, m.phrases)), m.signature ? h("div.signature", {}, m.signature) : null,
      m.translation ? h("details.thread", { open: "" }, h("summary.muted.small", {}, m.translation.title), h("div.earlier", {}, h("p", {}, h("b", {}, m.translation.subject || "")), h("p", {}, m.translation.body || ""))) : null,
      m.whole ? h("details.thread", {}, h("summary.muted.small", {}, "Whole text, with what was cut off"), h("div.earlier", {}, h("p", {}, m.whole))) : null,
      meta.length ? h("table.meta", {}, h("caption.sr", {}, "Properties"), h("tbody", {}, meta.map(([k, value]) => h("tr", {}, h("th", { scope: "row" }, k), h("td", {}, value))))) : null].filter(Boolean));
  }
  function drawSide(m) {
    const s = J.state(m.uid), suggested = m.predictions ?? [];
    const rows = suggested.map(({ label_id: id, probability: p }, i) => {
      const label = labelOf(id), state = s.assigned.includes(id) ? "assigned" : s.dismissed.includes(id) ? "dismissed" : "predicted", name = pathOf(label);
      return h("li.suggestion", {}, h("kbd", { "aria-hidden": "true" }, i < 9 ? i + 1 : "·"),
        h(`button.chip.${state}`, { type: "button", "aria-pressed": String(state === "assigned"), title: `${name}: ${percent(p, 1)}`, style: { "--c": safeColour(label.colour), "--p": String(p) }, on: { click: () => assign(id) } }, state === "assigned" ? icon("check") : h("span.dot"), h("span.clip", {}, name)),
        h("span.figure.num.muted", {}, percent(p)), button("", { icon: state === "dismissed" ? "undo" : "close", kind: "ghost", title: `${state === "dismissed" ? "Take back dismissal of" : "Dismiss"} ${name}`, onClick: () => dismiss(id) }));
    });
    const known = new Set(suggested.map((p) => p.label_id)), chosen = s.assigned.map((id) => {
      const label = labelOf(id), note = id.startsWith("new:") ? h("span.badge", {}, "new") : null;
      return h("span.chip.assigned", { title: pathOf(label), style: { "--c": safeColour(label.colour) } }, icon("check"), h("span.clip", {}, pathOf(label)), note, h("button.x", { type: "button", "aria-label": `Remove ${pathOf(label)}`, on: { click: () => assign(id) } }, icon("close")));
    });
    const gone = s.dismissed.filter((id) => !known.has(id)).map((id) => labelChip(labelOf(id), { state: "dismissed", children: [h("button.x", { type: "button", "aria-label": `Take back dismissal of ${pathOf(labelOf(id))}`, on: { click: () => dismiss(id) } }, icon("undo"))] }));
    const note = J.notes.get(m.uid);
    const typing = document.activeElement === add.input || el.getRootNode().activeElement === add.input;
    side.replaceChildren(
      note ? h(`div.note.${note.kind}`, { role: note.kind === "error" ? "alert" : "status" }, note.text) : "",
      h("section", {}, h("h3", {}, "Assigned"), h("div.chips", {}, chosen.length || gone.length ? [chosen, gone] : h("span.muted.small", {}, "No label yet")), add.node),
      rows.length ? h("section", {}, h("h3", {}, "Suggestions"), h("ol.suggestions", {}, rows)) : "",
      h("div.foot", {}, button(s.reviewed ? "Reviewed, next" : "Mark reviewed", { icon: "check", kind: "primary", title: "Enter", onClick: finish }), s.reviewed ? h("span.done.small", {}, "reviewed") : null));
    if (typing) add.focus();
    card.classList.toggle("armed", armed);
  }
  function draw() {
    const m = current(), error = model.get("error"), inside = card.contains(document.activeElement) && document.activeElement !== add.input;
    drawHead();
    alert.hidden = !error; alert.textContent = error;
    body.classList.toggle("ended", !m);
    if (!m) { message.replaceChildren(h("div.empty", {}, model.get("busy") ? "Fetching messages…" : queue().length ? "You have reached the end of this queue." : model.get("empty_text"))); side.replaceChildren(); } else { drawMessage(m); drawSide(m); }
    if (inside && !card.contains(document.activeElement)) card.focus({ preventScroll: true });
    if (inside && document.activeElement === document.body) card.focus({ preventScroll: true });
    el.dataset.uid = m?.uid ?? "";
  }

  v.listen(card, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target === add.input) return;
    if (helpOpen && event.key === "Escape") return toggleHelp(false);
    const onButton = event.target.closest("button, summary") && event.target !== card;
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1] ?? /^[1-9]$/.exec(event.key)?.[0];
    if (digit) {
      const p = current()?.predictions?.[digit - 1];
      if (p) { if (event.shiftKey || armed) dismiss(p.label_id); else assign(p.label_id); }
      armed = false; card.classList.remove("armed");
    } else if (event.key === "Enter") { if (onButton) return; finish(); }
    else if (event.key === "j" || event.key === "ArrowRight") go(cursor + 1);
    else if (event.key === "k" || event.key === "ArrowLeft") go(cursor - 1);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") { if (event.target !== card) return; message.scrollBy({ top: event.key === "ArrowDown" ? 60 : -60 }); }
    else if (event.key === "u") undo();
    else if (event.key === "y") model.send({ type: "keep" });
    else if (event.key === "x") { armed = !armed; card.classList.toggle("armed", armed); live.textContent = armed ? "Dismiss which number?" : ""; }
    else if (event.key === "a" || event.key === "/") { if (current()) add.focus(); }
    else if (event.key === "?") toggleHelp();
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
      const names = (now, then) => (now ?? []).filter((l) => !then.includes(l)).map((l) => pathOf(labelOf(l)));
      const added = names(msg.state.assigned, before.assigned), removed = before.assigned.filter((l) => msg.state.assigned && !msg.state.assigned.includes(l)).map((l) => pathOf(labelOf(l))), dropped = names(msg.state.dismissed, before.dismissed);
      const parts = [added.length && `assigned ${added.join(", ")}`, removed.length && `removed ${removed.join(", ")}`, dropped.length && `dismissed ${dropped.join(", ")}`, msg.state.reviewed && !before.reviewed && "marked it reviewed"].filter(Boolean);
      J.remote(msg.uid, msg.state, `${who} ${parts.join("; ") || "looked at this message"}.`);
    }
  });
  const load = () => { for (const m of queue()) J.load(m); draw(); };
  v.on("change:queue", () => { load(); more(); });
  v.on("change:cursor", () => { if (model.get("cursor") !== cursor) { cursor = model.get("cursor"); draw(); more(); } });
  for (const key of ["taxonomy", "error", "busy", "total", "empty_text", "allow_new_labels"]) v.on(`change:${key}`, draw);
  v.listen(window, "beforeunload", (event) => { if (J.unsaved) event.preventDefault(); });
  load(); more();
  return () => { J.stop(); v.stop(); };
}

export default { render };
