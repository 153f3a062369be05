// The labels as a flat list of nodes in tree order, and what of it is in view. Knows no page.

/** state: closed (keys of closed branches), query. A node: {key, name, path, depth, label|null, parent, kids, place, of}. */
function treeModel(labels) {
  const root = { key: "", path: "", depth: 0, label: null, kids: new Map() }, closed = new Set();
  let all = [], shown = null, query = "";
  function read() {
    root.kids = new Map();
    for (const label of labels()) {
      let at = root;
      for (const part of pathOf(label).split(" > ")) {
        if (!at.kids.has(part)) at.kids.set(part, { name: part, path: at.path ? `${at.path} > ${part}` : part, depth: at.depth + 1, label: null, parent: at, kids: new Map() });
        at = at.kids.get(part);
      }
      at.label = label;
    }
    all = []; shown = null;
    const walk = (node) => { const kids = [...node.kids.values()]; kids.forEach((kid, i) => { kid.key = kid.label?.id ?? kid.path; kid.place = i + 1; kid.of = kids.length; all.push(kid); walk(kid); }); };
    walk(root);
  }
  function find() {
    if (query) {
      const words = query.split(/[\s>]+/).filter(Boolean), keep = new Set();
      for (const n of all) if (words.every((w) => n.path.toLowerCase().includes(w))) for (let at = n; at !== root; at = at.parent) keep.add(at);
      return all.filter((n) => keep.has(n));
    }
    const out = [], walk = (node) => { for (const kid of node.kids.values()) { out.push(kid); if (!closed.has(kid.key)) walk(kid); } };
    walk(root);
    return out;
  }
  read();
  return {
    root, closed, read,
    get all() { return all; },
    get rows() { return (shown ??= find()); },
    get query() { return query; },
    set query(text) { query = text; shown = null; },
    isOpen: (n) => Boolean(query) || !closed.has(n.key),
    toggle(n) { if (!closed.delete(n.key)) closed.add(n.key); shown = null; },
    openAll() { closed.clear(); shown = null; },
    /** Open what a node lies in. */
    reveal(n) { for (let at = n.parent; at && at !== root; at = at.parent) closed.delete(at.key); shown = null; },
    byId: (id) => all.find((n) => n.label?.id === id),
    siblings: (n) => [...n.parent.kids.values()],
    isWithin(n, other) { for (let at = n; at; at = at.parent) if (at === other) return true; return false; },
  };
}
