// What the annotation card explains: its keys, and once what reviewing a message says.

const KEYS = [
  ["1 – 9", "assign the n-th suggestion, again to take back"], ["⇧ 1 – 9 or x 1 – 9", "dismiss the n-th suggestion"], ["a or /", "find or create a label"],
  ["+ or -", "positive or negative, where labels have a sentiment"], ["Enter", "mark reviewed, next message"], ["j k or → ←", "next, previous"], ["y", "keep as is, where a label is doubted"], ["u", "undo the last step, again for the one before"],
  ["t", "thread: show or hide what came before"], ["w", "who said what of this message, and when"], ["l", "list of the queue"],
  ["s", "select or deselect this message"], ["⇧ A", "find a label for all that are selected"], ["⇧ Enter", "mark the selected reviewed"],
  ["i", "invert the selection"], ["h", "hide what is reviewed"], ["?", "show or hide this help"],
];
const RULE = "Marking a message reviewed says of every label whether it applies: those you leave out count as “does not apply”. So give all that apply, not only the one you are looking for.";
const RULE_SEEN = "workbench.completeness.seen";

/** The help dialog; close() is called by its button. */
function cardHelp(close) {
  const key = (part) => (part === "or" || part === "–" ? ` ${part} ` : h("kbd", {}, part));
  return h("div.help.pop", { role: "dialog", "aria-label": "Keys", hidden: true },
    h("h3", {}, "Keys"), h("dl", {}, KEYS.map(([keys, text]) => [h("dt", {}, keys.split(" ").map(key)), h("dd", {}, text)])),
    h("h3", {}, "What reviewed means"), h("p.rule-text", {}, RULE), button("Close", { onClick: close }));
}

/** The rule of completeness, until the person has read it; it stays in the help. */
function completenessNote(after) {
  const seen = () => { try { return window.localStorage.getItem(RULE_SEEN) === "1"; } catch { return false; } };
  if (seen()) return h("div", { hidden: true });
  const note = h("div.note.rule", { role: "note" }, h("span", {}, RULE), button("Got it", { kind: "ghost", onClick: () => {
    try { window.localStorage.setItem(RULE_SEEN, "1"); } catch { /* kept for this page only */ }
    note.hidden = true; after();
  } }));
  return note;
}
