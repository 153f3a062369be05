// How a label is meant: two faces that differ in shape and word, not in colour alone. There is no neutral.

const FACES = {
  positive: { word: "Positive", sign: "+", d: "M8 15A7 7 0 108 1a7 7 0 000 14zM5.5 6.2v.3M10.5 6.2v.3M4.800 9.200c1.600 2.600 4.800 2.600 6.400 0" },
  negative: { word: "Negative", sign: "−", d: "M8 15A7 7 0 108 1a7 7 0 000 14zM5.5 6.2v.3M10.500 6.200v.3M4.800 11.400c1.600-2.600 4.800-2.600 6.400 0" },
};
const FACE_KEYS = { "+": "positive", "-": "negative", "−": "negative" };

/** What a predicted sentiment in [-1, 1] says; null where there is none. */
const expectedFace = (sentiment) => (typeof sentiment === "number" ? (sentiment >= 0 ? "positive" : "negative") : null);
const signed = (sentiment) => `${sentiment < 0 ? "−" : "+"}${Math.abs(sentiment).toFixed(2)}`;

function faceIcon(which) {
  const svg = icon("check");
  svg.querySelector("path").setAttribute("d", FACES[which].d);
  return svg;
}

/** Two buttons for a label: `said` is pressed, `expected` is what the model thinks; pick(which) is called for either. */
function faces(label, { said = null, expected = null, pick }) {
  return h("span.faces", { role: "group", "aria-label": `How ${pathOf(label)} is meant` }, Object.entries(FACES).map(([which, face]) =>
    h(`button.face.${which}${expected === which && !said ? ".expected" : ""}`, { type: "button", "aria-pressed": String(said === which), "aria-label": `${face.word}: ${pathOf(label)}`, title: `${face.word} (${face.sign})`, "data-label": label.id, on: { click: (event) => { event.stopPropagation(); pick(which); } } },
      faceIcon(which), h("span.sign", { "aria-hidden": "true" }, face.sign))));
}

/** Asks how the labels of the message on screen are meant, where the dataset has label sentiment.
 *
 *  has(): whether it has; message(): the message; state(): its judgement; labelOf(id); say(id, which): assign `id` so;
 *  drawn(): draw again; back(): give the focus back. */
function sentimentDesk({ has, message, state, labelOf, say, drawn, back }) {
  let asked = null, last = null;
  const node = h("div", { hidden: true });
  const expected = (id) => expectedFace(message()?.predictions?.find((p) => p.label_id === id)?.sentiment);
  const pick = (id, which) => { asked = null; last = id; say(id, which); };
  /** The sentiment a label gets when it is accepted: the expected one; without one it is asked, and null returned. */
  function accepted(id) {
    last = id;
    const which = expected(id);
    if (!which) { asked = id; drawn(); node.querySelector("button")?.focus(); }
    return which;
  }
  function draw() {
    node.hidden = asked === null;
    node.replaceChildren(...(asked === null ? [] : [h("div.asking", { role: "group", "aria-label": "Sentiment" }, h("span", {}, h("b", {}, pathOf(labelOf(asked))), ": positive or negative?"), faces(labelOf(asked), { pick: (which) => { pick(asked, which); back(); } }))]));
  }
  return {
    node, draw, accepted,
    moved: () => { asked = last = null; },
    /** Faces behind the name of a chip, and the words of its hover. */
    extras: (id) => (has() ? [faces(labelOf(id), { said: state().sentiments?.[id] ?? null, expected: expected(id), pick: (which) => pick(id, which) })] : []),
    figure: (sentiment) => (has() && typeof sentiment === "number" ? `, sentiment ${signed(sentiment)}` : ""),
    /** + and - say it of the focused chip, of the label that is asked about, or of the one chosen last. */
    key(event) {
      const which = has() ? FACE_KEYS[event.key] : undefined;
      if (!which) { if (asked !== null && event.key === "Escape") { asked = null; draw(); back(); return true; } return false; }
      const focused = event.target.closest?.("[data-label], [data-key]"), key = focused?.dataset.label ?? focused?.dataset.key?.split(" ").slice(1).join(" ");
      const id = key || asked || last;
      if (id) { const away = asked !== null; pick(id, which); if (away) back(); }
      return Boolean(id);
    },
  };
}
