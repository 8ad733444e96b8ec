/* The SE block of the case by hand, live: two channels, two by two positions, one hidden unit.
   `seBlock` is the mathematics, tested against the Python block; the rest draws it with live.js. */
function seBlock(map, reduce, expand) {
  const z = map.map((channel) => channel.reduce((sum, v) => sum + v, 0) / channel.length);
  const hidden = reduce.map((row) => Math.max(0, row.reduce((sum, w, c) => sum + w * z[c], 0)));
  const s = expand.map((row) => 1 / (1 + Math.exp(-row.reduce((sum, w, k) => sum + w * hidden[k], 0))));
  return { z, hidden, s, y: map.map((channel, c) => channel.map((v) => s[c] * v)) };
}

function seFigure(root) {
  const { make, buttons, status, say, grid, bar } = attnLive;
  const start = [[1, 3, 5, -1], [0, 2, 0, -2]];
  const names = ["top left", "top right", "bottom left", "bottom right"];
  let map = start.map((channel) => [...channel]);
  const change = (next) => { map = next(map); show(); };
  const turn = ([a, b, c, d]) => [c, a, d, b];

  const inputs = start.map((_, c) => grid(`channel ${c}`, 2, 2, {
    names, edit: (n, value) => { map[c][n] = value; show(); } }));
  const outputs = start.map((_, c) => grid(`output of channel ${c}`, 2, 2));
  const gates = start.map(() => bar("gate"));
  const means = start.map(() => make("span", { class: "number" }));
  const line = status();
  const rows = start.map((_, c) => make("div", { class: "row" },
    make("div", { class: "name" }, `channel ${c}`), inputs[c].element,
    make("div", { class: "mean" }, "mean ", means[c]), gates[c].element, outputs[c].element));

  function show() {
    const { z, hidden, s, y } = seBlock(map, [[1, -1]], [[0.5], [-0.5]]);
    map.forEach((channel, c) => {
      inputs[c].show(channel);
      outputs[c].show(y[c]);
      gates[c].show(s[c]);
      means[c].textContent = z[c].toFixed(2);
    });
    say(line, `Means ${z[0].toFixed(2)} and ${z[1].toFixed(2)}; hidden unit ${hidden[0].toFixed(2)}; `
      + `gates ${s[0].toFixed(2)} and ${s[1].toFixed(2)}.`);
  }

  root.replaceChildren(buttons({
    "Shuffle positions": () => change((m) => m.map(turn)),
    "Swap channels": () => change((m) => [m[1], m[0]]),
    "Raise a pixel by 8": () => change((m) => [m[0], [m[1][0] + 8, ...m[1].slice(1)]]),
    "Start again": () => change(() => start.map((channel) => [...channel])),
  }), ...rows, line);
  show();
}

if (typeof module !== "undefined") module.exports = { seBlock };
else attnLive.start("se-live", seFigure);
