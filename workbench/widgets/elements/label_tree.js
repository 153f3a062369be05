// What labels say of each other: one that applies makes all above it apply, one that does not apply, none below it.

class LabelTree {
  /** taxonomy: [{id, path}], path as "Parent > Child"; ids "new:Parent > Child" are of labels that will be made. */
  constructor(taxonomy) {
    this.byId = new Map(taxonomy.map((label) => [label.id, label]));
    this.byPath = new Map(taxonomy.map((label) => [pathOf(label), label.id]));
  }
  /** The label, or undefined when it is gone. */
  get(id) { return this.byId.get(id) ?? (id.startsWith("new:") ? { id, path: id.slice(4), colour: "#7a828e" } : undefined); }
  path(id) { const label = this.get(id); return label ? pathOf(label) : ""; }
  above(id) {
    const levels = this.path(id).split(" > ");
    return levels.slice(1).map((_, depth) => this.byPath.get(levels.slice(0, depth + 1).join(" > "))).filter(Boolean);
  }
  isBelow(id, other) { const above = this.path(other); return above !== "" && this.path(id).startsWith(`${above} > `); }

  // Changes of a state {assigned, dismissed}; each returns what changes.
  assign({ assigned, dismissed }, ids) {
    const wanted = new Set(ids.flatMap((id) => [...this.above(id), id]));
    return { assigned: [...assigned, ...[...wanted].filter((id) => !assigned.includes(id))], dismissed: dismissed.filter((id) => !wanted.has(id)) };
  }
  remove({ assigned }, ids) { return { assigned: assigned.filter((one) => !ids.some((id) => one === id || this.isBelow(one, id))) }; }
  dismiss(state, id) { return { ...this.remove(state, [id]), dismissed: state.dismissed.includes(id) ? state.dismissed : [...state.dismissed, id] }; }
  recall({ dismissed }, id) { return { dismissed: dismissed.filter((one) => one !== id) }; }

  /** Probabilities as people left them: 1 for what they gave, 0 for what they dismissed and all below it, and a
   *  parent never below its children. predictions: [{label_id, probability}]; returns a Map in their order. */
  shown(predictions, { assigned, dismissed }) {
    const out = dismissed.filter((id) => !assigned.includes(id)), found = new Map();
    for (const { label_id: id, probability } of predictions) {
      const isOut = out.some((gone) => id === gone || this.isBelow(id, gone));
      found.set(id, assigned.includes(id) ? 1 : isOut ? 0 : clamp(Number(probability) || 0, 0, 1));
    }
    for (const [id, p] of [...found]) for (const parent of this.above(id)) if (found.has(parent)) found.set(parent, Math.max(found.get(parent), p));
    return found;
  }
}
