// Who said what of a message, and when: the last review in one line, the whole story on demand.

/** options: ask(uid) -> Promise<[{at, by, how, words: [text]}]>, stateOf(uid), redraw(). */
function reviewTrail({ ask, stateOf }) {
  let uid = null, open = false, revision = -1;
  const line = h("div.trail-line.small"), list = h("ol.trail", { "aria-label": "History of this message" }), node = h("section.history", {}, line, list);
  function toggle(on = !open) { open = on; draw(uid); }
  async function read() {
    const wanted = uid, at = stateOf(wanted).revision;
    revision = at;
    list.replaceChildren(h("li.muted.small", {}, "Reading…"));
    try {
      const events = await ask(wanted);
      if (wanted !== uid) return;
      list.replaceChildren(...(events.length ? events.map((one) => h("li", {}, h("div.row.small", {}, h("b.clip", {}, one.by), h("time.muted", {}, one.at)), one.words.map((words) => h("div", {}, words)), one.how ? h("div.muted.small", {}, one.how) : null)) : [h("li.muted.small", {}, "Nobody has said anything of this message yet.")]));
    } catch (error) { if (wanted === uid) { revision = -1; list.replaceChildren(h("li.small.bad", { role: "alert" }, `${error.message} ${error.next ?? ""}`)); } }
  }
  function draw(now) {
    if (now !== uid) { uid = now; open = false; revision = -1; }
    const s = stateOf(uid), who = s.reviewed_by ? `${s.reviewed ? "Reviewed" : "Last changed"} by ${s.reviewed_by}${s.reviewed_at ? `, ${s.reviewed_at}` : ""}` : s.reviewed ? "Reviewed" : "Not reviewed yet";
    node.hidden = !uid;
    line.replaceChildren(h("span.who", {}, who), h("button.link", { type: "button", "data-key": "trail", title: "Who said what, and when (w)", "aria-expanded": String(open), on: { click: () => toggle() } }, icon(open ? "down" : "right"), "History"));
    list.hidden = !open;
    if (open && uid && revision !== s.revision) read();
  }
  return { node, draw, toggle };
}
