// Light or dark before the first paint, as the person chose; else as the system says. A classic
// script, so that the browser waits for it.
(() => {
  const CHOSEN = "qualcode/theme";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      return localStorage.getItem(CHOSEN);
    } catch {
      return null;
    }
  }

  function show() {
    const theme = chosen();
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  }

  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";

  function toggle() {
    const wanted = isDark() ? "light" : "dark";
    const isSystems = wanted === (system.matches ? "dark" : "light");
    try {
      if (isSystems) localStorage.removeItem(CHOSEN);
      else localStorage.setItem(CHOSEN, wanted);
    } catch {
      // Not kept; it holds for this page.
    }
    root.dataset.theme = wanted;
    label();
  }

  function label() {
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.textContent = isDark() ? "Light" : "Dark";
      button.setAttribute("aria-label", isDark() ? "Switch to light colours" : "Switch to dark colours");
    }
  }

  show();
  addEventListener("storage", show);
  system.addEventListener("change", label);
  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.hidden = false;
      button.addEventListener("click", toggle);
    }
    label();
  });
})();
