// The message on the annotation card: what came before it, its text, what else is known of it. All of it is text.

/** m: a message of the queue; thread: {open, toggle}. Returns nodes. */
function messageParts(m, thread) {
  const earlier = m.thread ?? [], meta = m.meta ?? [], late = m.later ?? [];
  const letter = (t) => h("div.earlier", {}, h("div.row.small", {}, h("b.clip", {}, t.sender || "Unknown sender"), h("time.muted", {}, t.at || "")), h("p", {}, t.body ?? ""));
  const fold = (words, ...inside) => h("details.thread", {}, h("summary.muted.small", {}, words), ...inside);
  return [
    m.subject ? h("h2", {}, m.subject) : h("h2.muted", {}, "No subject"),
    h("div.byline.row", {}, h("b.clip", {}, m.sender || "Unknown sender"), m.recipients?.length ? h("span.muted.clip", {}, `to ${m.recipients.join(", ")}`) : null, h("time.muted", {}, m.at || "")),
    earlier.length ? h("div.thread", {}, h("button.thread-toggle", { type: "button", "data-key": "thread", "aria-expanded": String(thread.open), on: { click: thread.toggle } }, icon(thread.open ? "down" : "right"), `${earlier.length} earlier message${earlier.length > 1 ? "s" : ""}`), thread.open ? earlier.map(letter) : null) : null,
    h("div.text", {}, underlined(m.body, m.phrases)),
    m.signature ? h("div.signature", {}, m.signature) : null,
    m.translation ? h("details.thread", { open: "" }, h("summary.muted.small", {}, m.translation.title), h("div.earlier", {}, h("p", {}, h("b", {}, m.translation.subject || "")), h("p", {}, m.translation.body || ""))) : null,
    m.whole ? fold("Whole text, with what was cut off", h("div.earlier", {}, h("p", {}, m.whole))) : null,
    late.length ? fold(`${late.length} later message${late.length > 1 ? "s" : ""} of the thread`, late.map(letter)) : null,
    meta.length ? h("table.meta", {}, h("caption.sr", {}, "Properties"), h("tbody", {}, meta.map(([k, value]) => h("tr", {}, h("th", { scope: "row" }, k), h("td", {}, value))))) : null,
  ].filter(Boolean);
}
