/* What the live figures share: buttons, sliders, grids of numbers, maps to point at, bars, and a line
   that says what changed. Every part works from the keyboard and has a name for a screen reader.
   The only global name is `attnLive`; in node it is the module, and nothing of it needs a page to load.

     attnLive.start("se-live", (root) => { ...; root.replaceChildren(buttons, grid.element, status); });
*/
var attnLive = (() => {
  /* An element with attributes and children: make("p", { class: "name" }, "channel 0"). */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    element.append(...children);
    return element;
  }

  /* A row of buttons: buttons({ "Start again": () => { ... } }). */
  function buttons(actions) {
    return make("div", { class: "buttons" }, ...Object.entries(actions).map(([label, act]) => {
      const element = make("button", { type: "button" }, label);
      element.addEventListener("click", act);
      return element;
    }));
  }

  /* The line that is read aloud when it changes; say(line, text) changes it. */
  const status = () => make("p", { role: "status", "aria-live": "polite" });
  const say = (line, text) => { if (line.textContent !== text) line.textContent = text; };

  /* A slider through a list of values; change(value) is called when it moves. */
  function slider(label, values, first, change, words = String) {
    const input = make("input", { type: "range", min: 0, max: values.length - 1, step: 1, "aria-label": label });
    const shown = make("span", { class: "number" });
    const show = (value) => {
      input.value = values.indexOf(value);
      input.setAttribute("aria-valuetext", words(value));
      shown.textContent = words(value);
    };
    input.addEventListener("input", () => {
      const value = values[Number(input.value)];
      show(value);
      change(value);
    });
    show(first);
    return { element: make("label", { class: "slider" }, make("span", { class: "name" }, label), input, shown), show };
  }

  /* A choice of one of a few words; change(word) is called when another is chosen. */
  function choice(label, words, first, change) {
    const select = make("select", { "aria-label": label }, ...words.map((word) => make("option", { value: word }, word)));
    select.value = first;
    select.addEventListener("change", () => change(select.value));
    return { element: make("label", { class: "slider" }, make("span", { class: "name" }, label), select),
             show: (word) => { select.value = word; } };
  }

  const where = (n, columns) => `row ${Math.floor(n / columns)}, column ${n % columns}`;
  const columnsOf = (columns) => `grid-template-columns: repeat(${columns}, minmax(0, 1fr))`;

  /* rows x columns numbers, row by row; with edit(n, value) the reader may type them.
     names: what a screen reader calls each cell, instead of its row and column. */
  function grid(label, rows, columns, { edit, names } = {}) {
    const name = (n) => `${label}, ${names ? names[n] : where(n, columns)}`;
    const cells = Array.from({ length: rows * columns }, (_, n) => {
      if (!edit) return make("span", { class: "cell" });
      const input = make("input", { type: "number", step: "any", "aria-label": name(n) });
      input.addEventListener("input", () => { if (input.value !== "") edit(n, Number(input.value)); });
      return input;
    });
    const show = (values, digits = 2) => cells.forEach((cell, n) => {
      if (!edit) cell.textContent = values[n].toFixed(digits);
      else if (cell.value === "" || Number(cell.value) !== values[n]) cell.value = values[n];
    });
    const element = make("div", { class: "grid", role: "group", "aria-label": label, style: columnsOf(columns) }, ...cells);
    return { element, cells, show };
  }

  /* A map of rows x columns places to point at. One stop of the Tab key; arrows, Home and End move.
     pick(n) is called for the place that is chosen; paint(shades, words) fills the places, shades 0 to 1. */
  function board(label, rows, columns, pick, first = 0) {
    let chosen = first;
    const cells = Array.from({ length: rows * columns }, (_, n) =>
      make("button", { type: "button", "aria-label": where(n, columns) }));
    const mark = (n) => {
      chosen = n;
      cells.forEach((cell, m) => {
        cell.setAttribute("aria-pressed", m === n);
        cell.tabIndex = m === n ? 0 : -1;
      });
    };
    const choose = (n) => { mark(n); cells[n].focus(); pick(n); };
    const moves = {
      ArrowRight: (n) => ((n + 1) % columns ? n + 1 : n), ArrowLeft: (n) => (n % columns ? n - 1 : n),
      ArrowDown: (n) => (n + columns < cells.length ? n + columns : n), ArrowUp: (n) => (n >= columns ? n - columns : n),
      Home: () => 0, End: () => cells.length - 1,
    };
    cells.forEach((cell, n) => cell.addEventListener("click", () => choose(n)));
    const element = make("div", { class: "board", role: "group", "aria-label": label, style: columnsOf(columns) }, ...cells);
    element.addEventListener("keydown", (event) => {
      if (!moves[event.key]) return;
      event.preventDefault();
      choose(moves[event.key](chosen));
    });
    /* Under words the shade stays pale enough to read them on, in light and in dark. */
    const paint = (shades, words) => cells.forEach((cell, n) => {
      const most = words ? 44 : 100;
      cell.style.setProperty("--shade", `${Math.round(most * Math.min(1, Math.max(0, shades[n])))}%`);
      if (words) cell.textContent = words[n];
      cell.setAttribute("aria-label", `${where(n, columns)}: ${words ? words[n] : shades[n].toFixed(2)}`);
    });
    mark(first);
    return { element, cells, mark, paint };
  }

  /* A bar for a number from 0 to 1, with the number beside it. */
  function bar(label) {
    const fill = make("span", { class: "bar" });
    const number = make("span", { class: "number" });
    const element = make("div", { class: "gate" }, make("span", { class: "track" }, fill), `${label} `, number);
    const show = (share, digits = 2) => {
      fill.style.width = `${100 * Math.min(1, Math.max(0, share))}%`;
      number.textContent = share.toFixed(digits);
    };
    return { element, show };
  }

  /* Draws the figure into the element of that id, where there is a page at all. */
  function start(id, draw) {
    if (typeof document !== "undefined") document.querySelectorAll(`#${id}`).forEach(draw);
  }

  return { make, buttons, status, say, slider, choice, grid, board, bar, start };
})();

if (typeof module !== "undefined") module.exports = attnLive;
