// Pick a label by typing any parts of its path; Enter takes the marked one or, where allowed, makes a new one.

/** options: {labels() -> [{id, path, colour}], allowNew() -> bool, onPick({id} | {path}), placeholder, view} */
function typeahead({ labels, allowNew, onPick, onLeave, placeholder = "Add label", exclude = () => new Set() }) {
  const id = `wb-${uuid()}`, list = h("div.ta-list.pop", { role: "listbox", id, hidden: true, "aria-label": "Labels" });
  const input = h("input.field", { type: "text", placeholder, role: "combobox", autocomplete: "off", spellcheck: "false", "aria-label": placeholder, "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list" });
  const node = h("div.ta", {}, input, list);
  let options = [], active = 0, leaving = 0;
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  function find(query) {
    const words = fold(query).split(/[\s>]+/).filter(Boolean), taken = exclude(), found = [];
    let exact = false;
    for (const label of labels()) {
      const path = pathOf(label), text = fold(path);
      if (text === fold(query.trim())) exact = true;
      if (taken.has(label.id) || !words.every((w) => text.includes(w))) continue;
      const leaf = fold(path.split(" > ").at(-1));
      found.push({ label, rank: words.length && leaf.startsWith(words.at(-1)) ? 0 : words.length && leaf.includes(words.at(-1)) ? 1 : 2 });
    }
    found.sort((a, b) => a.rank - b.rank);
    const out = found.slice(0, 40).map((f) => f.label);
    const clean = query.split(">").map((p) => p.trim().replace(/\s+/g, " ")).filter(Boolean).join(" > ");
    if (clean && !exact && allowNew()) out.push({ fresh: true, path: clean });
    return out;
  }
  function show() {
    options = find(input.value);
    active = clamp(active, 0, Math.max(0, options.length - 1));
    list.replaceChildren(...(options.length ? options.map((o, i) => h("div.ta-option", { role: "option", id: `${id}-${i}`, "aria-selected": String(i === active), on: { mousedown: (e) => { e.preventDefault(); pick(i); } } },
      o.fresh ? [icon("plus"), h("span.clip", {}, "Create ", h("b", {}, o.path))] : [h("span.dot", { style: { "--c": safeColour(o.colour) } }), h("span.clip", {}, pathOf(o))]))
      : [h("div.ta-none.muted", {}, input.value ? "No label matches" : "No more labels")]));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    if (options.length) { input.setAttribute("aria-activedescendant", `${id}-${active}`); list.children[active]?.scrollIntoView({ block: "nearest" }); } else input.removeAttribute("aria-activedescendant");
    // Open upwards when there is no room below.
    const box = input.getBoundingClientRect();
    list.classList.toggle("up", box.bottom + 240 > window.innerHeight && box.top > 260);
  }
  function hide() { list.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); }
  function pick(i) {
    const option = options[i];
    if (!option) return;
    input.value = ""; active = 0; hide();
    onPick(option.fresh ? { path: option.path } : { id: option.id });
  }
  input.addEventListener("input", () => { active = 0; show(); });
  // Who leaves and comes back at once, for the next label, keeps the list.
  input.addEventListener("focus", () => { clearTimeout(leaving); show(); });
  input.addEventListener("blur", () => { leaving = setTimeout(hide, 80); });
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); active = (active + (event.key === "ArrowDown" ? 1 : options.length - 1)) % Math.max(1, options.length); show(); }
    else if (event.key === "Enter") { event.preventDefault(); if (list.hidden) show(); else pick(active); }
    else if (event.key === "Escape") { event.preventDefault(); input.value = ""; hide(); onLeave?.(); }
  });
  return { node, input, focus() { input.focus(); }, /** Have the keyboard in the field, the list closed until something is typed. */ rest() { input.focus({ preventScroll: true }); hide(); } };
}
