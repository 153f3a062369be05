// Upload in acknowledged pieces of 1 MiB.

const PIECE = 1 << 20;

function render({ model, el }) {
  const v = mount(model, el, "drop");
  let running = null, depth = 0;
  const answers = new Map();
  const picker = h("input.sr", { type: "file", tabIndex: -1, "aria-hidden": "true", on: { change: () => { take([...picker.files]); picker.value = ""; } } });
  const choose = button("Choose file", { icon: "upload", kind: "primary", onClick: () => picker.click() }), prompt = h("div.prompt"), limit = h("div.small.muted"), list = h("div.files", { "aria-live": "polite" });
  const area = h("div.area", { role: "group" }, h("div.row.centre", {}, prompt, choose), limit);
  el.append(area, picker, list);
  v.on("msg:custom", (m) => {
    if (m.type === "reply" && answers.has(m.id)) { const { resolve, reject } = answers.get(m.id); answers.delete(m.id); if (m.error) reject(m.error); else resolve(m.result); }
    if (m.type === "refused") { const entry = entries.get(m.upload_id); if (entry) finish(entry, "failed", `${m.error.title} ${m.error.next ?? ""}`); }
  });
  const entries = new Map();
  /** Send and wait. A piece without an answer for 20 s is sent again; Python recognises repeats by their number. */
  function call(type, content, buffers, entry) {
    return new Promise((resolve, reject) => {
      const id = uuid();
      let tries = 0;
      const send = () => {
        if (!answers.has(id)) return;
        if (entry?.stopped) { answers.delete(id); return reject({ title: "Cancelled", next: "" }); }
        if (tries++ > 3) { answers.delete(id); return reject({ title: "The server does not answer.", next: "Reload the page and try again." }); }
        try { model.send({ ...content, type, id }, undefined, buffers); } catch { /* comes again */ }
        setTimeout(send, 20000);
      };
      answers.set(id, { resolve, reject });
      if (entry) entry.abort = () => { if (answers.delete(id)) reject({ title: "Cancelled", next: "" }); };
      send();
    });
  }
  function finish(entry, state, text) { entry.row.dataset.state = state; entry.text.textContent = text; entry.stop.hidden = true; entry.meter.hidden = state !== "sending"; }
  function take(files) {
    if (model.get("disabled")) return;
    for (const file of model.get("multiple") ? files : files.slice(0, 1)) {
      const id = uuid(), entry = { id, file, stopped: false, text: h("span.small"), fill: h("i") };
      entry.meter = h("div.bar", { role: "progressbar", "aria-label": file.name, "aria-valuemin": 0, "aria-valuemax": 100 }, entry.fill);
      entry.stop = button("", { icon: "close", kind: "ghost", title: `Cancel ${file.name}`, onClick: () => { entry.stopped = true; entry.abort?.(); finish(entry, "failed", "Cancelled."); } });
      entry.row = h("div.file", { "data-state": "sending" }, h("div.row", {}, h("b.clip.grow", {}, file.name), entry.text, entry.stop), entry.meter);
      list.prepend(entry.row); entries.set(id, entry);
      const accept = model.get("accept").map((a) => a.toLowerCase()), max = model.get("max_bytes");
      if (accept.length && !accept.some((a) => file.name.toLowerCase().endsWith(a))) finish(entry, "failed", `Not a file of a kind that is read here: ${accept.join(", ")}.`);
      else if (file.size > max) finish(entry, "failed", `Too large: ${bytesText(file.size)}; the limit is ${bytesText(max)}. Split the file or import it from the command line.`);
      else { entry.text.textContent = "Waiting…"; running = (running ?? Promise.resolve()).then(() => upload(entry)); }
    }
    while (list.children.length > 8) list.lastChild.remove();
  }
  async function upload(entry) {
    const { file, id } = entry;
    if (entry.stopped) return;
    const started = performance.now();
    try {
      await call("start", { upload_id: id, name: file.name, n_bytes: file.size }, [], entry);
      for (let index = 0; index * PIECE < file.size; index++) {
        const piece = await file.slice(index * PIECE, (index + 1) * PIECE).arrayBuffer();
        await call("piece", { upload_id: id, index }, [piece], entry);
        const sent = Math.min(file.size, (index + 1) * PIECE), share = sent / file.size;
        entry.fill.style.width = `${100 * share}%`; entry.meter.setAttribute("aria-valuenow", Math.round(100 * share));
        entry.text.textContent = `${bytesText(sent)} of ${bytesText(file.size)}`;
      }
      const got = await call("end", { upload_id: id, name: file.name }, [], entry);
      if (got !== file.size) throw { title: `Only ${bytesText(got ?? 0)} arrived.`, next: "Try again." };
      finish(entry, "done", `${bytesText(file.size)} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    } catch (error) {
      if (entry.stopped) { try { model.send({ type: "cancel", upload_id: id }); } catch { /* nothing to cancel on the other side */ } }
      else finish(entry, "failed", error?.title ? `${error.title} ${error.next ?? ""}` : `The file could not be read: ${error?.message ?? error}`);
    }
  }
  v.listen(area, "dragenter", (e) => { e.preventDefault(); depth++; area.classList.add("over"); });
  v.listen(area, "dragover", (e) => e.preventDefault());
  v.listen(area, "dragleave", () => { if (--depth <= 0) { depth = 0; area.classList.remove("over"); } });
  v.listen(area, "drop", (e) => { e.preventDefault(); e.stopPropagation(); depth = 0; area.classList.remove("over"); take([...(e.dataTransfer?.files ?? [])]); });
  function draw() {
    prompt.textContent = model.get("prompt"); area.setAttribute("aria-label", model.get("prompt"));
    choose.disabled = model.get("disabled"); picker.accept = model.get("accept").join(","); picker.multiple = model.get("multiple");
    limit.textContent = `${model.get("accept").length ? model.get("accept").join("  ") + "  ·  " : ""}up to ${bytesText(model.get("max_bytes"))}`;
  }
  v.on("change", draw);
  draw();
  return () => { for (const e of entries.values()) { e.stopped = true; e.abort?.(); } v.stop(); };
}

export default { render };
