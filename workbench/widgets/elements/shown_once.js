// A secret, shown once. It comes in a message, stands in the page until it is taken away, and nowhere else.

function render({ model, el }) {
  const v = mount(model, el, "once"), sheet = h("section.panel");
  el.append(sheet);
  const clear = () => { sheet.replaceChildren(); sheet.hidden = true; };
  const done = () => { clear(); try { model.send({ type: "done" }); } catch { /* it is gone from the page all the same */ } };
  function show({ title, text, lines, picture }) {
    const said = h("span.small.muted", { role: "status" });
    const copy = button("Copy", { icon: "copy", onClick: async () => { said.textContent = (await copyText(lines.join("\n"))) ? "Copied" : "Copying is blocked by the browser"; } });
    sheet.replaceChildren(h("h2", { dir: "auto", tabIndex: -1 }, title), h("p", {}, text),
      picture ? h("img.code", { alt: "Picture for an authenticator app", src: `data:image/svg+xml,${encodeURIComponent(picture)}` }) : "",
      h("ul", { "aria-label": title }, lines.map((line) => h("li", {}, h("code", {}, line)))),
      h("div.row", {}, copy, button("Done", { kind: "primary", title: "Take it off the screen", onClick: done }), said));
    sheet.setAttribute("aria-label", title);
    sheet.hidden = false;
    sheet.querySelector("h2").focus();
  }
  v.on("msg:custom", (message) => { if (message.type === "secret") show(message); if (message.type === "clear") clear(); });
  clear();
  return () => { clear(); v.stop(); };
}

export default { render };
