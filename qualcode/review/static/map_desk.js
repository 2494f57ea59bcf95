// The map as this page has it: what the server said, and over it the deeds that are on their way. A
// deed is in localStorage before its key comes up again and leaves in its turn; its uid is made
// here, so that sending it twice does it once.

import { ask } from "./api.js";
import { patched } from "./map_patch.js";
import { newUid, storage } from "./outbox.js";

const SOON = 900; // milliseconds between two questions while a draft is being made
const CALM = 15_000; // and while nothing is expected
const LONGEST_WAIT = 10_000;

// The key under which taking back has its troubles.
export const LOG = "log";

export class MapDesk extends EventTarget {
  // owner: study, part and person whose deeds these are.
  constructor(owner, reviewer) {
    super();
    this.reviewer = reviewer;
    this.prefix = `qualcode/map/${owner}/`;
    this.store = storage();
    this.map = null;
    this.items = {};
    this.quotes = new Map(); // cell to all its quotes, for those that were opened
    this.troubles = new Map(); // key of a row to {message, deed}
    this.state = "drafting"; // "calm", "away", "ended", "stale" (another session), "failed"
    this.message = "";
    this.waiting = this.#stored();
    this.isSending = false;
    this.delay = 0;
    this.number = 0;
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#again(0);
    });
    addEventListener("online", () => this.#again(0));
  }

  // What is on the screen: the server's map with what waits laid over it.
  get shown() {
    return patched(this, this.waiting, this.reviewer);
  }

  // deed: {key, subject, action, target, value, reason}; key is that of the row it is about.
  add(deed) {
    const made = { ...deed, uid: newUid(), seen: this.map.last, at: Date.now() + this.number++ };
    this.troubles.delete(deed.key);
    this.waiting.push(made);
    this.#keep(made);
    this.#tell();
    this.send();
  }

  async load() {
    let reply;
    try {
      const known = this.map ? `?known=${encodeURIComponent(this.map.version)}` : "";
      reply = await ask(`/api/map${known}`);
    } catch (failure) {
      this.#fail(failure);
      return;
    }
    if (this.state !== "calm" && reply.is_ready !== false) this.state = "calm";
    if (reply.is_ready === false) this.state = "drafting";
    else if (!reply.is_same) await this.#take(reply);
    this.#tell();
    this.#again(this.state === "drafting" || this.map?.is_fresh === false ? SOON : CALM);
    if (this.waiting.length && this.map) this.send();
  }

  // All quotes of a cell, kept until it is closed.
  async open(cell, most = 50) {
    try {
      this.quotes.set(cell, await ask(`/api/map/quotes?cell=${encodeURIComponent(cell)}&most=${most}`));
    } catch (failure) {
      this.troubles.set(`cell/${cell}`, { message: failure.message });
    }
    this.#tell();
  }

  close(cell) {
    this.quotes.delete(cell);
    this.#tell();
  }

  async send() {
    if (this.isSending || !this.map) return;
    this.isSending = true;
    while (this.waiting.length && (await this.#sent(this.waiting[0])));
    this.isSending = false;
    this.#tell();
  }

  // Returns whether to go on with the next one.
  async #sent(deed) {
    const { uid, subject, action, target, value, reason, seen } = deed;
    const body = { uid, subject, action, target: target ?? "", value, reason: reason ?? "", seen };
    if (deed.after !== undefined) body.after = deed.after;
    else this.#keep({ ...deed, after: this.map.last }); // what a reload would have to know
    let reply;
    try {
      reply = await ask("/api/map/decide", body);
    } catch (failure) {
      return this.#notSent(deed, failure);
    }
    this.#drop(deed);
    this.state = "calm";
    this.delay = 0;
    await this.#take(reply);
    this.dispatchEvent(new CustomEvent("done", { detail: { deed, reply } }));
    this.#again(this.map.is_fresh ? CALM : SOON);
    return true;
  }

  async #notSent(deed, failure) {
    if ([0, 401, 403, 503].includes(failure.status)) {
      if (failure.status === 0) deed.after ??= this.map.last;
      this.#fail(failure);
      return false;
    }
    this.#drop(deed);
    this.troubles.set(deed.key, { message: failure.message, deed });
    this.dispatchEvent(new CustomEvent("refused", { detail: { deed, message: failure.message } }));
    await this.load();
    return this.state === "calm";
  }

  #fail(failure) {
    this.message = failure.message;
    const isAway = [0, 503].includes(failure.status);
    this.state = { 401: "ended", 403: "stale" }[failure.status] ?? (isAway ? "away" : "failed");
    this.#tell();
    if (!isAway) return;
    this.delay = Math.min(Math.max(500, this.delay * 2), LONGEST_WAIT);
    this.#again(this.delay);
  }

  async #take(reply) {
    if (reply.is_whole) this.items = reply.items;
    else Object.assign(this.items, reply.items);
    for (const key of reply.gone) delete this.items[key];
    const { items: _, ...around } = reply;
    this.map = around;
    await Promise.all([...this.quotes.keys()].map((cell) => this.#reopen(cell)));
  }

  async #reopen(cell) {
    if (!this.items[`cell/${cell}`]) this.quotes.delete(cell);
    else await this.open(cell, Math.max(50, this.quotes.get(cell).quotes.length));
  }

  #again(after) {
    clearTimeout(this.timer);
    if (["ended", "stale"].includes(this.state)) return;
    this.timer = setTimeout(() => {
      if (this.waiting.length && this.map && !this.isSending) this.send();
      else if (document.visibilityState === "visible") this.load();
      else this.#again(CALM);
    }, after);
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }

  // ---- what waits, in this browser -----------------------------------------------------------

  #stored() {
    const found = [];
    for (let at = 0; at < (this.store?.length ?? 0); at += 1) {
      const key = this.store.key(at);
      if (!key.startsWith(this.prefix)) continue;
      try {
        found.push(JSON.parse(this.store.getItem(key)));
      } catch {
        this.store.removeItem(key);
      }
    }
    return found.sort((a, b) => a.at - b.at);
  }

  #keep(deed) {
    try {
      this.store?.setItem(this.prefix + deed.uid, JSON.stringify(deed));
    } catch {
      // Full: it is sent from memory all the same.
    }
  }

  #drop(deed) {
    this.waiting = this.waiting.filter((one) => one.uid !== deed.uid);
    this.store?.removeItem(this.prefix + deed.uid);
  }
}
