// Elements without a framework. Every text goes in as a text node: a participant's words are never
// parsed as markup.

export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "class") made.className = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key in made && !key.includes("-")) made[key] = value;
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...present(children));
  return made;
}

const present = (children) =>
  children.flat().filter((child) => child !== null && child !== undefined && child !== false);

// Replaces what an element holds.
export const fill = (pane, ...children) => pane.replaceChildren(...present(children));

// Foreign words in our own sentences: their direction stays their own.
export const isolated = (text, className = "") => element("bdi", { class: className || null }, text);

export const counted = (count, one, many = one + "s") =>
  `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

// "a, b and c"
export function listed(parts) {
  if (parts.length < 2) return parts.join("");
  return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
