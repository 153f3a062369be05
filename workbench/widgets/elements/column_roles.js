// Columns of a file with their roles.

function render({ model, el }) {
  const v = mount(model, el, "roles"), uid = `wb-${uuid()}`, head = h("div.line.top.small.muted", { "aria-hidden": "true" }, h("span", {}, "Column"), h("span", {}, "Is"), h("span", {}, "Values")), list = h("div.lines", { role: "group" });
  el.append(h("div.panel", {}, head, list));
  let pickers = new Map();
  function build() {
    pickers = new Map();
    list.setAttribute("aria-label", model.get("title"));
    list.replaceChildren(...model.get("columns").map((column, i) => {
      const pick = h("select.field", { id: `${uid}-${i}`, on: { change: () => model.send({ type: "choose", column: column.name, role: pick.value }) } }, model.get("roles").map((r) => h("option", { value: r.key }, r.title)));
      pickers.set(column.name, pick);
      return h("div.line", {}, h("label.name.clip", { htmlFor: pick.id, title: column.name, dir: "auto" }, column.name), pick,
        h("div.samples.small.muted", {}, (column.samples ?? []).map((text) => h("span.sample", { dir: "auto", title: text }, text)), column.samples?.length ? null : h("i", {}, "empty")));
    }));
    show();
  }
  function show() {
    const chosen = model.get("chosen");
    for (const [name, pick] of pickers) { pick.value = chosen[name] ?? model.get("spare"); pick.classList.toggle("out", pick.value === ""); }
  }
  v.on("change:columns", build);
  v.on("change:roles", build);
  v.on("change:chosen", show);
  build();
  return () => v.stop();
}

export default { render };
