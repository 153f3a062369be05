// A form. Values travel as one object; a name to be typed is compared here and once more by the operation.

function render({ model, el }) {
  const v = mount(model, el, "form");
  const uid = `wb-${uuid()}`, form = h("form.panel", { novalidate: true }), get = (k) => model.get(k);
  el.append(form);
  const hidden = new Set(); // keys of what is typed unseen: told once, with the button, and never kept
  let sent = {}, kept = {}, named = ""; // what a change told; what was typed since, which the answer must not wipe away
  let readers = {}, typed = null, go = null, notes = {}, warning = null, last = null;
  const values = (unseen) => Object.fromEntries(Object.entries(readers).filter(([key]) => unseen || !hidden.has(key)).map(([key, read]) => [key, read()]));
  const changed = () => { sent = values(false); try { model.send({ type: "change", values: values(false) }); } catch { /* the banner says that the server is gone */ } };
  function ready() { if (go) go.disabled = get("busy") || (get("confirm") && typed.value !== get("confirm")); }
  function control(f, id) {
    const now = f.key in kept ? kept[f.key] : get("values")[f.key], common = { id, "aria-describedby": `${id}-help ${id}-error`, "aria-required": f.required ? "true" : undefined, disabled: Boolean(f.fixed) };
    if (f.kind === "area") { const node = h("textarea.field.area", { ...common, rows: 3, maxlength: f.most, dir: "auto" }); node.value = now ?? ""; readers[f.key] = () => node.value; return node; }
    if (f.kind === "select") {
      const node = h("select.field", { ...common, on: { change: changed } }, f.options.map((o) => h("option", { value: o.value }, o.title)));
      node.value = now ?? ""; readers[f.key] = () => node.value; return node;
    }
    if (f.kind === "check") {
      const node = h("input", { ...common, type: "checkbox", checked: Boolean(now), on: { change: changed } });
      readers[f.key] = () => node.checked; return node;
    }
    if (f.kind === "secret") {
      const node = h("input.field", { ...common, type: "password", placeholder: f.placeholder, maxlength: f.most, autocomplete: "new-password", spellcheck: "false" });
      hidden.add(f.key); readers[f.key] = () => node.value; return node;
    }
    if (f.kind === "checks") return choices(f, id, new Set(now ?? []));
    const list = f.kind === "combo" ? h("datalist", { id: `${id}-list` }, f.options.map((o) => h("option", { value: o.title }))) : null;
    const titles = new Map((f.options ?? []).map((o) => [o.title.toLowerCase(), o.value])), known = (f.options ?? []).find((o) => o.value === now);
    const node = h("input.field", { ...common, type: f.kind === "day" ? "date" : "text", placeholder: f.placeholder, maxlength: f.most, list: list ? list.id : undefined, autocomplete: "off", spellcheck: "false", dir: "auto", on: { change: f.kind === "combo" ? changed : () => {} } });
    node.value = known ? known.title : now ?? "";
    readers[f.key] = () => titles.get(node.value.trim().toLowerCase()) ?? node.value;
    return list ? h("div", {}, node, list) : node;
  }
  function choices(f, id, chosen) {
    const said = h("span.small.muted", { role: "status" });
    const say = () => { said.textContent = `${chosen.size} chosen${f.most ? `, at most ${f.most}` : ""}`; for (const box of boxes.querySelectorAll("input")) box.disabled = f.fixed || (f.most && chosen.size >= f.most && !box.checked); };
    const find = h("input.field", { type: "search", placeholder: "Find", "aria-label": `Find in ${f.title}`, hidden: f.options.length < 9, on: { input: () => { const words = find.value.toLowerCase().split(/\s+/); for (const row of boxes.children) row.hidden = !words.every((w) => row.textContent.toLowerCase().includes(w)); } } });
    const boxes = h("div.boxes", { role: "group", id, "aria-label": f.title, "aria-describedby": `${id}-help ${id}-error` }, f.options.map((o) => h("label.box", { title: o.title },
      h("input", { type: "checkbox", checked: chosen.has(o.value), on: { change: (e) => { if (e.target.checked) chosen.add(o.value); else chosen.delete(o.value); say(); changed(); } } }), h("span.clip.grow", { dir: "auto" }, o.title), h("span.small.muted", {}, o.note ?? ""))),
      f.options.length ? [] : h("div.muted.small", {}, f.placeholder ?? "There is nothing to choose."));
    readers[f.key] = () => f.options.map((o) => o.value).filter((value) => chosen.has(value));
    say();
    return h("div.choices", {}, find, boxes, said);
  }
  function field(f) {
    const id = `${uid}-${f.key}`, node = control(f, id), error = h("div.error.small", { id: `${id}-error`, role: "alert" }), help = h("div.help.small.muted", { id: `${id}-help` }, f.help ?? "");
    notes[f.key] = error;
    if (f.kind === "check") return h("div.line.wide", {}, h("label.row", {}, node, h("span", {}, f.title)), help, error);
    const title = f.kind === "checks" ? h("span.label", {}, f.title) : h("label.label", { htmlFor: id }, f.title);
    if (f.required) title.append(h("span.muted", {}, " · required"));
    return h(`div.line${(f.kind === "area" || f.kind === "checks") && !f.narrow ? ".wide" : ""}${f.first ? ".first" : ""}`, {}, title, node, help, error);
  }
  function build() {
    const at = form.contains(document.activeElement) ? document.activeElement.id : "", known = Object.keys(notes).length > 0;
    const before = named === get("title") ? Object.entries(values(true)) : [];
    kept = Object.fromEntries(before.filter(([key, value]) => typeof value === "string" && value !== sent[key] && (hidden.has(key) || key in sent)));
    named = get("shown") ? get("title") : "";
    readers = {}; notes = {}; hidden.clear();
    form.hidden = !get("shown");
    if (!get("shown")) { form.replaceChildren(); return; }
    typed = h("input.field", { type: "text", id: `${uid}-confirm`, autocomplete: "off", spellcheck: "false", on: { input: ready } });
    go = h(`button.btn.primary${get("danger") ? ".danger" : ""}`, { type: "submit" }, get("submit"));
    notes[""] = h("div.error", { role: "alert" });
    warning = h("div.warning", { role: "status" });
    form.setAttribute("aria-label", get("title"));
    form.replaceChildren(h("h2", { dir: "auto" }, get("title")), get("text") ? h("p.intro", { dir: "auto" }, get("text")) : "", h("div.lines", {}, get("fields").map(field)), warning,
      get("confirm") ? h("div.line", {}, h("label.label", { htmlFor: typed.id }, "Type ", h("code", {}, get("confirm")), " to confirm"), typed) : "", notes[""],
      h("div.row.buttons", {}, go, button("Cancel", { onClick: leave })));
    update();
    const back = known && at ? document.getElementById(at) : null; // a choice that changes the fields keeps its place
    (back ?? form.querySelector(".line input:not(:disabled), .line textarea, .line select") ?? go).focus({ preventScroll: false });
  }
  function update() {
    if (!get("shown") || !warning) return; // not built yet: building ends with this
    const errors = get("errors");
    for (const [key, node] of Object.entries(notes)) node.textContent = errors[key] ?? "";
    for (const f of get("fields")) document.getElementById(`${uid}-${f.key}`)?.setAttribute("aria-invalid", String(Boolean(errors[f.key])));
    warning.textContent = get("warning"); warning.hidden = !get("warning");
    const first = get("fields").find((f) => errors[f.key]);
    if (first && last !== errors) document.getElementById(`${uid}-${first.key}`)?.focus();
    last = errors;
    ready();
  }
  function leave() { try { model.send({ type: "cancel" }); } catch { /* nothing is lost */ } }
  v.listen(form, "submit", (event) => { event.preventDefault(); if (!go.disabled) model.send({ type: "submit", values: values(true) }); });
  v.listen(form, "keydown", (event) => { if (event.key === "Escape") { event.preventDefault(); leave(); } });
  v.on("change:fields change:shown change:confirm change:title", debounce(build, 0));
  for (const key of ["errors", "busy", "warning"]) v.on(`change:${key}`, update);
  build();
  return () => v.stop();
}

export default { render };
