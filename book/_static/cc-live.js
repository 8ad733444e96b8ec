/* Criss-cross attention on a small map, live. `crissCross` gives the weights of one pass, `spread`
   what two passes make of them; both are tested against the Python block. The rest draws it. */

/* queries, keys: N vectors each, row by row. Returns N x N weights, zero off the cross; with
   twice = true the position counts in its column as well as in its row. */
function crissCross(queries, keys, columns, twice = false) {
  const dot = (a, b) => a.reduce((sum, v, n) => sum + v * b[n], 0);
  const row = (n) => Math.floor(n / columns);
  return queries.map((query, q) => {
    const shares = keys.map((key, p) => {
      const met = (row(p) === row(q)) + (p % columns === q % columns);
      return Math.min(met, twice ? 2 : 1) * Math.exp(dot(query, key));
    });
    const total = shares.reduce((sum, share) => sum + share, 0);
    return shares.map((share) => share / total);
  });
}

/* One more pass over the same weights: what q hears of p by way of all r. */
function spread(weights) {
  return weights.map((own) => own.map((_, p) =>
    own.reduce((sum, share, r) => sum + share * weights[r][p], 0)));
}

/* The map of the chapter: a bright spot in row 3, column 5, and a smaller one in row 0, column 1. */
const ccRows = 5, ccColumns = 7;
const ccMap = Array.from({ length: ccRows * ccColumns }, (_, n) => {
  const [i, j] = [Math.floor(n / ccColumns), n % ccColumns];
  return 2 * Math.exp(-((i - 3) ** 2 + (j - 5) ** 2) / 2) + Math.exp(-(i ** 2 + (j - 1) ** 2) / 2);
});

/* All that the figure says of one position: its weights, how many it reaches, the heaviest. */
function ccView(q, passes, twice) {
  const once = crissCross(ccMap.map(() => [1]), ccMap.map((v) => [v]), ccColumns, twice);
  const weights = (passes === 2 ? spread(once) : once)[q];
  const reached = weights.filter((weight) => weight > 0).length;
  const heaviest = weights.indexOf(Math.max(...weights));
  return { weights, reached, heaviest };
}

function ccFigure(root) {
  const { make, buttons, status, say, board } = attnLive;
  const start = { q: 9, passes: 1, twice: false };
  let state = { ...start };
  const change = (next) => { state = { ...state, ...next }; show(); };
  const place = (n) => `row ${Math.floor(n / ccColumns)}, column ${n % ccColumns}`;
  const map = board("weights of the chosen position", ccRows, ccColumns, (n) => change({ q: n }), start.q);
  const line = status();

  function show() {
    const { weights, reached, heaviest } = ccView(state.q, state.passes, state.twice);
    const top = Math.max(...weights);
    map.mark(state.q);
    map.paint(weights.map((w) => 0.75 * w / top), weights.map((w) => (w ? (100 * w).toFixed(0) : "·")));
    say(line, `${state.passes === 1 ? "One pass" : "Two passes"}${state.twice ? ", the centre counted twice" : ""}: `
      + `the position in ${place(state.q)} hears ${reached} of ${ccRows * ccColumns} positions; itself with `
      + `${(100 * weights[state.q]).toFixed(1)} of 100 parts, most of ${place(heaviest)}, ${(100 * top).toFixed(1)} parts.`);
  }

  root.replaceChildren(buttons({
    "One pass": () => change({ passes: 1 }),
    "Two passes": () => change({ passes: 2 }),
    "With or without the mask": () => change({ twice: !state.twice }),
    "Start again": () => change(start),
  }), make("div", {}, map.element), line);
  show();
}

if (typeof module !== "undefined") module.exports = { crissCross, spread, ccMap, ccView };
else attnLive.start("cc-live", ccFigure);
