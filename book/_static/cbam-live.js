/* CBAM on an 8 x 8 map with three channels: a cue, an object with rows, one with columns.
   `cbamBlock` is the mathematics, tested against the Python block; the rest draws it with live.js. */
const sigmoid = (v) => 1 / (1 + Math.exp(-v));

/* The gate of each channel. maps: C lists of H * W numbers; layers: { W1, b1, W2, b2 }. */
function channelGate(maps, { W1, b1, W2, b2 }) {
  const layer = (W, bias, z) => W.map((row, o) => row.reduce((sum, w, c) => sum + w * z[c], bias[o]));
  const mlp = (z) => layer(W2, b2, layer(W1, b1, z).map((v) => Math.max(0, v)));
  const mean = mlp(maps.map((map) => map.reduce((sum, v) => sum + v, 0) / map.length));
  const largest = mlp(maps.map((map) => Math.max(...map)));
  return mean.map((v, c) => sigmoid(v + largest[c]));
}

/* The gate of each place. window: 2 x k x k, for the maximum and the mean; then scale * v + shift. */
function spatialGate(maps, columns, { window, scale, shift }) {
  const half = (window[0].length - 1) / 2;
  const rows = maps[0].length / columns;
  const seen = [maps[0].map((_, n) => Math.max(...maps.map((map) => map[n]))),
                maps[0].map((_, n) => maps.reduce((sum, map) => sum + map[n], 0) / maps.length)];
  return maps[0].map((_, n) => {
    const [i, j] = [Math.floor(n / columns), n % columns];
    let sum = 0;
    window.forEach((kernel, m) => kernel.forEach((line, p) => line.forEach((w, q) => {
      const [y, x] = [i + p - half, j + q - half];
      if (y >= 0 && y < rows && x >= 0 && x < columns) sum += w * seen[m][y * columns + x];
    })));
    return sigmoid(scale * sum + shift);
  });
}

/* order: the gates to apply, such as ["channel", "spatial"]. A gate left out is 1 everywhere. */
function cbamBlock(maps, columns, weights, order) {
  let y = maps;
  let channels = maps.map(() => 1);
  let places = maps[0].map(() => 1);
  order.forEach((gate) => {
    if (gate === "channel") channels = channelGate(y, weights);
    else places = spatialGate(y, columns, weights);
    y = y.map((map, c) => map.map((v, n) => v * (gate === "channel" ? channels[c] : places[n])));
  });
  return { channels, places, y };
}

/* A window that looks straight up, down, left and right, as far as it can. */
function straight(k) {
  const half = (k - 1) / 2;
  const on = (p, q) => (Math.abs(p - half) === half && q === half) || (Math.abs(q - half) === half && p === half);
  const fill = (w) => Array.from({ length: k }, (_, p) => Array.from({ length: k }, (__, q) => (on(p, q) ? w : 0)));
  return [fill(2), fill(0)];
}

const CBAM_LAYERS = { W1: [[1, 0, 0]], b1: [0], W2: [[0.5], [1], [1]], b2: [0, 0, 0] };
const CBAM_THINGS = { cue: 9, rows: 33, columns: 30 };
const CBAM_SIGNS = { cue: "cue", rows: "\u2630", columns: "|||" };

/* Three maps of 64 places: the cue is 3 at its place, each object is 1 at its own. */
function cbamScene({ cue, rows, columns }) {
  return [[cue, 3], [rows, 1], [columns, 1]].map(([place, value]) =>
    Array.from({ length: 64 }, (_, n) => (n === place ? value : 0)));
}

function cbamFigure(root) {
  const { make, buttons, status, say, choice, board, bar } = attnLive;
  const orders = { "channel, then spatial": ["channel", "spatial"], "spatial, then channel": ["spatial", "channel"],
                   "channel alone": ["channel"], "spatial alone": ["spatial"], "no gate": [] };
  const first = Object.keys(orders)[0];
  let [things, order, k] = [{ ...CBAM_THINGS }, first, "7 x 7"];
  const places = board("spatial gate, place by place; choose a place for the cue", 8, 8, (n) => {
    if (n !== things.rows && n !== things.columns) things.cue = n;
    show();
  }, things.cue);
  const gates = choice("gates", Object.keys(orders), first, (word) => { order = word; show(); });
  const window = choice("window", ["3 x 3", "5 x 5", "7 x 7"], k, (word) => { k = word; show(); });
  const bars = { rows: bar("rows left"), columns: bar("columns left") };
  const line = status();

  function show() {
    const weights = { ...CBAM_LAYERS, window: straight(Number(k[0])), scale: 1.5, shift: -6 };
    const out = cbamBlock(cbamScene(things), 8, weights, orders[order]);
    const left = { rows: out.y[1][things.rows], columns: out.y[2][things.columns] };
    const word = (n) => Object.keys(things).find((name) => things[name] === n);
    places.mark(things.cue);
    places.paint(out.places, out.places.map((_, n) => (word(n) ? CBAM_SIGNS[word(n)] : "")));
    places.cells.forEach((cell, n) => cell.setAttribute("aria-label",
      `${cell.getAttribute("aria-label").split(":")[0]}: ${word(n) ? `${word(n)}, ` : ""}gate ${out.places[n].toFixed(2)}`));
    Object.entries(bars).forEach(([name, one]) => one.show(left[name]));
    const apart = Math.abs(left.rows - left.columns) > 0.1;
    const verdict = apart ? `near is ${left.rows > left.columns ? "rows" : "columns"}` : "cannot tell which is near";
    say(line, `Channel gates ${out.channels.map((v) => v.toFixed(2)).join(", ")}; left of rows `
      + `${left.rows.toFixed(2)}, of columns ${left.columns.toFixed(2)}: ${verdict}.`);
  }

  const set = (cue, gate, side) => {
    [things, order, k] = [{ ...CBAM_THINGS, cue }, gate, side];
    gates.show(order);
    window.show(k);
    show();
  };
  root.replaceChildren(buttons({
    "Cue beside the rows": () => set(9, first, "7 x 7"),
    "Cue beside the columns": () => set(6, first, "7 x 7"),
  }), gates.element, window.element, places.element, bars.rows.element, bars.columns.element, line);
  show();
}

if (typeof module !== "undefined") module.exports = { cbamBlock, cbamScene, straight, CBAM_LAYERS, CBAM_THINGS };
else attnLive.start("cbam-live", cbamFigure);
