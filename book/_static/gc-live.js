/* One shared map over a small image, live: two channels, three by three positions.
   `gcBlock` is the mathematics, tested against the Python block; the rest draws it with live.js. */
function gcBlock(map, look, layers, { pooling, fusion }) {
  const dot = (row, vector) => row.reduce((sum, w, k) => sum + w * vector[k], 0);
  const count = map[0].length;
  const at = (n) => map.map((channel) => channel[n]);
  let alpha = Array(count).fill(1 / count);
  if (pooling === "att") {
    const logits = alpha.map((_, n) => dot(look.weight, at(n)) + look.bias);
    const powers = logits.map((v) => Math.exp(v - Math.max(...logits)));
    alpha = powers.map((v) => v / powers.reduce((a, b) => a + b));
  }
  const context = map.map((channel) => dot(channel, alpha));
  const u = layers.reduce.map((row, k) => dot(row, context) + layers.reduceBias[k]);
  const mean = u.reduce((a, b) => a + b) / u.length;
  const spread = Math.sqrt(u.reduce((sum, v) => sum + (v - mean) ** 2, 0) / u.length + 1e-5);
  const hidden = u.map((v, k) => Math.max(0, (v - mean) / spread * layers.scale[k] + layers.shift[k]));
  const t = layers.expand.map((row, c) => dot(row, hidden) + layers.expandBias[c]);
  const gate = t.map((v) => 1 / (1 + Math.exp(-v)));
  const y = map.map((channel, c) => channel.map((v) => (fusion === "mul" ? v * gate[c] : v + t[c])));
  return { alpha, context, t, gate, y };
}

function gcFigure(root) {
  const { make, buttons, status, say, slider, choice, grid, board } = attnLive;
  const texture = [0.2, 0.8, 0.2, 0.8, 0.2, 0.8, 0.2, 0.8, 0.2];
  const layers = { reduce: [[3, 0], [0, 2], [-1, 1]], reduceBias: [0, 0, 0], scale: [1, 1, 1], shift: [0, 0, 0],
                   expand: [[0.5, -1, 1], [1, 0.5, -2]], expandBias: [0, 0] };
  const start = { cue: 5, pooling: "att", fusion: "add", beta: 4 };
  let state = { ...start };

  const places = board("where the cue is, and the shared map", 3, 3, (n) => change({ cue: n }), start.cue);
  const outputs = ["cue", "texture"].map((name) => grid(`output, ${name}`, 3, 3));
  const numbers = make("div", { class: "mean" });
  const pooling = choice("pooling", ["att", "avg"], start.pooling, (word) => change({ pooling: word }));
  const fusion = choice("fusion", ["add", "mul"], start.fusion, (word) => change({ fusion: word }));
  const beta = slider("W_k on the cue", [0, 1, 2, 4, 8], start.beta, (value) => change({ beta: value }));
  const line = status();

  function change(part) { state = { ...state, ...part }; show(); }

  function show() {
    const map = [texture.map((_, n) => Number(n === state.cue)), texture];
    const { alpha, context, t, gate, y } = gcBlock(map, { weight: [state.beta, 0], bias: 0 }, layers, state);
    const words = (values) => values.map((v) => v.toFixed(2)).join(" and ");
    places.mark(state.cue);
    places.paint(alpha, alpha.map((v) => v.toFixed(2)));
    outputs.forEach((output, c) => output.show(y[c], 1));
    pooling.show(state.pooling);
    fusion.show(state.fusion);
    beta.show(state.beta);
    numbers.textContent = `context ${words(context)}`;
    const last = state.fusion === "mul" ? `every place is multiplied by ${words(gate)}` : `every place gets ${words(t)} more`;
    say(line, `The cue's place has ${alpha[state.cue].toFixed(2)} of the weight; context ${words(context)}; ${last}.`);
  }

  root.replaceChildren(
    buttons({ "Start again": () => change(start) }), pooling.element, fusion.element, beta.element,
    make("div", { class: "row" }, make("div", { class: "name" }, "map"), places.element, numbers),
    ...outputs.map((output, c) => make("div", { class: "row" },
      make("div", { class: "name" }, ["cue", "texture"][c]), output.element)),
    line);
  show();
}

if (typeof module !== "undefined") module.exports = { gcBlock };
else attnLive.start("gc-live", gcFigure);
