/* The SE block of the case by hand, live: two channels, two by two positions, one hidden unit.
   `seBlock` is the mathematics, tested against the Python block; the rest draws it. */
function seBlock(map, reduce, expand) {
  const z = map.map((channel) => channel.reduce((sum, v) => sum + v, 0) / channel.length);
  const hidden = reduce.map((row) => Math.max(0, row.reduce((sum, w, c) => sum + w * z[c], 0)));
  const s = expand.map((row) => 1 / (1 + Math.exp(-row.reduce((sum, w, k) => sum + w * hidden[k], 0))));
  return { z, hidden, s, y: map.map((channel, c) => channel.map((v) => s[c] * v)) };
}

function seFigure(root) {
  const start = [[1, 3, 5, -1], [0, 2, 0, -2]];
  const places = ["top left", "top right", "bottom left", "bottom right"];
  let map = start.map((channel) => [...channel]);
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    element.append(...children);
    return element;
  };

  const inputs = start.map((channel, c) => channel.map((_, n) =>
    make("input", { type: "number", step: "1", "aria-label": `channel ${c}, ${places[n]}` })));
  const outputs = start.map((channel) => channel.map(() => make("output", {})));
  const bars = start.map(() => make("span", { class: "bar" }));
  const numbers = start.map(() => make("span", { class: "number" }));
  const means = start.map(() => make("span", { class: "number" }));
  const status = make("p", { role: "status", "aria-live": "polite" });

  const rows = start.map((_, c) => make("div", { class: "row", role: "group", "aria-label": `channel ${c}` },
    make("div", { class: "name" }, `channel ${c}`),
    make("div", { class: "grid" }, ...inputs[c]),
    make("div", { class: "mean" }, "mean ", means[c]),
    make("div", { class: "gate" }, make("span", { class: "track" }, bars[c]), "gate ", numbers[c]),
    make("div", { class: "grid" }, ...outputs[c])));

  const button = (label, change) => {
    const element = make("button", { type: "button" }, label);
    element.addEventListener("click", () => { map = change(map); show(); });
    return element;
  };
  const turn = ([a, b, c, d]) => [c, a, d, b];
  const buttons = make("div", { class: "buttons" },
    button("Shuffle positions", (m) => m.map(turn)),
    button("Swap channels", (m) => [m[1], m[0]]),
    button("Raise a pixel by 8", (m) => [m[0], [m[1][0] + 8, ...m[1].slice(1)]]),
    button("Start again", () => start.map((channel) => [...channel])));

  function show() {
    const { z, hidden, s, y } = seBlock(map, [[1, -1]], [[0.5], [-0.5]]);
    map.forEach((channel, c) => {
      channel.forEach((v, n) => {
        if (Number(inputs[c][n].value) !== v || inputs[c][n].value === "") inputs[c][n].value = v;
        outputs[c][n].textContent = y[c][n].toFixed(2);
      });
      means[c].textContent = z[c].toFixed(2);
      numbers[c].textContent = s[c].toFixed(2);
      bars[c].style.width = `${100 * s[c]}%`;
    });
    status.textContent = `Means ${z[0].toFixed(2)} and ${z[1].toFixed(2)}; hidden unit `
      + `${hidden[0].toFixed(2)}; gates ${s[0].toFixed(2)} and ${s[1].toFixed(2)}.`;
  }

  inputs.forEach((channel, c) => channel.forEach((input, n) => input.addEventListener("input", () => {
    map[c][n] = Number(input.value);
    if (input.value !== "") show();
  })));
  root.replaceChildren(buttons, ...rows, status);
  show();
}

if (typeof document === "undefined") module.exports = { seBlock };
else document.querySelectorAll("#se-live").forEach(seFigure);
