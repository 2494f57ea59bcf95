// The whole transcript: the segment comes into view, and the key that led here leads back.

import { Keys, isElsewhere, pressed } from "./keys.js";

const { store, part, reviewer, segment } = document.body.dataset;
const back = document.getElementById("back");
const keys = new Keys();

// Back to the batch that the person came from, if the segment is one of it.
function batchOfThisTab() {
  try {
    const owner = [store, part, reviewer].map(encodeURIComponent).join("/");
    const { last, batches } = JSON.parse(sessionStorage.getItem(`qualcode/batch/${owner}`));
    return batches[last].batch.segment_ids.includes(segment) ? last : null;
  } catch {
    return null;
  }
}

const queue = batchOfThisTab();
if (queue !== null && back.pathname !== "/map") back.href = `/review?queue=${encodeURIComponent(queue)}`;
back.setAttribute("aria-keyshortcuts", keys.spoken("transcript") ?? "");
back.querySelector("kbd").textContent = keys.first("transcript");
back.querySelector("kbd").hidden = keys.isOff;

document.getElementById("segment")?.scrollIntoView({ block: "center" });

document.addEventListener("keydown", (event) => {
  if (isElsewhere(event)) return;
  const key = pressed(event);
  if (keys.action(key) !== "transcript" && (keys.isOff || key !== "Escape")) return;
  event.preventDefault();
  back.click();
});
