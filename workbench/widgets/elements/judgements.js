// The annotator's memory: what the server holds, what the person sees, and what is still under way between the two.

class Judgements {
  /** send(events) may throw; changed(uids) is called whenever something on screen may differ. */
  constructor(send, changed) {
    this.send = send; this.changed = changed;
    this.server = new Map(); // uid -> state as last answered
    this.local = new Map(); // uid -> state as shown
    this.lines = new Map(); // uid -> judgements not yet answered, oldest first; only the head is under way
    this.notes = new Map(); // uid -> {kind, text}
    this.history = []; // steps of this person: {cursor, parts: [{uid, before, after}]}
    this.timer = setInterval(() => this.retry(), 1000);
  }
  stop() { clearInterval(this.timer); }
  /** What the messages belong to: in another dataset the same message has other labels. */
  enter(scope) {
    if (scope === this.scope) return;
    this.scope = scope; this.history = [];
    for (const one of [this.server, this.local, this.lines, this.notes]) one.clear();
  }
  static of(raw) { return { assigned: [...(raw.assigned ?? [])], dismissed: [...(raw.dismissed ?? [])], reviewed: !!raw.reviewed, revision: raw.revision ?? 0, reviewed_by: raw.reviewed_by ?? "", reviewed_at: raw.reviewed_at ?? "", sentiments: { ...raw.sentiments } }; }
  load(message) {
    if (this.lines.get(message.uid)?.length) return;
    const state = Judgements.of(message), known = this.server.get(message.uid);
    if (known && known.revision > state.revision) return;
    this.server.set(message.uid, state); this.local.set(message.uid, state);
  }
  state(uid) { return this.local.get(uid) ?? Judgements.of({}); }
  get unsaved() { let n = 0; for (const line of this.lines.values()) n += line.length; return n; }
  get retrying() { for (const line of this.lines.values()) if (line[0]?.tries > 1) return true; return false; }
  judge(uid, change, cursor) { this.judgeAll([[uid, change]], cursor); }
  /** changes: [[uid, change]]; one step for the person, and one call where nothing of these messages waits. */
  judgeAll(changes, cursor, remember = true) {
    const parts = [], ready = [];
    for (const [uid, change] of changes) {
      const before = this.state(uid), after = { ...before, ...change }, line = this.lines.get(uid) ?? [];
      parts.push({ uid, before, after });
      this.local.set(uid, after);
      this.notes.delete(uid);
      line.push({ seq: uuid(), uid, state: after, revision: null, tries: 0, at: 0 });
      this.lines.set(uid, line);
      if (line.length === 1) ready.push(line[0]);
    }
    if (remember && parts.length) this.history.push({ cursor, parts });
    this.push(ready);
    this.changed(parts.map((part) => part.uid));
  }
  /** Take the last step back: only what it changed, whatever others have said since. */
  undo() {
    const last = this.history.pop();
    if (last) this.judgeAll(last.parts.map(({ uid, before, after }) => {
      const now = this.state(uid), { assigned, dismissed, sentiments } = Judgements.merge(after, now, before);
      return [uid, { assigned, dismissed, sentiments, reviewed: before.reviewed === after.reviewed ? now.reviewed : before.reviewed }];
    }), last.cursor, false);
    return last;
  }
  push(items) {
    if (!items.length) return;
    const isNew = (l) => l.startsWith("new:"), plain = (l) => (isNew(l) ? l.slice(4) : l);
    const events = items.map((item) => {
      item.tries++; item.at = performance.now();
      // The revision the judgement was built on, however often it is sent: a newer one would claim to have seen more.
      item.revision ??= this.server.get(item.uid)?.revision ?? 0;
      const { assigned, dismissed, reviewed, sentiments: all } = item.state, sentiments = Object.fromEntries(assigned.filter((l) => all[l]).map((l) => [plain(l), all[l]]));
      return { sentiments, seq: item.seq, uid: item.uid, assigned: assigned.map(plain), dismissed: dismissed.map(plain), new: [...assigned, ...dismissed].filter(isNew).map(plain), reviewed, before_revision: item.revision };
    });
    try { this.send(events); } catch { for (const item of items) item.tries++; }
  }
  retry() {
    const late = [...this.lines.values()].filter((line) => line.length && performance.now() - line[0].at > 4000).map((line) => line[0]);
    if (late.length) { this.push(late); this.changed(late.map((item) => item.uid)); }
  }
  find(seq) { for (const [uid, line] of this.lines) if (line[0]?.seq === seq) return [uid, line]; return []; }
  ack(seq, state) {
    const [uid, line] = this.find(seq);
    if (!line) return;
    const { created, ...stored } = state;
    if (created) this.rename(created);
    const sent = line.shift().state, server = { ...sent, ...stored };
    this.server.set(uid, server);
    if (line.length) { this.rebase(uid, sent, server); this.push([line[0]]); } else { this.lines.delete(uid); this.local.set(uid, server); }
    this.changed([uid]);
  }
  /** Labels that were made have ids now ({path: id}): whatever waits, is shown or can be undone speaks of the same ones. */
  rename(created) {
    const id = (l) => (l.startsWith("new:") ? created[l.slice(4)] ?? l : l), map = (list) => [...new Set(list.map(id))];
    const renamed = (state) => ({ ...state, assigned: map(state.assigned), dismissed: map(state.dismissed), sentiments: Object.fromEntries(Object.entries(state.sentiments).map(([l, which]) => [id(l), which])) });
    for (const line of this.lines.values()) for (const item of line) item.state = renamed(item.state);
    for (const [uid, state] of this.local) this.local.set(uid, renamed(state));
    for (const step of this.history) for (const part of step.parts) { part.before = renamed(part.before); part.after = renamed(part.after); }
  }
  // Three-way: take theirs, then lay on top what this person changed since the common base.
  static merge(base, theirs, mine) {
    const both = (key) => [...theirs[key].filter((l) => !base[key].includes(l) || mine[key].includes(l)), ...mine[key].filter((l) => !base[key].includes(l) && !theirs[key].includes(l))];
    const assigned = both("assigned"), said = Object.entries(mine.sentiments).filter(([l, which]) => base.sentiments[l] !== which);
    return { ...mine, sentiments: { ...theirs.sentiments, ...Object.fromEntries(said) }, assigned, dismissed: both("dismissed").filter((l) => !assigned.includes(l)), revision: theirs.revision };
  }
  // What waits was built on the base alone; sent as it is, it would take back what somebody else has said since.
  rebase(uid, base, theirs) {
    for (const item of this.lines.get(uid) ?? []) if (item.revision === null) item.state = Judgements.merge(base, theirs, item.state);
    this.local.set(uid, Judgements.merge(base, theirs, this.state(uid)));
  }
  refuse(seq, error) {
    const [uid, line] = this.find(seq);
    if (!line) return;
    this.lines.delete(uid); // what followed was built on the refused one
    this.local.set(uid, this.server.get(uid) ?? Judgements.of({}));
    for (const step of this.history) step.parts = step.parts.filter((part) => part.uid !== uid);
    this.history = this.history.filter((step) => step.parts.length);
    this.notes.set(uid, { kind: "error", text: `Not saved: ${error.title} ${error.next ?? ""}`.trim() });
    this.changed([uid]);
  }
  remote(uid, state, words) {
    const base = this.server.get(uid) ?? Judgements.of({}), theirs = { ...base, ...state };
    if (theirs.revision < base.revision) return;
    this.server.set(uid, theirs);
    this.notes.set(uid, { kind: "remote", text: words });
    // The judgement under way keeps its revision: the server merges it with theirs and answers with both.
    if (this.lines.get(uid)?.length) this.rebase(uid, base, theirs); else this.local.set(uid, theirs);
    this.changed([uid]);
  }
}
