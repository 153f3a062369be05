// A file to save. Its bytes reach the disk only: no type, no page, no frame.

function render({ model, el }) {
  const v = mount(model, el, "save"), ask = asker(model, v, 120000);
  const said = h("span.small.muted", { role: "status" });
  const go = button(" ", { icon: "download", onClick: fetchIt });
  el.append(h("div.row", {}, go, said));
  async function fetchIt() {
    go.disabled = true; said.className = "small muted"; said.textContent = "Fetching…";
    try { await ask("save"); said.textContent = ""; } catch (error) { said.className = "small error"; said.textContent = `${error.message} ${error.next ?? ""}`; }
    go.disabled = false;
  }
  let pieces = [];
  v.on("msg:custom", (message, buffers) => {
    if (message.type === "piece") pieces = [...(message.first ? [] : pieces), bytesOf(buffers[0])];
    if (message.type !== "file") return;
    const address = URL.createObjectURL(new Blob(pieces, { type: "application/octet-stream" }));
    pieces = [];
    const link = h("a", { href: address, download: String(message.name) });
    document.body.append(link); link.click(); link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  });
  function draw() { el.hidden = !model.get("caption"); go.lastChild.textContent = model.get("caption"); said.textContent = ""; }
  v.on("change", draw);
  draw();
  return () => v.stop();
}

export default { render };
