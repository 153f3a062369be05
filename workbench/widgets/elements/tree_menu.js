// A menu of what can be done with a label, after the ARIA menu pattern: arrows, Home, End, Enter, Escape, first letters.

/** items: [{text, keys, act, off, danger}] or null for a line. Opens below `at`, or above it where there is no room. */
function openMenu({ host, at, title, items, onClose, view }) {
  const menu = h("div.pop.menu", { role: "menu", "aria-label": title });
  const close = (back) => { if (!menu.isConnected) return; menu.remove(); document.removeEventListener("pointerdown", outside, true); onClose(back); };
  const outside = (event) => { if (!menu.contains(event.target)) close(false); };
  const entries = items.map((item) => item === null ? h("div.line", { role: "separator" })
    : h(`button.item${item.danger ? ".danger" : ""}`, { type: "button", role: "menuitem", tabIndex: -1, "aria-disabled": item.off ? "true" : undefined, "aria-keyshortcuts": item.shortcut ?? item.keys, on: { click: () => { if (item.off) return; close(true); item.act(); } } }, h("span.grow", {}, item.text), item.keys ? h("kbd", { "aria-hidden": "true" }, item.keys) : null));
  menu.append(...entries);
  const buttons = entries.filter((node) => node.tagName === "BUTTON");
  const go = (i) => buttons[(i + buttons.length) % buttons.length].focus();
  menu.addEventListener("keydown", (event) => {
    event.stopPropagation();
    const i = buttons.indexOf(document.activeElement);
    const act = { ArrowDown: () => go(i + 1), ArrowUp: () => go(i - 1), Home: () => go(0), End: () => go(-1), Escape: () => close(true), Tab: () => close(true) }[event.key];
    if (act) { event.preventDefault(); act(); return; }
    if (event.key.length !== 1 || event.key === " " || event.ctrlKey || event.metaKey) return;
    const next = [...buttons.slice(i + 1), ...buttons.slice(0, i + 1)].find((b) => b.textContent.toLowerCase().startsWith(event.key.toLowerCase()));
    if (next) { event.preventDefault(); next.focus(); }
  });
  host.append(menu);
  const box = host.getBoundingClientRect(), place = at.getBoundingClientRect(), tall = menu.offsetHeight;
  const below = place.bottom + 4 + tall <= window.innerHeight || place.top - tall < 0;
  menu.style.top = `${(below ? place.bottom + 4 : place.top - 4 - tall) - box.top}px`;
  menu.style.right = `${Math.max(8, box.right - place.right)}px`;
  setTimeout(() => document.addEventListener("pointerdown", outside, true));
  view.undo.push(() => document.removeEventListener("pointerdown", outside, true));
  buttons[0].focus({ preventScroll: true });
  return close;
}
