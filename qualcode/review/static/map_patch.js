// What a deed will look like once the server has it, so that a key shows at once.

const STATUS = { accept: "accepted", edit: "edited", reject: "rejected", restore: "draft" };

// Returns {sections, items, quotes} with the deeds that wait laid over what the server said.
export function patched({ map, items, quotes }, waiting, me) {
  const view = { sections: map?.sections ?? [], items: { ...items }, quotes: new Map(quotes) };
  for (const deed of waiting) PATCHES[deed.subject]?.(view, deed, me);
  return view;
}

function change(view, key, changes) {
  const item = view.items[key];
  if (item) view.items[key] = { ...item, ...changes, isPending: true };
}

const section = (view, id, changes) => {
  view.sections = view.sections.map((one) => (one.id === id ? { ...one, ...changes(one) } : one));
};

const PATCHES = {
  criterion(view, { action, target, value }, me) {
    const worded = action === "edit" ? { statement: value } : {};
    change(view, `criterion/${target}`, { status: STATUS[action], author: me, ...worded });
  },
  need(view, { target, value }) {
    for (const [key, item] of Object.entries(view.items)) {
      if (item.kind !== "criterion") continue;
      const needs = item.needs.filter((need) => need.id !== target);
      const moved = item.needs.find((need) => need.id === target);
      if (moved && item.id !== value) change(view, key, { needs });
    }
    change(view, `criterion/${value}`, {});
  },
  stage(view, { action, target, value }) {
    if (action === "rename") {
      change(view, `stage/${target}`, { name: value });
      section(view, target, () => ({ name: value }));
      return;
    }
    const order = view.sections.find((one) => one.id === "stages").items.filter((key) => key !== "sign");
    const key = `stage/${target}`;
    const others = order.filter((one) => one !== key);
    const at = others.indexOf(`stage/${value.before ?? value.after}`) + (value.after ? 1 : 0);
    others.splice(at, 0, key);
    section(view, "stages", () => ({ items: [...others, "sign"] }));
    others.forEach((one, place) => change(view, one, {
      place: place + 1,
      before: others[place - 1]?.slice(6) ?? null,
      after: others[place + 1]?.slice(6) ?? null,
    }));
  },
  stages(view, { value }, me) {
    const said = { author: me, role: value.role ?? "", at: "", agrees: value.agrees, note: value.note ?? "", is_current: true };
    const others = (view.items.sign?.said ?? []).filter((one) => one.author !== me || !one.is_current);
    change(view, "sign", { said: [...others, said] });
  },
  summary(view, { action, target, value }, me) {
    const key = `summary/${target}`;
    if (action === "reject") change(view, key, { text: "", status: "", author: "", note: "" });
    else if (action === "accept") change(view, key, { status: "accepted", author: me, note: "" });
    else change(view, key, { text: value, status: view.items[key]?.text ? "edited" : "written", author: me, note: "" });
  },
  quote(view, { action, target, value, reason }) {
    const changes = {
      pin: { is_pinned: true },
      swap: { is_pinned: true },
      unpin: { is_pinned: false },
      hide: { hidden: reason },
      show: { hidden: null },
    }[action];
    const everywhere = ["hide", "show"].includes(action);
    const shown = (list) =>
      list.map((quote) => (quote.coding_id === target ? { ...quote, ...changes, isPending: true } : quote));
    for (const [key, item] of Object.entries(view.items)) {
      if (item.quotes?.some((quote) => quote.coding_id === target) && (everywhere || item.cell === value?.cell)) {
        view.items[key] = { ...item, quotes: shown(item.quotes) };
      }
    }
    for (const [cell, opened] of view.quotes) {
      if (everywhere || cell === value?.cell) view.quotes.set(cell, { ...opened, quotes: shown(opened.quotes) });
    }
  },
  opportunity(view, { action, target, value, uid }, me) {
    if (action === "write") {
      const key = `opportunity/${uid}`;
      view.items[key] = { kind: "opportunity", id: "", stage: target, owner: "", ...value, author: me, isPending: true };
      section(view, target, (one) => ({ opportunities: [...one.opportunities, key] }));
      return;
    }
    const key = `opportunity/${target}`;
    if (action === "edit") change(view, key, { ...value });
    else change(view, key, { isGone: true });
  },
  owner(view, { target, value }) {
    for (const kind of ["criterion", "stage", "opportunity"]) change(view, `${kind}/${target}`, { owner: value });
  },
};
