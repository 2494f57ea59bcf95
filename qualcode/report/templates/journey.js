"use strict";
// Opens the quotes behind a cell. Every text is set by textContent: participants' words are
// never parsed as markup. The quotes were cut on the server; nothing here computes an offset.
(() => {
  const data = JSON.parse(document.getElementById("evidence").textContent);
  const panel = document.getElementById("panel");
  const status = document.getElementById("status");
  const narrow = matchMedia("(max-width: 700px)");
  let opener = null;

  const text = (index) => (index === undefined ? "" : data.texts[index]);

  function element(name, properties = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (key.includes("-")) made.setAttribute(key, value);
      else made[key] = value;
    }
    made.append(...children.filter((child) => child !== null));
    return made;
  }

  const isolated = (value, className = "") =>
    element("bdi", { textContent: value, className });

  function piece(context) {
    const role = text(context.role);
    const line = element("p", { className: "turn " + role });
    const time = text(context.time);
    const voice = element("span", { className: "voice" }, isolated(text(context.who)));
    if (time) voice.append(" ", element("time", { textContent: time }));
    const words = element("span", { className: "words", dir: "auto" });
    if (context.quote === undefined) words.append(text(context.text));
    else {
      const mark = element("mark", { textContent: text(context.quote) });
      words.append(text(context.before), mark, text(context.after));
    }
    line.append(voice, words);
    return line;
  }

  function quoteBlock(quote) {
    const because = quote.because.map(text);
    const why = element("p", { className: "why" }, element("bdi", { textContent: text(quote.why) }));
    if (because.length) {
      why.append(" Words that carried it: ");
      because.forEach((word, index) => {
        why.append(index ? ", " : "", isolated("“" + word + "”"));
      });
      why.append(".");
    }
    const persona = text(quote.persona);
    const time = text(quote.time);
    const source = element("p", { className: "source" }, isolated(text(quote.who), "who"));
    if (persona) source.append(" · ", isolated(persona));
    source.append(" · ", isolated(text(quote.place)));
    if (time) source.append(" · ", element("time", { textContent: time }));
    source.append(" · score " + quote.score.toFixed(2));
    source.append(quote.checked ? " · checked by a person" : " · not checked yet");
    const tone = quote.valence === null ? "" : quote.valence < 0 ? " low" : quote.valence > 0 ? " high" : "";
    return element(
      "li",
      { className: "quote" + tone, tabIndex: -1 },
      element("blockquote", { textContent: text(quote.text), dir: "auto" }),
      source,
      why,
      element(
        "details",
        {},
        element("summary", { textContent: "See it in the transcript" }),
        ...quote.context.map(piece),
      ),
    );
  }

  function show(key, from, codingId) {
    const cell = Object.hasOwn(data.cells, key) ? data.cells[key] : null;
    if (!cell) return;
    settle();
    opener = from || document.querySelector(`button[data-key="${CSS.escape(key)}"]`);
    if (opener) opener.setAttribute("aria-expanded", "true");
    const close = element("button", { type: "button", className: "close", "aria-label": "Close quotes" });
    close.append(element("span", { textContent: "×", "aria-hidden": "true" }));
    close.addEventListener("click", shut);
    const list = element("ol", { className: "quotes" }, ...cell.quotes.map((i) => quoteBlock(data.quotes[i])));
    panel.replaceChildren(
      close,
      element("h2", { id: "panel-title", textContent: cell.title, dir: "auto" }),
      ...cell.lines.map((line) => element("p", { className: "fact", textContent: line, dir: "auto" })),
      cell.quotes.length ? list : element("p", { className: "empty", textContent: "No quotes to show." }),
      element("p", { className: "rest-of-quotes", textContent: cell.more, hidden: !cell.more }),
    );
    if (!panel.open) {
      if (narrow.matches) panel.showModal();
      else panel.show();
    }
    panel.scrollTop = 0;
    const shown = cell.quotes.length === 1 ? "1 quote" : `${cell.quotes.length} quotes`;
    status.textContent = `${cell.title}: ${shown} shown.`;
    link("#cell=" + encodeURIComponent(key));
    const position = codingId ? cell.quotes.findIndex((i) => data.quotes[i].id === codingId) : -1;
    const wanted = position > 0 ? list.children[position] : null;
    if (wanted) {
      wanted.classList.add("wanted");
      wanted.focus();
    } else close.focus();
  }

  function link(address) {
    try {
      history.replaceState(null, "", address);
    } catch {
      // A preview that forbids it (mail, sandbox) still shows the quotes.
    }
  }

  function settle() {
    if (opener) opener.removeAttribute("aria-expanded");
  }

  function shut() {
    if (!panel.open) return;
    panel.close();
    settle();
    status.textContent = "";
    link(location.pathname + location.search);
    if (opener) {
      const folded = opener.closest("details:not([open])");
      if (folded) folded.open = true;
      opener.focus();
    }
    opener = null;
  }

  function follow() {
    const match = /^#cell=(.+)$/.exec(location.hash);
    if (!match) return;
    try {
      show(decodeURIComponent(match[1]), null);
    } catch (error) {
      if (!(error instanceof URIError)) throw error; // a link cut short opens nothing
    }
  }

  // The cue says that columns lie out of sight; without scripts it always stands.
  const cue = document.getElementById("cue");
  const wrap = document.querySelector(".wrap");
  function cueWhereItScrolls() {
    if (cue) cue.hidden = wrap.scrollWidth <= wrap.clientWidth;
  }
  addEventListener("resize", cueWhereItScrolls);
  cueWhereItScrolls();

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-key]");
    if (button) show(button.dataset.key, button, button.dataset.quote);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && panel.open) {
      event.preventDefault();
      shut();
    }
  });
  panel.addEventListener("cancel", (event) => {
    event.preventDefault();
    shut();
  });
  addEventListener("hashchange", follow);
  follow();
})();
