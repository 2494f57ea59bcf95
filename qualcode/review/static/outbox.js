// The queue in which decisions leave the page. A decision is in localStorage before the key that
// made it comes up again, so neither a reload nor a server that is away for a while loses it. Its
// uid is made here, so sending it twice stores it once. One tab sends at a time, in order.

import { ask } from "./api.js";

const BATCH = 100;
const LONGEST_WAIT = 10_000;

// A random uid. crypto.randomUUID is missing on pages of another machine without TLS.
export function newUid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// localStorage where there is one; else memory, which a reload empties.
export function storage() {
  try {
    localStorage.setItem("qualcode/probe", "1");
    localStorage.removeItem("qualcode/probe");
    return localStorage;
  } catch {
    return null;
  }
}

export class Outbox extends EventTarget {
  // owner: study, part and person whose decisions these are; only pages of the same owner send them.
  constructor(owner, reviewer) {
    super();
    this.owner = owner;
    this.reviewer = reviewer;
    this.prefix = `qualcode/out/${owner}/`;
    this.lock = `qualcode/send/${owner}`;
    this.store = storage();
    this.waiting = new Map(); // key, in whose order they are sent, to event
    this.state = "calm"; // "calm", "away", "ended" (no session), "stale" (another session)
    this.last = 0;
    this.delay = 0;
    this.timer = null;
    this.sending = null;
    this.size = BATCH;
    this.#readStore();
    addEventListener("online", () => this.retry());
    addEventListener("storage", (event) => {
      if (event.key?.startsWith(this.prefix)) this.#readStore(); // another tab of the same person
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.retry();
    });
    addEventListener("pagehide", () => this.#lastTry());
  }

  get count() {
    return this.waiting.size;
  }

  // Events on a segment that are not known to be stored yet, in their order.
  on(segmentId) {
    return [...this.waiting.values()].filter((event) => event.segment_id === segmentId);
  }

  add(event) {
    this.last = Math.max(Date.now(), this.last + 1);
    const key = this.prefix + String(this.last).padStart(15, "0") + "/" + event.uid;
    this.waiting.set(key, event);
    try {
      this.store?.setItem(key, JSON.stringify(event));
    } catch {
      this.store = null; // full: what is held in memory is still sent
    }
    this.#tell();
    setTimeout(() => this.#send()); // first the screen, then the network
  }

  // Resolves to whether everything that waits now is stored.
  async flush() {
    if (this.count) await this.#send();
    return this.count === 0;
  }

  retry() {
    if (this.count || this.state !== "calm") this.#send();
  }

  #readStore() {
    if (!this.store) return;
    const keys = [];
    for (let at = 0; at < this.store.length; at += 1) {
      const key = this.store.key(at);
      if (key.startsWith(this.prefix)) keys.push(key);
    }
    for (const key of keys.sort()) {
      if (this.waiting.has(key)) continue;
      try {
        this.waiting.set(key, JSON.parse(this.store.getItem(key)));
      } catch {
        this.store.removeItem(key); // not one of ours
      }
      this.last = Math.max(this.last, Number(key.slice(this.prefix.length).split("/")[0]) || 0);
    }
    // Another tab has sent what is not in the store any more.
    for (const key of this.waiting.keys()) {
      if (this.store.getItem(key) === null) this.waiting.delete(key);
    }
    this.waiting = new Map([...this.waiting].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #send() {
    clearTimeout(this.timer);
    this.sending ??= this.#inTurn(() => this.#drain()).finally(() => {
      this.sending = null;
      if (this.count && this.state === "calm") this.#send();
    });
    return this.sending;
  }

  #inTurn(work) {
    return navigator.locks ? navigator.locks.request(this.lock, work) : work();
  }

  // Another request has met the end of the session.
  ended(failure) {
    if (this.state === "calm") this.#wait(failure);
  }

  async #drain() {
    if (!this.count && this.state !== "calm") {
      try {
        await ask("/api/session");
      } catch (failure) {
        this.#wait(failure);
        return;
      }
    }
    while (this.count) {
      const entries = [...this.waiting].slice(0, this.size);
      try {
        const events = entries.map(([, event]) => event);
        const reply = await ask("/api/events", { events, reviewer: this.reviewer });
        this.#settle(entries, reply);
      } catch (failure) {
        if (this.#setAside(entries, failure)) continue;
        this.#wait(failure);
        return;
      }
    }
    this.#calm();
  }

  #settle(entries, reply) {
    const receipts = new Map(reply.receipts.map((receipt) => [receipt.uid, receipt]));
    for (const [key, event] of entries) {
      const receipt = receipts.get(event.uid);
      if (!receipt) continue;
      this.#drop(key);
      if (receipt.refused) this.#refuse(event, receipt.refused);
    }
    if (!entries.some(([, event]) => receipts.has(event.uid))) throw new Error("no receipts");
    this.size = BATCH;
    this.#calm();
    this.dispatchEvent(new CustomEvent("stored", { detail: reply }));
  }

  // A request that the server cannot read must not hold up the others: it is sent in single events,
  // and the one that fails alone is reported and given up.
  #setAside(entries, failure) {
    if (![400, 404, 413, 415, 422].includes(failure.status)) return false;
    if (entries.length > 1) {
      this.size = 1;
      return true;
    }
    this.#drop(entries[0][0]);
    this.#refuse(entries[0][1], failure.message);
    return true;
  }

  #refuse(event, reason) {
    this.dispatchEvent(new CustomEvent("refused", { detail: { event, reason } }));
  }

  #drop(key) {
    this.waiting.delete(key);
    this.store?.removeItem(key);
  }

  #wait(failure) {
    const states = { 401: "ended", 403: "stale", 409: "stale" };
    this.state = states[failure.status] ?? "away";
    this.delay = Math.min(this.delay ? this.delay * 2 : 500, LONGEST_WAIT);
    // A session may begin again in another tab of this browser, so an ended one is asked for too.
    if (this.state !== "stale") this.timer = setTimeout(() => this.#send(), this.delay);
    this.#tell();
  }

  #calm() {
    this.delay = 0;
    this.state = "calm";
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }

  // The page goes away: a request that outlives it. What it does not bring home is sent next time.
  #lastTry() {
    if (!this.count || this.state === "ended" || this.state === "stale") return;
    const events = [...this.waiting.values()].slice(0, BATCH);
    ask("/api/events", { events, reviewer: this.reviewer }, { keepalive: true }).catch(() => {});
  }
}

// Other people whose decisions wait in this browser: [{owner, count}].
export function waitingOfOthers(owner) {
  const store = storage();
  const found = new Map();
  for (let at = 0; store && at < store.length; at += 1) {
    const key = store.key(at);
    if (!key.startsWith("qualcode/out/")) continue;
    const other = key.slice("qualcode/out/".length).split("/").slice(0, -2).join("/");
    if (other !== owner) found.set(other, (found.get(other) ?? 0) + 1);
  }
  return [...found].map(([name, count]) => ({ owner: name, count }));
}
