// The segments that lie before a person: the batch, the ones fetched ahead, and what the person did
// to each since the server last told of it.

import { ask } from "./api.js";
import { heldOf, isDone } from "./held.js";

const AHEAD = 5;
const AT_ONCE = 10;
const KEPT = 80;

export class Desk extends EventTarget {
  constructor(outbox) {
    super();
    this.outbox = outbox;
    this.entries = new Map();
    this.asked = new Set();
    this.families = [];
    this.batch = null;
    this.at = 0;
    this.left = null; // the segment that the person was done with last
    this.visit = null; // a segment outside the batch that the person went back to
    this.states = {}; // segment id to "done" or "skipped", also of those not fetched
    this.spent = 0; // milliseconds of work on the batch
    this.seen = 0;
    this.delay = 0;
    this.failure = null;
    outbox.addEventListener("change", () => this.#refreshUncertain());
  }

  // ---- the batch ---------------------------------------------------------------------------

  // Goes on with this tab's batch of the queue if it is not at its end, else asks for a new one.
  // queue: "" for what this tab was at last.
  async begin(queue, { size, otherwise = "uncertain", isNew = false } = {}) {
    const { last, batches } = this.#saved();
    const wanted = queue || last || otherwise;
    const saved = isNew ? null : batches[wanted];
    if (saved && saved.at < saved.batch.segment_ids.length) {
      Object.assign(this, { batch: saved.batch, at: saved.at, states: saved.states, spent: saved.spent });
    } else {
      await this.outbox.flush(); // what waits decides what is left
      this.batch = { ...(await ask("/api/batch", size ? { queue: wanted, size } : { queue: wanted })), asked: wanted };
      Object.assign(this, { at: 0, states: {}, spent: 0 });
    }
    this.visit = null;
    this.seen = 0;
    this.save();
  }

  // The queue whose batch this tab left for segments that were searched for; null for none.
  get interrupted() {
    if (!this.batch?.asked.startsWith("segments:")) return null;
    const others = Object.entries(this.#saved().batches).filter(([queue]) => !queue.startsWith("segments:"));
    return others.findLast(([, saved]) => saved.at < saved.batch.segment_ids.length)?.[0] ?? null;
  }

  #saved() {
    try {
      const saved = JSON.parse(sessionStorage.getItem(this.#key));
      if (saved?.batches) return saved;
    } catch {
      // Nothing of ours.
    }
    return { last: "", batches: {} };
  }

  get #key() {
    return `qualcode/batch/${this.outbox.owner}`;
  }

  save() {
    const { batch, at, states, spent } = this;
    const { [batch.asked]: _, ...others } = this.#saved().batches;
    const kept = Object.fromEntries(Object.entries(others).slice(-3));
    const saved = { last: batch.asked, batches: { ...kept, [batch.asked]: { batch, at, states, spent } } };
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(saved));
    } catch {
      // Without it a reload begins a new batch; decisions are elsewhere.
    }
  }

  get ids() {
    return this.batch?.segment_ids ?? [];
  }

  get isOver() {
    return this.visit === null && this.at >= this.ids.length;
  }

  get id() {
    return this.visit ?? this.ids[this.at] ?? null;
  }

  get entry() {
    return this.entries.get(this.id) ?? null;
  }

  // The time between two keys counts as work, longer pauses as a minute.
  tick() {
    const now = performance.now();
    if (this.seen) this.spent += Math.min(now - this.seen, 60_000);
    this.seen = now;
  }

  // ---- going about -------------------------------------------------------------------------

  // The next segment that is neither done nor skipped; the end of the batch where none is left.
  nextOpen() {
    this.visit = null;
    const isOpen = (at) => !this.states[this.ids[at]];
    const order = [...this.ids.keys()];
    const found = order.find((at) => at > this.at && isOpen(at)) ?? order.find((at) => at !== this.at && isOpen(at));
    this.at = found ?? this.ids.length;
    this.save();
  }

  // One on or back, whatever its state; returns whether there is one.
  step(by) {
    if (this.visit !== null) {
      this.visit = null;
      return true;
    }
    const to = this.at + by;
    if (to < 0 || to > this.ids.length) return false;
    this.at = to;
    this.save();
    return true;
  }

