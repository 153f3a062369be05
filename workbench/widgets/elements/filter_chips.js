// Conditions as chips; each can be taken away by click, or by Delete while it has the focus.

function render({ model, el }) {
  const v = mount(model, el, "filter-chips"), row = h("ul");
  el.append(row);
  const remove = (place, text) => { try { model.send({ type: "remove", place, text }); } catch { /* the banner says that the server is gone */ } };
  function draw() {
    const chips = model.get("chips"), inside = row.contains(document.activeElement) ? [...row.querySelectorAll("button")].indexOf(document.activeElement) : -1;
    row.hidden = !chips.length;
    row.setAttribute("aria-label", "More conditions");
    row.replaceChildren(...chips.map((text, place) => h("li.chip", { title: text }, h("span.clip", { dir: "auto" }, text),
      h("button", { type: "button", "aria-label": `Remove condition: ${text}`, on: { click: () => remove(place, text), keydown: (e) => { if (e.key === "Delete" || e.key === "Backspace") { e.preventDefault(); remove(place, text); } } } }, icon("close")))));
    if (inside >= 0) row.querySelectorAll("button")[Math.min(inside, chips.length - 1)]?.focus();
  }
  v.on("change:chips", draw);
  draw();
  return () => v.stop();
}

export default { render };
