// Back and forth: what was done is taken back or done again, wherever it was, and suggestions that
// were kept back are shown.

import { ask } from "./api.js";
import { isFinishedBlind } from "./decisions.js";
import { newUid } from "./outbox.js";
import { say, show } from "./screen.js";
import { desk, journal, outbox, state } from "./state.js";

export async function runUndo() {
  const record = journal.pop() ?? (await earlier());
  if (!record) return say("There is nothing to take back");
  journal.undone.push({ ...record, uids: takeBack(record) });
  return returnTo(record, `Took back: ${record.label}`);
}

// The newest decision that this browser did not make, or has forgotten; null for none.
async function earlier() {
  state.isBusy = true;
  try {
    // What waits here is newer, and what it takes back would still seem to stand.
    if (!(await outbox.flush())) return null;
    const { decisions } = await ask("/api/history");
    for (const { uid, segment_id: segment, label, key } of decisions) {
      journal.add({ segment, label, key, uids: [uid] }, { isNew: false });
    }
    return journal.pop();
  } catch {
    return null;
  } finally {
    state.isBusy = false;
  }
}

export function runRedo() {
  const record = journal.undone.pop();
  if (!record) return say("There is nothing to do again");
  journal.add({ ...record, uids: takeBack(record) }, { isNew: false });
  return returnTo(record, `Did again: ${record.label}`);
}

// Takes the events of a record back, newest first, and returns the uids of the undoings.
function takeBack({ segment, uids }) {
  const entry = desk.entries.get(segment);
  return [...uids].reverse().map((undoes) => {
    const event = { uid: newUid(), segment_id: segment, action: "undo", undoes };
    if (entry?.item) {
      // What it was before a decision that the page did not see, the server tells.
      entry.isUncertain ||= !entry.events.some((one) => one.uid === undoes);
      desk.did(entry, event);
    } else {
      outbox.add(event);
    }
    return event.uid;
  });
}

function returnTo(record, told) {
  desk.goTo(record.segment);
  if (!desk.entry) delete desk.states[record.segment];
  show({ focus: record.key || "" });
  say(told);
}

// Shows the suggestions on a blind segment that is done: the one in sight, else the one just left.
export async function runReveal() {
  if (!isFinishedBlind(desk.entry)) {
    if (!isFinishedBlind(desk.entries.get(desk.left))) {
      say("Suggestions are shown once you are done with a segment that has none");
      return;
    }
    desk.goTo(desk.left);
    show();
  }
  const { id } = desk;
  state.isBusy = true;
  try {
    if (!(await outbox.flush())) throw new Error("what you did waits for the server first");
    desk.replace(id, await ask("/api/reveal", { segment_id: id }));
    say("Suggestions are shown; what you change now is kept apart");
  } catch (failure) {
    say(`Not shown: ${failure.message}`, true);
  }
  state.isBusy = false;
  show();
}
