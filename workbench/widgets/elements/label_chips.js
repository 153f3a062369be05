// A label of a message as a chip, told apart by shape and not by colour alone: what a person said is a box with two
// ticks, what a model thinks a dashed pill as opaque as it is sure (dotted while it knows little but the label's name), what
// a person dismissed is struck through.

/** options: state ("assigned" | "predicted" | "dismissed"), probability in [0, 1], isNew (it will be created),
 *  also (words behind the figure), onPress (makes the chip a button), onRemove with removeTitle, extras: nodes behind the name. */
function cardChip(label, { state = "predicted", probability, isNew = false, onPress, onRemove, removeTitle, extras = [], also = "" } = {}) {
  const name = pathOf(label), glyph = state === "assigned" ? icon("ticks") : state === "dismissed" ? icon("close") : h("span.dot");
  const named = state === "predicted" && label.named ? ".named" : "", from = named ? ", from the label's name" : "";
  const figure = probability === undefined ? name : `${name}: ${percent(probability, 1)}${also}${from}`;
  const parts = [glyph, pathText(label), isNew ? h("span.badge", {}, "new") : null, extras];
  const shared = { title: figure, style: { "--c": safeColour(label.colour), "--p": String(clamp(probability ?? 1, 0, 1)) } };
  if (onPress) return h(`button.chip.${state}${named}`, { ...shared, type: "button", "aria-label": figure, "aria-pressed": String(state === "assigned"), "data-key": `press ${label.id}`, on: { click: onPress } }, parts);
  return h(`span.chip.${state}${named}`, shared, parts, onRemove ? h("button.x", { type: "button", "aria-label": removeTitle ?? `Remove ${name}`, "data-key": `remove ${label.id}`, on: { click: onRemove } }, icon(state === "dismissed" ? "undo" : "close")) : null);
}
