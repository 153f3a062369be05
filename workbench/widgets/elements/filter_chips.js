// Conditions as chips: each opens as fields to change, and can be taken away by click or by Delete; others can be added.

function render({ model, el }) {
  const v = mount(model, el, "filter-chips"), ask = asker(model, v), row = h("ul"), pop = h("div.pop", { hidden: true });
  const add = h("button.btn.ghost.add", { type: "button", "aria-haspopup": "menu", "aria-expanded": "false", on: { click: () => (pop.hidden || from !== add ? menu() : leave()) } }, icon("plus"), h("span", {}, "Add filter"));
  let from = null; // what the box was opened from, which gets the focus back
  el.append(row, pop);
  const remove = (place, text) => { leave(); try { model.send({ type: "remove", place, text }); } catch { /* the banner says that the server is gone */ } };
  function draw() {
    const chips = model.get("chips"), can = model.get("menu").length > 0, buttons = [...row.querySelectorAll("button")], inside = buttons.indexOf(document.activeElement);
    row.hidden = !chips.length && !can;
    row.setAttribute("aria-label", "More conditions");
    row.replaceChildren(...chips.map((text, place) => h("li.chip", { title: text },
      can ? h("button.words", { type: "button", "aria-haspopup": "dialog", "aria-label": `Change condition: ${text}`, on: { click: (e) => open({ place, text }, e.currentTarget), keydown: (e) => away(e, place, text) } }, h("span.clip", { dir: "auto" }, text)) : h("span.clip", { dir: "auto" }, text),
      h("button.gone", { type: "button", "aria-label": `Remove condition: ${text}`, on: { click: () => remove(place, text), keydown: (e) => away(e, place, text) } }, icon("close")))), ...(can ? [h("li", {}, add)] : []));
    if (inside >= 0) { const now = [...row.querySelectorAll("button")]; now[Math.min(inside, now.length - 1)]?.focus(); }
  }
  const away = (event, place, text) => { if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); remove(place, text); } };
  function put(node, at, role) {
    from = at;
    pop.replaceChildren(node);
    pop.setAttribute("role", role);
    pop.hidden = false;
    el.classList.add("open");
    add.setAttribute("aria-expanded", String(at === add));
    const room = el.getBoundingClientRect(), box = at.getBoundingClientRect();
    pop.style.top = `${box.bottom - room.top + 6}px`;
    pop.style.left = `${clamp(box.left - room.left, 0, Math.max(0, room.width - pop.offsetWidth))}px`;
  }
  function leave() {
    if (pop.hidden) return;
    const inside = pop.contains(document.activeElement);
    pop.hidden = true;
    pop.replaceChildren();
    el.classList.remove("open");
    add.setAttribute("aria-expanded", "false");
    if (inside) (from?.isConnected ? from : add).focus();
  }
  function menu() {
    const groups = [];
    for (const one of model.get("menu")) {
      if (groups.at(-1)?.title !== one.group) groups.push({ title: one.group, kinds: [] });
      groups.at(-1).kinds.push(one);
    }
    const node = h("div.groups", {}, groups.map((group) => h("div", { role: "group", "aria-label": group.title }, h("h3", { "aria-hidden": "true" }, group.title),
      group.kinds.map((one) => h("button.kind", { type: "button", role: "menuitem", tabIndex: -1, on: { click: () => open({ kind: one.kind }, add) } }, one.title)))));
    put(node, add, "menu");
    pop.setAttribute("aria-label", "Add filter");
    node.querySelector("button").focus();
  }
  v.listen(pop, "keydown", (event) => {
    if (event.key === "Escape") { event.preventDefault(); leave(); return; }
    const items = [...pop.querySelectorAll("[role=menuitem]")], at = items.indexOf(document.activeElement);
    if (at < 0) return;
    const next = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (next !== undefined) { event.preventDefault(); items.at(next % items.length).focus(); }
  });
  let asking = 0;
  async function open(what, at) {
    const mine = (asking += 1);
    let node, titled = "", focus;
    try {
      const box = conditionBox({ opened: await ask("open", what), ask, onLeave: leave, onKind: (kind) => open({ kind }, at), onDone: leave });
      ({ node, titled, focus } = box);
    } catch (error) {
      const close = button("Close", { onClick: leave });
      node = h("div", { role: "alert" }, h("p", {}, error.message), h("p.muted", {}, error.next ?? ""), close);
      focus = () => close.focus();
    }
    if (mine !== asking || !el.isConnected) return;
    put(node, at.isConnected ? at : add, "dialog");
    pop.removeAttribute("aria-label");
    if (titled) pop.setAttribute("aria-labelledby", titled); else pop.removeAttribute("aria-labelledby");
    focus();
  }
  v.listen(document, "pointerdown", (event) => { if (!pop.hidden && !pop.contains(event.target) && !add.contains(event.target)) leave(); });
  v.on("change:chips change:menu", draw);
  draw();
  return () => v.stop();
}

export default { render };
