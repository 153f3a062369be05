// Progress of a batch of reviews. It also puts the keyboard on the card that stands in the same panel.

function render({ model, el }) {
  const v = mount(model, el, "batch");
  const title = h("b.clip"), words = h("span.muted.num", { role: "status" }), fill = h("i");
  const bar = h("div.bar", { role: "progressbar", "aria-label": "Reviewed", "aria-valuemin": 0 }, fill);
  const skip = button("Skip", { title: "Go on to the next message without a judgement", onClick: () => model.send({ type: "skip" }) });
  const finish = button("Finish", { kind: "primary", title: "End the batch; the model learns from what was reviewed", onClick: () => model.send({ type: "finish" }) });
  el.append(h("div.panel.batch", {}, h("div.row", {}, title, h("span.grow"), words, skip, finish), bar));
  function draw() {
    const done = model.get("done"), total = model.get("total"), skipped = model.get("skipped");
    title.textContent = model.get("title");
    words.textContent = `${count(done)} of ${count(total)} reviewed${skipped ? `, ${count(skipped)} skipped` : ""}`;
    bar.setAttribute("aria-valuemax", total || 1); bar.setAttribute("aria-valuenow", done); bar.setAttribute("aria-valuetext", words.textContent);
    fill.style.width = `${(100 * Math.min(done, total)) / Math.max(1, total)}%`;
    finish.querySelector("span").textContent = done < total ? "Finish here" : "Finish";
    finish.disabled = false; skip.disabled = total > 0 && done >= total;
  }
  // The card may be drawn a moment after the panel shows it.
  function reach(tries) {
    const card = el.closest(".wb-panel")?.querySelector(".wb-card .card");
    if (card?.offsetParent) card.focus({ preventScroll: true });
    else if (tries > 0) setTimeout(() => reach(tries - 1), 50);
  }
  v.on("msg:custom", (message) => { if (message.type === "focus") message.what === "finish" ? finish.focus() : reach(40); });
  v.on("change", draw);
  draw();
  return () => v.stop();
}

export default { render };
