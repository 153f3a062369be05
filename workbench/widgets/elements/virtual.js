// Virtual scrolling over rows that Python keeps. Only what is in view is in the page; rows arrive in pages.

/** options: {viewport, rowHeight, pageSize, load(offset, limit) -> Promise<rows>, draw(row, index) -> node, onError} */
function virtualList({ viewport, rowHeight, pageSize = 60, load, draw, view, onDrawn }) {
  const LIMIT = 12e6; // browsers cap the height of an element; longer lists are scrolled in proportion
  const spacer = h("div.v-space", { role: "presentation" }), window_ = h("div.v-window", { role: "presentation" });
  viewport.append(spacer); spacer.append(window_);
  viewport.classList.add("v-port");
  let total = 0, epoch = 0, frame = 0, first = 0;
  const pages = new Map(), waiting = new Set(), failed = new Map();
  const height = () => Math.min(total * rowHeight, LIMIT);
  const visible = () => Math.ceil(viewport.clientHeight / rowHeight) + 1;
  const row = (i) => pages.get(Math.floor(i / pageSize))?.[i % pageSize];
  async function want(page) {
    if (pages.has(page) || waiting.has(page) || failed.has(page)) return;
    const mine = epoch;
    waiting.add(page);
    try {
      const rows = await load(page * pageSize, Math.min(pageSize, total - page * pageSize));
      if (mine === epoch) pages.set(page, rows ?? []);
    } catch (error) { if (mine === epoch) failed.set(page, error); }
    if (mine === epoch) { waiting.delete(page); refresh(); }
  }
  function refresh() { frame ||= requestAnimationFrame(drawNow); }
  function drawNow() {
    frame = 0;
    const span = height(), port = viewport.clientHeight, top = viewport.scrollTop, real = total * rowHeight;
    const at = span >= real || span <= port ? top : (top / (span - port)) * (real - port);
    first = clamp(Math.floor(at / rowHeight) - 3, 0, Math.max(0, total - 1));
    const last = Math.min(total, first + visible() + 6);
    spacer.style.height = `${span}px`;
    window_.style.transform = `translateY(${top - at + first * rowHeight}px)`;
    for (let p = Math.floor(first / pageSize); p * pageSize < last; p++) want(p);
    const focused = window_.contains(document.activeElement) ? document.activeElement.closest("[data-index]")?.dataset.index : undefined;
    const nodes = [];
    for (let i = first; i < last; i++) {
      const data = row(i), error = failed.get(Math.floor(i / pageSize));
      const node = data ? draw(data, i) : error && i % pageSize === 0
        ? h("div.v-row.v-failed", { role: "row" }, h("span", {}, `${error.message} ${error.next ?? ""}`), button("Retry", { onClick: () => { failed.clear(); refresh(); } }))
        : h("div.v-row.v-wait", { role: "row", "aria-busy": "true" }, h("i"), h("i"));
      node.dataset.index = i; node.style.height = `${rowHeight}px`;
      nodes.push(node);
    }
    window_.replaceChildren(...nodes);
    if (focused !== undefined) (window_.querySelector(`[data-index="${focused}"]`) ?? viewport).focus({ preventScroll: true });
    onDrawn?.();
  }
  view.listen(viewport, "scroll", refresh, { passive: true });
  const resize = new ResizeObserver(refresh);
  resize.observe(viewport);
  view.undo.push(() => { resize.disconnect(); cancelAnimationFrame(frame); });
  return {
    row, refresh,
    get total() { return total; },
    reset(n, keepScroll = false) { epoch++; total = n; pages.clear(); waiting.clear(); failed.clear(); if (!keepScroll) viewport.scrollTop = 0; refresh(); },
    reveal(i) {
      const span = height(), port = viewport.clientHeight, real = total * rowHeight, scale = span >= real ? 1 : (span - port) / (real - port);
      const top = viewport.scrollTop / scale, y = i * rowHeight;
      if (y < top) viewport.scrollTop = y * scale; else if (y + rowHeight > top + port) viewport.scrollTop = (y + rowHeight - port) * scale;
      refresh();
    },
    /** All rows of [from, to], asking Python for those that are not here. */
    async range(from, to) {
      const out = [];
      for (let p = Math.floor(from / pageSize); p <= Math.floor(to / pageSize); p++) { if (!pages.has(p)) pages.set(p, await load(p * pageSize, Math.min(pageSize, total - p * pageSize))); }
      for (let i = from; i <= to; i++) { const r = row(i); if (r) out.push(r); }
      return out;
    },
    each(fn) { for (const rows of pages.values()) rows.forEach(fn); },
  };
}