  goTo(segmentId) {
    const at = this.ids.indexOf(segmentId);
    this.visit = at < 0 ? segmentId : null;
    if (at >= 0) this.at = at;
    this.save();
  }

  // ---- the segments ------------------------------------------------------------------------

  held(entry) {
    if (entry.heldAt !== entry.events.length || !entry.held) {
      entry.held = heldOf(entry.item.mine, entry.events);
      entry.heldAt = entry.events.length;
      const { held } = entry;
      const id = entry.item.segment_id;
      if (isDone(held, this.families)) this.states[id] = "done";
      else if (held.isSkipped) this.states[id] = "skipped";
      else delete this.states[id];
    }
    return entry.held;
  }

  did(entry, event) {
    entry.events.push(event);
    this.outbox.add(event);
  }

  // Fetches what is before the person and the next five; the one before the person first.
  want() {
    const { ids, at } = this;
    if (this.id && !this.entries.has(this.id) && !this.asked.has(this.id)) this.#fetch([this.id]);
    const ahead = ids.slice(at, at + AHEAD + 1).filter((id) => !this.entries.has(id) && !this.asked.has(id));
    // In twos and more, so that one fast key does not mean one request.
    if (ahead.length >= 2 || (ahead.length && at + AHEAD >= ids.length - 1)) this.#fetch(ahead);
  }

  // Resolves once all segments of the batch are here, or the server is away.
  async wantAll() {
    const missing = this.ids.filter((id) => !this.entries.has(id));
    for (let at = 0; at < missing.length; at += AT_ONCE) await this.#fetch(missing.slice(at, at + AT_ONCE));
  }

  async #fetch(ids) {
    for (const id of ids) this.asked.add(id);
    const waiting = new Map(ids.map((id) => [id, this.outbox.on(id)]));
    try {
      const reply = await ask(`/api/items?ids=${ids.map(encodeURIComponent).join(",")}`);
      for (const item of reply.items) {
        this.#put(item.segment_id, item.refused ? { refused: item.refused } : item, waiting.get(item.segment_id) ?? []);
      }
      this.delay = 0;
      this.failure = null;
    } catch (failure) {
      this.failure = failure;
      this.delay = Math.min(this.delay ? this.delay * 2 : 500, 5000);
      setTimeout(() => this.want(), this.delay);
    } finally {
      for (const id of ids) this.asked.delete(id);
    }
    this.dispatchEvent(new Event("change"));
  }

  #put(id, item, events) {
    if (item.refused) {
      this.entries.set(id, { refused: item.refused, item: null, events: [] });
      this.states[id] = "refused";
      return;
    }
    const known = new Set(events.map((event) => event.uid));
    const isUncertain = events.some((event) => event.action === "undo" && !known.has(event.undoes));
    this.entries.delete(id);
    this.entries.set(id, { item, events: [...events], isUncertain });
    for (const old of this.entries.keys()) {
      if (this.entries.size <= KEPT) break;
      if (old !== this.id && !this.ids.includes(old)) this.entries.delete(old);
    }
  }

  // Reads a segment anew once all that was done to it is stored; returns whether that worked.
  async refresh(id) {
    const entry = this.entries.get(id);
    if (!entry?.item || !(await this.outbox.flush())) return false;
    const stored = entry.events.length;
    try {
      const reply = await ask(`/api/items?ids=${encodeURIComponent(id)}`);
      const [item] = reply.items;
      const isNewest = this.entries.get(id) === entry; // else something later was told meanwhile
      if (item && !item.refused && isNewest) this.replace(id, item, entry.events.slice(stored));
    } catch {
      return false;
    }
    this.dispatchEvent(new Event("change"));
    return true;
  }

  replace(id, item, events = []) {
    this.entries.set(id, { item, events, isUncertain: false });
  }

  // An event that the server did not take never was.
  forget(event) {
    const entry = this.entries.get(event.segment_id);
    if (!entry?.item) return;
    entry.events = entry.events.filter((one) => one.uid !== event.uid);
    entry.held = null;
    this.refresh(event.segment_id);
  }

  #refreshUncertain() {
    if (this.outbox.count) return;
    for (const [id, entry] of this.entries) {
      if (!entry.isUncertain) continue;
      entry.isUncertain = false;
      this.refresh(id);
    }
  }
}
