// Tabs: one stop for the Tab key, arrows move and choose, as the ARIA practices say.

let rows = 0;

function render({ model, el }) {
  const v = mount(model, el, "tabs"), name = `wb-tabs-${++rows}`, list = h("div.tabs", { role: "tablist" });
  el.append(list);
  const choose = (key, focus) => {
    if (model.get("value") !== key) { model.set("value", key); model.save_changes(); }
    if (focus) list.querySelector('[aria-selected="true"]')?.focus();
  };
  // The part below is a widget of its own, which may come to the page later than the tabs.
  function name_part(left = 40) {
    const part = el.closest(".wb-panel")?.querySelector(".wb-tab-panel");
    if (!part) { if (left) setTimeout(() => name_part(left - 1), 50); return; }
    part.id ||= `${name}-part`;
    part.setAttribute("role", "tabpanel");
    part.setAttribute("aria-labelledby", `${name}-${model.get("value")}`);
    for (const tab of list.children) tab.setAttribute("aria-controls", part.id);
  }
  function draw() {
    const focused = list.contains(document.activeElement);
    list.setAttribute("aria-label", model.get("title"));
    list.replaceChildren(...model.get("tabs").map(({ key, title }) => {
      const chosen = key === model.get("value");
      return h(`button.tab${chosen ? ".chosen" : ""}`, { type: "button", role: "tab", id: `${name}-${key}`, tabIndex: chosen ? 0 : -1, "aria-selected": String(chosen), on: { click: () => choose(key) } }, title);
    }));
    if (focused) list.querySelector('[aria-selected="true"]')?.focus();
    name_part();
  }
  v.listen(list, "keydown", (event) => {
    const keys = model.get("tabs").map((tab) => tab.key), at = keys.indexOf(model.get("value"));
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: keys.length - 1 }[event.key];
    if (to === undefined || !keys.length) return;
    event.preventDefault();
    choose(keys[(to + keys.length) % keys.length], true);
  });
  for (const key of ["tabs", "value", "title"]) v.on(`change:${key}`, draw);
  draw();
  return () => v.stop();
}

export default { render };
