/* Dual attention on a small map, live: who looks where, and which channel looks at which.
   `positionWeights` and `channelWeights` are the mathematics; a test holds both to the Python blocks. */
const daDot = (a, b) => a.reduce((sum, v, n) => sum + v * b[n], 0);
const daTurned = (rows) => rows[0].map((_, n) => rows.map((row) => row[n]));

function daSoftmax(row) {
  const top = Math.max(...row);
  const powers = row.map((v) => Math.exp(v - top));
  const total = powers.reduce((sum, v) => sum + v, 0);
  return powers.map((v) => v / total);
}

/* map: channels of N numbers; query, key: weights (narrow, channels). N rows that sum to 1. */
function positionWeights(map, query, key) {
  const vectors = daTurned(map);
  const project = (weights) => vectors.map((vector) => weights.map((row) => daDot(row, vector)));
  const [q, k] = [project(query), project(key)];
  return q.map((asks) => daSoftmax(k.map((shows) => daDot(asks, shows))));
}

/* sign: -1 as in the released code, 1 as in the paper. As many rows as channels. */
function channelWeights(map, sign) {
  return map.map((own) => daSoftmax(map.map((other) => sign * daDot(own, other))));
}

function daFigure(root) {
  const { make, buttons, status, say, board, choice } = attnLive;
  const start = [
    [1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1], [1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0],
    [0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0], [0, 0, 1, 0, 0, 1, 0, 0, 1, 1, 0, 0],
  ];
  const eye = start.map((_, c) => start.map((_, d) => (c === d ? 1.5 : 0)));
  const signs = { "released code: softmax(max − E)": -1, "paper: softmax(E)": 1 };
  let [map, place, channel, word] = [start, 0, 0, Object.keys(signs)[0]];
  const line = status();
  const places = board("where the chosen position looks", 3, 4, (n) => { place = n; show(); });
  const pairs = board("which channel looks at which", 4, 4, (n) => { channel = n; show(); });
  const sign = choice("weights", Object.keys(signs), word, (chosen) => { word = chosen; show(); });

  function show() {
    const seen = positionWeights(map, eye, eye)[place];
    const rows = channelWeights(map, signs[word]);
    places.paint(seen.map((w) => 2 * w), seen.map((w) => w.toFixed(2)));
    pairs.paint(rows.flat(), rows.flat().map((w) => w.toFixed(2)));
    const [own, other] = [Math.floor(channel / 4), channel % 4];
    const energy = daDot(map[own], map[other]);
    say(line, `Position ${place} gives itself ${seen[place].toFixed(2)} and the most ${Math.max(...seen).toFixed(2)}. `
      + `Channels ${own} and ${other} have energy ${energy}, and ${own} gives ${other} the weight ${rows[own][other].toFixed(2)}.`);
  }

  const order = [7, 2, 11, 4, 0, 9, 5, 1, 10, 3, 8, 6];
  const change = (next) => { map = next(map); show(); };
  root.replaceChildren(buttons({
    "Shuffle positions": () => change((m) => m.map((c) => order.map((n) => c[n]))),
    "Rotate channels": () => change((m) => [m[3], m[0], m[1], m[2]]),
    "Double every number": () => change((m) => m.map((c) => c.map((v) => 2 * v))),
    "Start again": () => change(() => start),
  }), sign.element, make("div", { class: "pair" },
    make("figure", {}, places.element, make("figcaption", {}, "3 x 4 positions: the weights of the one you choose")),
    make("figure", {}, pairs.element, make("figcaption", {}, "4 x 4 channels: row looks at column"))), line);
  show();
}

if (typeof module !== "undefined") module.exports = { positionWeights, channelWeights };
else attnLive.start("da-live", daFigure);
