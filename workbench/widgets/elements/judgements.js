// The annotator's memory: what the server holds, what the person sees, and what is still under way between the two.

class Judgements {
  /** send(event) may throw; changed(uid) is called whenever something on screen may differ. */
  constructor(send, changed) {
    this.send = send; this.changed = changed;
    this.server = new Map(); // uid -> state as last answered
    this.local = new Map(); // uid -> state as shown
    this.lines = new Map(); // uid -> judgements not yet answered, oldest first; only the head is under way
    this.notes = new Map(); // uid -> {kind, text}
    this.history = [];
    this.timer = setInterval(() => this.retry(), 1000);
  }
  stop() { clearInterval(this.timer); }
  static of(raw) { return { assigned: [...(raw.assigned ?? [])], dismissed: [...(raw.dismissed ?? [])], reviewed: !!raw.reviewed, revision: raw.revision ?? 0, sentiments: { ...raw.sentiments } }; }
  load(message) {
    if (this.lines.get(message.uid)?.length) return;
    const state = Judgements.of(message), known = this.server.get(message.uid);
    if (known && known.revision > state.revision) return;
    this.server.set(message.uid, state); this.local.set(message.uid, state);
  }
  state(uid) { return this.local.get(uid) ?? Judgements.of({}); }
  get unsaved() { let n = 0; for (const line of this.lines.values()) n += line.length; return n; }
  get retrying() { for (const line of this.lines.values()) if (line[0]?.tries > 1) return true; return false; }
  judge(uid, change, cursor, remember = true) {
    const before = this.state(uid), after = { ...before, ...change };
    if (remember) this.history.push({ uid, before, cursor });
    this.local.set(uid, after);
    this.notes.delete(uid);
    const line = this.lines.get(uid) ?? [];
    line.push({ seq: uuid(), uid, state: after, revision: null, tries: 0, at: 0 });
    this.lines.set(uid, line);
    if (line.length === 1) this.push(line[0]);
    this.changed(uid);
  }
  undo() {
    const last = this.history.pop();
    if (last) { const { assigned, dismissed, reviewed, sentiments } = last.before; this.judge(last.uid, { assigned, dismissed, reviewed, sentiments }, last.cursor, false); }
    return last;
  }
  push(item) {
    item.tries++; item.at = performance.now();
    // The revision the judgement was built on, however often it is sent: a newer one would claim to have seen more.
    item.revision ??= this.server.get(item.uid)?.revision ?? 0;
    const { assigned, dismissed, reviewed } = item.state, isNew = (l) => l.startsWith("new:"), plain = (l) => (isNew(l) ? l.slice(4) : l);
    try {
      const sentiments = Object.fromEntries(assigned.filter((l) => item.state.sentiments[l]).map((l) => [plain(l), item.state.sentiments[l]]));
      this.send({ sentiments, seq: item.seq, uid: item.uid, assigned: assigned.map(plain), dismissed: dismissed.map(plain), new: [...assigned, ...dismissed].filter(isNew).map(plain), reviewed, before_revision: item.revision });
    } catch { item.tries++; }
  }
  retry() {
    for (const [uid, line] of this.lines) if (line.length && performance.now() - line[0].at > 4000) { this.push(line[0]); this.changed(uid); }
  }
  find(seq) { for (const [uid, line] of this.lines) if (line[0]?.seq === seq) return [uid, line]; return []; }
  ack(seq, state) {
    const [uid, line] = this.find(seq);
    if (!line) return;
    const sent = line.shift().state, server = { ...sent, ...state };
    this.server.set(uid, server);
    if (line.length) { this.rebase(uid, this.rename(uid, sent, server), server); this.push(line[0]); } else { this.lines.delete(uid); this.local.set(uid, server); }
    this.changed(uid);
  }
  // A label created by the first judgement has an id now; those waiting behind it must speak of the same one.
  rename(uid, sent, server) {
    const fresh = server.assigned.filter((l) => !sent.assigned.includes(l)), old = sent.assigned.filter((l) => l.startsWith("new:"));
    if (fresh.length !== old.length) return sent;
    const map = (l) => (old.includes(l) ? fresh[old.indexOf(l)] : l);
    const renamed = (state) => ({ ...state, assigned: state.assigned.map(map), dismissed: state.dismissed.map(map), sentiments: Object.fromEntries(Object.entries(state.sentiments).map(([l, which]) => [map(l), which])) });
    for (const item of this.lines.get(uid) ?? []) item.state = renamed(item.state);
    this.local.set(uid, renamed(this.state(uid)));
    return renamed(sent);
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
    this.history = this.history.filter((item) => item.uid !== uid);
    this.notes.set(uid, { kind: "error", text: `Not saved: ${error.title} ${error.next ?? ""}`.trim() });
    this.changed(uid);
  }
  remote(uid, state, words) {
    const base = this.server.get(uid) ?? Judgements.of({}), theirs = { ...base, ...state };
    if (theirs.revision < base.revision) return;
    this.server.set(uid, theirs);
    this.notes.set(uid, { kind: "remote", text: words });
    // The judgement under way keeps its revision: the server merges it with theirs and answers with both.
    if (this.lines.get(uid)?.length) this.rebase(uid, base, theirs); else this.local.set(uid, theirs);
    this.changed(uid);
  }
}
