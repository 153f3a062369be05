// Fields of one condition in a box of its own: values picked from what there is, numbers, choices.

/** Pick values by typing parts of them; options: {field, chosen, titles, find(part), onPick(value) | undefined}. */
function valuePicker({ field, chosen, titles, find, onPick, labelled }) {
  const id = `wb-${uuid()}`, list = h("div.picks", { role: "listbox", id, "aria-label": field.title, hidden: true }), said = h("span.sr", { role: "status" });
  const input = h("input.field", { type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", dir: "auto", maxlength: 500, "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list", placeholder: field.free ? "Type, or choose" : "Find", ...labelled });
  const row = h("ul.chosen", { "aria-label": `${field.title}: chosen` });
  let options = [], active = -1, last = -1, asked = 0, fresh = true; // last: where the arrows go on after a value was taken
  function show() {
    row.hidden = !chosen.length;
    row.replaceChildren(...chosen.map((value) => h("li.chip", { title: titles[value] ?? value }, h("span.clip", { dir: "auto" }, titles[value] ?? value),
      h("button", { type: "button", "aria-label": `Remove ${titles[value] ?? value}`, on: { click: () => { chosen.splice(chosen.indexOf(value), 1); show(); mark(); input.focus(); } } }, icon("close")))));
  }
  function mark() {
    for (const [i, node] of [...list.querySelectorAll("[role=option]")].entries()) { node.classList.toggle("active", i === active); node.setAttribute("aria-selected", String(chosen.includes(options[i].value))); }
    const node = list.querySelectorAll("[role=option]")[active];
    if (node) { input.setAttribute("aria-activedescendant", node.id); node.scrollIntoView({ block: "nearest" }); } else input.removeAttribute("aria-activedescendant");
  }
  async function look() {
    const mine = (asked += 1), part = input.value.trim();
    let found = [], failed = "";
    if (field.of) try { found = await find(part); } catch (error) { failed = `${error.message} ${error.next ?? ""}`; }
    if (mine !== asked) return;
    options = found; last = -1; fresh = part === input.value.trim();
    if (field.free && part && !found.some((one) => one.value === part)) options = [...found, { value: part, title: part, n: -1, typed: true }];
    active = part && options.length ? Math.max(0, options.findIndex((one) => one.value === part)) : -1;
    list.replaceChildren(...options.map((one, i) => h("div.pick", { role: "option", id: `${id}-${i}`, title: one.title, on: { mousedown: (e) => e.preventDefault(), click: () => pick(i) } },
      one.typed ? [icon("plus"), h("span.clip.grow", {}, "Use ", h("b", { dir: "auto" }, one.title))] : [h("span.clip.grow", { dir: "auto" }, one.title), one.n >= 0 ? h("span.small.muted.num", {}, count(one.n)) : null])));
    const none = failed || (field.of ? (part ? "Nothing matches." : "There is nothing to choose.") : "");
    if (!options.length && none) list.append(h("div.small.muted.none", {}, none));
    said.textContent = options.length ? `${options.length} to choose from` : none;
    list.hidden = !list.children.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark();
  }
  function pick(i) {
    const one = options[i];
    if (!one) return;
    if (onPick) { onPick(one.value); return; }
    titles[one.value] = one.title;
    if (chosen.includes(one.value)) chosen.splice(chosen.indexOf(one.value), 1); else chosen.push(one.value);
    show();
    [active, last] = [-1, i]; // so that Enter, pressed again, takes the whole condition
    if (input.value) { input.value = ""; look(); } else mark();
    input.focus();
  }
  const close = () => { asked += 1; list.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  const later = debounce(look, 160);
  input.addEventListener("input", () => { fresh = false; later(); });
  input.addEventListener("focus", () => { if (list.hidden) look(); });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); if (list.hidden) look(); else if (options.length) { active = active < 0 && last < 0 && step < 0 ? options.length - 1 : ((active < 0 ? last : active) + step + options.length) % options.length; mark(); } }
    else if (event.key === "Enter" && (input.value.trim() || active >= 0)) {
      event.preventDefault(); event.stopPropagation();
      if (fresh) pick(active); else { later.cancel(); look().then(() => pick(active)); } // typed faster than the values came
    }
    else if (event.key === "Backspace" && !input.value && chosen.length) { chosen.pop(); show(); mark(); }
  });
  show();
  // What was typed and not yet taken counts too: nobody expects it to be dropped.
  const read = () => { const typed = input.value.trim(); return field.free && typed && !chosen.includes(typed) ? [...chosen, typed] : [...chosen]; };
  return { node: h("div.picker", {}, row, input, list, said), input, read, close };
}

