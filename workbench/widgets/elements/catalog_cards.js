// Cards of sources and datasets. A link leads to an app and hands on who visits; in a notebook there are none.

function render({ model, el }) {
  const v = mount(model, el, "cards");
  const search = h("input.field", { type: "search", placeholder: "Find by name or title", "aria-label": "Find by name or title" });
  const found = h("span.small.muted", { role: "status", "aria-live": "polite" });
  const tools = h("div.row.tools", {}, search, found), list = h("ul.grid"), empty = h("div.nothing");
  el.append(tools, list, empty);
  const inApp = () => document.body.classList.contains("wb-app");
  function address(link) {
    const url = new URL(`${link.app}.ipynb`, location.href), here = new URLSearchParams(location.search);
    url.search = new URLSearchParams(link.query ?? {}).toString();
    for (const name of ["user", "theme"]) if (here.get(name)) url.searchParams.set(name, here.get(name));
    return url.href;
  }
  const act = (key, card) => { try { model.send({ type: "act", key, card }); } catch { /* the banner says that the server is gone */ } };
  // Of many cards each button says which one it is about.
  const said = (words, node) => { node.setAttribute("aria-label", words); return node; };
  const bars = ({ values, title }) => { const most = Math.max(1, ...values); return h("div.bars", { role: "img", "aria-label": title, title }, values.map((n) => h(n ? "i.on" : "i", { style: { height: `${n ? Math.max(8, (100 * n) / most) : 4}%` } }))); };
  function draw(card) {
    const links = inApp() ? (card.links ?? []).map((link) => h("a.btn", { href: address(link), "aria-label": `${link.title}: ${card.title}` }, link.title)) : [];
    const actButton = (a) => said(`${a.title}: ${card.title}`, button(a.icon ? "" : a.title, { icon: a.icon, kind: a.icon ? "ghost" : "", title: `${a.title}: ${card.title}`, onClick: () => act(a.key, card.id) }));
    const named = (card.actions ?? []).filter((a) => !a.icon).map(actButton), marked = (card.actions ?? []).filter((a) => a.icon).map(actButton);
    return h("li.card", { "aria-label": card.title },
      h("div.head", {}, h("div.grow", {}, h("b.name", { dir: "auto", title: card.title }, card.title), h("div.small.muted.clip", { title: card.name }, card.name ?? "")), card.badge ? h(`span.badge.${/^[a-z]+$/.test(card.badge.level) ? card.badge.level : "none"}`, {}, card.badge.text) : null),
      card.text ? h("p.about.muted", { dir: "auto" }, card.text) : null,
      card.figures?.length ? h("div.figures", {}, card.figures.map(([n, noun]) => h("div", {}, h("b", {}, typeof n === "number" ? count(n) : n), h("span.small.muted", {}, noun)))) : null,
      card.bars ? bars(card.bars) : null,
      card.facts?.length ? h("dl.facts.small", {}, card.facts.map(([name, text]) => [h("dt.muted", {}, name), h("dd", { dir: "auto", title: text }, text)])) : null,
      card.problem?.length ? h(`div.problem.small${card.calm ? ".calm" : ""}`, { role: "note" }, h("b", { dir: "auto" }, card.problem[0]), card.problem[1] ? h("div", { dir: "auto" }, card.problem[1]) : null) : null,
      h("div.row.foot", {}, named, links, h("div.row.marks", {}, marked)));
  }
  function show() {
    const cards = model.get("cards"), words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kept = cards.filter((c) => words.every((w) => `${c.title} ${c.name ?? ""}`.toLowerCase().includes(w)));
    const inside = el.contains(document.activeElement) ? document.activeElement.title : null;
    tools.hidden = cards.length < 7;
    found.textContent = words.length ? `${count(kept.length)} of ${count(cards.length)}` : "";
    list.setAttribute("aria-label", model.get("title"));
    list.replaceChildren(...kept.map(draw));
    list.hidden = !kept.length; empty.hidden = kept.length > 0;
    empty.replaceChildren(h("b", {}, cards.length ? "No name or title has these words." : model.get("empty_title")), h("div.muted", {}, cards.length ? "" : model.get("empty_text")));
    if (inside) [...list.querySelectorAll("button")].find((b) => b.title === inside)?.focus();
  }
  v.listen(search, "input", show);
  v.on("change", show);
  show();
  return () => v.stop();
}

export default { render };
