// Keys of one's own, and the keys in the text of the help as they are now.

import { counted, element, fill } from "./draw.js";
import { ACTIONS, Keys, keyName, pressed, spokenKey } from "./keys.js";

const at = (id) => document.getElementById(id);
const keys = new Keys();
let listening = null; // the action that gets the next key

const tell = (text) => {
  at("keys-said").textContent = text;
};

function show() {
  for (const key of document.querySelectorAll("[data-key-of]")) key.textContent = keys.first(key.dataset.keyOf);
  at("keys-off").checked = keys.isOff;
  at("hints-off").checked = keys.areHintsOff;
  at("keys-reset").hidden = !Object.keys(keys.chosen).length;
  fill(at("keys-list"), ...ACTIONS.map(line));
}

function line({ id, does }) {
  const isListening = listening === id;
  const own = keys.of(id);
  const spoken = own.map(spokenKey).join(" or ");
  return element(
    "div",
    { class: `key-line${isListening ? " listening" : ""}` },
    element(
      "button",
      {
        type: "button",
        class: "small",
        "data-id": id,
        "aria-label": isListening ? `Press the new key for: ${does}` : `Key ${spoken}: ${does}. Change it`,
        onclick: () => listen(id),
      },
      isListening ? "press a key" : own.map((key) => element("kbd", {}, keyName(key))),
    ),
    element("span", { class: "does" }, does),
    keys.chosen[id] !== undefined &&
      element("button", { type: "button", class: "link", onclick: () => reset(id), "aria-label": `As it was: ${does}` }, "as it was"),
  );
}

function focusOn(id) {
  document.querySelector(`[data-id="${id}"]`)?.focus();
}

function listen(id) {
  listening = id;
  show();
  focusOn(id);
  tell("Press the new key, or Escape to leave it.");
}

function reset(id) {
  keys.reset(id);
  show();
  tell(id ? "The key is as it was." : `${counted(ACTIONS.length, "action")} have their keys as they were.`);
  if (id) focusOn(id);
}

document.addEventListener(
  "keydown",
  (event) => {
    if (!listening || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = pressed(event);
    if (["Shift", "CapsLock", "Tab"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    const id = listening;
    listening = null;
    const trouble = key === "Escape" ? "Left as it was" : keys.choose(id, key);
    show();
    focusOn(id);
    tell(trouble ? `${trouble}.` : `${spokenKey(key)} it is.`);
  },
  true,
);
document.addEventListener("focusout", () => {
  // The focus went elsewhere, so the next key is not meant for us.
  setTimeout(() => {
    if (!listening || document.activeElement?.dataset?.id === listening) return;
    listening = null;
    show();
  });
});
at("keys-off").addEventListener("change", (event) => {
  keys.turn(event.target.checked);
  tell(keys.isOff ? "Single keys are off." : "Single keys are on.");
});
at("hints-off").addEventListener("change", (event) => keys.showHints(!event.target.checked));
at("keys-reset").addEventListener("click", () => reset());
show();
