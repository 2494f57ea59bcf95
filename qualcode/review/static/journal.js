// What I did, newest last, so that each key can be taken back, also after a reload or on another day:
// one record a key, with the uids of the events that it made. It is kept in this browser.

import { storage } from "./outbox.js";

const KEPT = 5000;

export class Journal {
  constructor(owner) {
    this.prefix = `qualcode/did/${owner}/`;
    this.store = storage();
    this.done = []; // {name, segment, label, key, uids}
    this.undone = [];
    this.last = 0;
    const keys = [];
    for (let at = 0; this.store && at < this.store.length; at += 1) {
      const key = this.store.key(at);
      if (key.startsWith(this.prefix)) keys.push(key);
    }
    keys.sort();
    for (const key of keys.splice(0, Math.max(0, keys.length - KEPT))) this.store.removeItem(key);
    for (const key of keys) {
      try {
        this.done.push({ ...JSON.parse(this.store.getItem(key)), name: key });
      } catch {
        this.store.removeItem(key);
      }
      this.last = Number(key.slice(this.prefix.length).split("/")[0]) || 0;
    }
  }

  add(record, { isNew = true } = {}) {
    this.last = Math.max(Date.now(), this.last + 1);
    const name = `${this.prefix}${String(this.last).padStart(15, "0")}/${record.uids[0]}`;
    const named = { ...record, name };
    this.done.push(named);
    if (isNew) this.undone = [];
    this.#write(named);
    return named;
  }

  // Adds an event to what the newest record takes back.
  extend(record, uid, label) {
    record.uids.push(uid);
    record.label = label;
    this.#write(record);
  }

  // The newest thing that stands, null for none; it leaves the journal.
  pop() {
    const record = this.done.pop() ?? null;
    if (record) this.#drop(record);
    return record;
  }

  forget(uid) {
    for (const record of this.done) record.uids = record.uids.filter((one) => one !== uid);
    for (const record of this.done.filter((one) => !one.uids.length)) this.#drop(record);
    this.done = this.done.filter((one) => one.uids.length);
  }

  #write({ name, ...record }) {
    try {
      this.store?.setItem(name, JSON.stringify(record));
    } catch {
      // Full: a reload forgets this one.
    }
  }

  #drop({ name }) {
    this.store?.removeItem(name);
  }
}
