// Banner.

function render({ model, el }) {
  const v = mount(model, el, "notice"), box = h("div.panel.notice");
  el.append(box);
  function draw() {
    const g = (k) => model.get(k), level = g("level");
    box.hidden = !g("title");
    box.dataset.level = level;
    box.setAttribute("role", level === "error" || level === "warning" ? "alert" : "status");
    box.replaceChildren(h("span.icon", {}, icon({ error: "warn", warning: "warn", info: "info", success: "check" }[level])),
      h("div.grow", {}, h("b", {}, h("span.sr", {}, `${level}: `), g("title")), g("text") ? h("div", {}, g("text")) : null, g("next_step") ? h("div.muted", {}, g("next_step")) : null),
      g("action") ? button(g("action"), { onClick: () => model.send({ type: "action" }) }) : "",
      g("dismissible") ? button("", { icon: "close", kind: "ghost", title: "Dismiss", onClick: () => model.send({ type: "dismiss" }) }) : "");
  }
  v.on("change", draw);
  draw();
  keepKeysOfPanel(v, el);
  return () => v.stop();
}

export default { render };
