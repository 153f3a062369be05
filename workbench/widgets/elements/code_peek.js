// Show and copy the Python code of what is on screen.

function render({ model, el }) {
  const v = mount(model, el, "peek");
  let open = false;
  // Numbers in words on the screen come below the code of the view, under a heading of their own; one copy takes both.
  const whole = () => [model.get("code"), model.get("figures") && `# The numbers on this screen\n${model.get("figures")}`].filter(Boolean).join("\n\n");
  const code = h("code"), said = h("span.small.muted", { role: "status" }), toggle = button(model.get("caption"), { icon: "code", kind: "ghost", title: "Show the Python code of this view", onClick: () => { open = !open; if (open) model.send({ type: "open" }); draw(); } });
  const copy = button("Copy", { icon: "copy", onClick: async () => { said.textContent = (await copyText(whole())) ? "Copied" : "Copying is blocked"; setTimeout(() => { said.textContent = ""; }, 2000); } });
  const box = h("div.pop.sheet", { role: "dialog", "aria-label": "Python code", hidden: true }, h("pre", { tabIndex: 0 }, code), h("div.row", {}, h("span.grow"), said, copy));
  el.append(toggle, box);
  v.listen(el, "keydown", (event) => { if (event.key === "Escape" && open) { open = false; draw(); toggle.focus(); } });
  v.listen(document, "pointerdown", (event) => { if (open && !el.contains(event.target)) { open = false; draw(); } });
  function draw() { el.hidden = !whole(); code.textContent = whole(); box.hidden = !open; toggle.setAttribute("aria-expanded", String(open)); toggle.lastChild.textContent = model.get("caption"); }
  v.on("change", draw);
  draw();
  return () => v.stop();
}

export default { render };
