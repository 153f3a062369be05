// The state of a label: a ring, a word, and colour last. Tree and table share it.

const STATES = { untrained: ["Untrained", 0], gathering: ["Gathering", 1], poor: ["Poor", 2], fair: ["Fair", 3], healthy: ["Healthy", 4], excellent: ["Excellent", 5] };

/** What a state is called; while examples are gathered, how many of those wanted there are. */
function stateWord(state, examples, wanted) {
  const name = STATES[state]?.[0] ?? "";
  return state === "gathering" && wanted > 0 && examples < wanted ? `${count(examples)} of ${count(wanted)}` : name;
}
function stateTold(state, examples, wanted) {
  const name = STATES[state]?.[0] ?? "No state", word = stateWord(state, examples, wanted);
  return word && word !== name ? `${name}, ${word} examples` : name;
}

/** A ring whose filled arc grows with the state, or with the examples while they are gathered: then it is a dial. The
    excellent one carries a tick, the untrained one is dashed. */
function stateRing(state, examples, wanted) {
  const level = STATES[state]?.[1] ?? -1, told = stateTold(state, examples, wanted), svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16"); svg.setAttribute("class", `ring ${level < 0 ? "" : state}`); svg.setAttribute("role", "img"); svg.setAttribute("aria-label", told);
  const add = (tag, attrs) => { const n = document.createElementNS(SVG, tag); for (const [k, x] of Object.entries({ fill: "none", "stroke-width": 2.5, ...attrs })) n.setAttribute(k, x); svg.append(n); };
  const round = 2 * Math.PI * 6, filled = state === "gathering" && wanted > 0 ? clamp(examples / wanted, 0, 1) : level / 5;
  add("circle", { cx: 8, cy: 8, r: 6, class: "track", "stroke-dasharray": level === 0 ? "2.5 2.2" : "none" });
  if (level > 0) add("circle", { cx: 8, cy: 8, r: 6, class: "arc", "data-filled": filled.toFixed(2), "stroke-dasharray": `${round * filled} ${round}`, transform: "rotate(-90 8 8)" });
  if (level === 5) add("path", { d: "M5.500 8.200l1.800 1.800 3.200-3.600", class: "arc", "stroke-width": 1.6 });
  const title = document.createElementNS(SVG, "title");
  title.textContent = told; svg.prepend(title);
  return svg;
}