/** The box of one condition. ask(type, content) asks Python; onDone(), onLeave(), onKind(kind). */
function conditionBox({ opened, ask, onDone, onLeave, onKind }) {
  const uid = `wb-${uuid()}`, readers = {}, notes = {}, inputs = {}, lines = {}, pickers = [];
  const values = () => Object.fromEntries(Object.entries(readers).map(([key, read]) => [key, read()]));
  const given = (key) => opened.values[key];
  function line(field) {
    const id = `${uid}-${field.key}`, error = h("div.error.small", { id: `${id}-error`, role: "alert" }), labelled = { id, "aria-describedby": `${id}-error` };
    let node;
    if (field.type === "tokens" || field.type === "pick") {
      const picker = valuePicker({ field, labelled, chosen: [...(given(field.key) ?? [])], titles: { ...opened.titles }, find: (part) => ask("values", { of: field.of, part }), onPick: field.type === "pick" ? onKind : undefined });
      pickers.push(picker);
      picker.input.addEventListener("focus", () => { for (const other of pickers) if (other !== picker) other.close(); });
      readers[field.key] = picker.read; inputs[field.key] = picker.input; node = picker.node;
    } else if (field.type === "select") {
      node = h("select.field", { ...labelled, on: { change: fit } }, field.options.map((one) => h("option", { value: one.value }, one.title)));
      node.value = given(field.key) ?? field.options[0].value;
      readers[field.key] = () => node.value; inputs[field.key] = node;
    } else {
      node = h("input.field", { ...labelled, type: "text", maxlength: 200, autocomplete: "off", spellcheck: "false", placeholder: field.placeholder ?? "any" });
      node.value = given(field.key) ?? "";
      readers[field.key] = () => node.value; inputs[field.key] = node;
    }
    notes[field.key] = error;
    lines[field.key] = h(`div.line${field.half ? ".half" : ""}`, {}, h("label", { htmlFor: id }, field.title), node, error);
    return lines[field.key];
  }
  const filled = (field) => { const value = given(field.key); return Array.isArray(value) ? value.length > 0 : Boolean(value) && value !== "auto"; };
  function fit() {
    for (const field of opened.fields) if (field.when) lines[field.key].hidden = !field.when.slice(1).includes(readers[field.when[0]]());
  }
  async function submit(event) {
    event.preventDefault();
    go.disabled = true;
    for (const [key, note] of Object.entries(notes)) { note.textContent = ""; inputs[key]?.removeAttribute("aria-invalid"); }
    let errors;
    try {
      const told = await ask("apply", { kind: opened.kind, place: opened.place, text: opened.text, values: values() });
      if (!Object.keys(told.errors).length) { onDone(); return; }
      errors = told.errors;
    } catch (error) { errors = { "": `${error.message} ${error.next ?? ""}` }; }
    go.disabled = false;
    for (const [key, text] of Object.entries(errors)) {
      const at = key in notes ? key : "";
      notes[at].textContent = text;
      inputs[at]?.setAttribute("aria-invalid", "true");
      if (lines[at]?.closest("details")) lines[at].closest("details").open = true;
      (inputs[at] ?? go).focus();
    }
  }
  const go = h("button.btn.primary", { type: "submit" }, opened.place < 0 ? "Add" : "Apply"), picks = opened.fields.some((field) => field.type === "pick");
  const first = opened.fields.filter((field) => !field.more), rest = opened.fields.filter((field) => field.more);
  notes[""] = h("div.error.small", { role: "alert" });
  const form = h("form", { novalidate: "", on: { submit } }, h("h4", { dir: "auto", id: `${uid}-title` }, opened.title), opened.help ? h("div.small.muted", {}, opened.help) : null,
    h("div.lines", {}, first.map(line)),
    rest.length ? h("details", rest.some(filled) ? { open: true } : {}, h("summary", {}, "More"), h("div.lines", {}, rest.map(line))) : null,
    notes[""], h("div.row.buttons", {}, picks ? null : go, button("Cancel", { onClick: onLeave })));
  fit();
  return { node: form, titled: `${uid}-title`, focus: () => (inputs[first[0]?.key] ?? go).focus() };
}
