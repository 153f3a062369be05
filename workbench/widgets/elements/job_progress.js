// Progress of one job.

function render({ model, el }) {
  const v = mount(model, el, "job"), WORDS = { queued: "Waiting", running: "Running", done: "Done", failed: "Failed", cancelled: "Cancelled", interrupted: "Interrupted" };
  let openLog = false, cancelling = false;
  const name = h("b.clip"), stage = h("span.muted.clip.grow"), badge = h("span.badge", { role: "status" }), fill = h("i"), bar = h("div.bar", { role: "progressbar", "aria-valuemin": 0 }, fill), figures = h("span.small.muted.grow"), problem = h("div.problem", { role: "alert", hidden: true });
  const cancel = button("Cancel", { onClick: () => { cancelling = true; draw(); model.send({ type: "cancel" }); setTimeout(() => { cancelling = false; draw(); }, 20000); } }), away = button("", { icon: "close", kind: "ghost", title: "Dismiss", onClick: () => model.send({ type: "dismiss" }) }), resume = button("Resume", { kind: "primary", onClick: () => model.send({ type: "resume" }) }), toggle = button("Log", { icon: "list", kind: "ghost", onClick: () => { openLog = !openLog; draw(); } });
  const log = h("pre.log", { tabIndex: 0, role: "log", "aria-label": "Log", hidden: true });
  el.append(h("div.panel.job", {}, h("div.row", {}, badge, name, stage, toggle, resume, cancel, away), bar, h("div.row", {}, figures), problem, log));
  const eta = (s) => (s < 0 ? "" : s < 60 ? `about ${Math.max(1, Math.round(s))} s left` : s < 5400 ? `about ${Math.round(s / 60)} min left` : `about ${(s / 3600).toFixed(1)} h left`);
  function draw() {
    const g = (k) => model.get(k), state = g("state"), total = g("total"), done = g("done"), live = state === "running" || state === "queued";
    if (!live) cancelling = false;
    el.dataset.state = state;
    name.textContent = g("kind"); stage.textContent = live ? g("stage") : ""; badge.textContent = cancelling ? "Cancelling…" : WORDS[state];
    const share = state === "done" ? 1 : total > 0 ? clamp(done / total, 0, 1) : 0;
    bar.classList.toggle("unknown", state === "running" && total <= 0);
    fill.style.width = total > 0 || !live ? `${100 * share}%` : "";
    bar.setAttribute("aria-label", g("kind")); bar.setAttribute("aria-valuemax", total || 1);
    if (total > 0 || !live) bar.setAttribute("aria-valuenow", total > 0 ? done : share); else bar.removeAttribute("aria-valuenow");
    figures.textContent = [total > 0 ? `${count(done)} of ${count(total)} ${g("unit")}` : done ? `${count(done)} ${g("unit")}` : "", total > 0 && live ? percent(share) : "", state === "running" ? eta(g("eta_s")) : ""].filter(Boolean).join("  ·  ");
    const stopped = state === "cancelled"; // somebody wanted it: no error
    problem.hidden = !stopped && !g("error"); problem.setAttribute("role", stopped ? "status" : "alert");
    problem.replaceChildren(...(stopped ? ["Stopped as asked. What was done until then is kept."] : [h("b", {}, g("error")), " ", g("next_step")]));
    cancel.hidden = !live || !g("cancellable"); cancel.disabled = cancelling; away.hidden = live; resume.hidden = !g("resumable") || live || state === "done";
    toggle.hidden = !g("log").length; toggle.setAttribute("aria-expanded", String(openLog));
    const end = log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
    log.hidden = !openLog || !g("log").length; log.textContent = g("log").slice(-500).join("\n");
    if (end) log.scrollTop = log.scrollHeight;
  }
  v.on("change", draw);
  draw();
  return () => v.stop();
}

export default { render };
