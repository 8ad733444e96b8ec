/* The non-local chapter's two figures. In the first the map of pairs is built on a small map of two
   channels, step by step, and beside it the mistake that compares channels. In the second a trained
   block's queries and keys. `built` and `looks` are the mathematics, tested against the Python block. */
function softmax(row) {
  const top = Math.max(...row);
  const powers = row.map((v) => Math.exp(v - top));
  const total = powers.reduce((sum, v) => sum + v, 0);
  return powers.map((v) => v / total);
}

const dot = (a, b) => a.reduce((sum, v, k) => sum + v * b[k], 0);
const columns = (matrix) => matrix[0].map((_, p) => matrix.map((row) => row[p]));

/* map: C lists of N numbers; theta, phi: C rows of C numbers. Queries and keys (C x N), the logits and
   weights of all pairs (N x N), what each place gathers (C x N); and what comparing channels gives. */
function built(map, theta, phi) {
  const places = columns(map);
  const [queries, keys] = [theta, phi].map((layer) => layer.map((row) => places.map((x) => dot(row, x))));
  const pairs = (a, b) => a.map((q) => b.map((k) => dot(q, k)));
  const logits = pairs(columns(queries), columns(keys)), weights = logits.map(softmax);
  const byChannel = pairs(queries, keys), channels = byChannel.map(softmax);
  return {
    queries, keys, logits, weights, gathered: map.map((channel) => weights.map((row) => dot(row, channel))),
    byChannel, channels, mixed: channels.map((row) => places.map((x) => dot(row, x))),
  };
}

/* queries, keys: d rows of N numbers. The N weights of place q. */
function looks(queries, keys, q) {
  const query = queries.map((row) => row[q]);
  return softmax(columns(keys).map((key) => dot(query, key)));
}

const NONLOCAL_STEPS = ["the map", "queries and keys", "logits of all pairs", "softmax, row by row", "what each place gathers"];
const NONLOCAL_MAPS = {
  "4 x 4": { width: 4, query: 5, layers: () => [[[2, 0], [0, 2]], [[1, 0], [0, 1]]],
             map: () => [[0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0]] },
  "2 x 2, the case by hand": { width: 2, query: 3, layers: () => [[[Math.LN2, 0], [0, Math.LN2]], [[1, 0], [0, 1]]],
                               map: () => [[1, 0, 1, 0], [0, 1, 0, 0]] },
};

function nonlocalFigure(root) {
  const { make, buttons, status, say, slider, choice, grid, board } = attnLive;
  const names = Object.keys(NONLOCAL_MAPS);
  const line = status(), stage = make("div", { class: "stage" });
  const two = (numbers) => numbers.map((v) => v.toFixed(2)).join(" and ");
  let chosen = names[0], step = 1, parts;
  let { width, query, map: fresh, layers } = NONLOCAL_MAPS[chosen];
  let map = fresh(), [theta, phi] = layers();

  const panel = (role, title, ...children) => make("div", { class: `panel ${role}` }, make("div", { class: "name" }, title), ...children);
  const layer = ({ element }) => make("div", { class: "layer" }, element);
  const typed = (label, rows) => grid(label, 2, 2, { edit: (n, value) => { rows[Math.floor(n / 2)][n % 2] = value; show(); } });
  const maps = (label, edit) => map.map((_, c) => grid(`${label}, channel ${c}`, map[0].length / width, width, edit && { edit: edit(c) }));
  const all = (label) => board(label, map[0].length, map[0].length, (p) => pick(Math.floor(p / map[0].length), p));
  const beside = (grids) => make("div", { class: "two" }, ...grids.map(({ element }) => element));
  const pick = (place, cell) => {
    query = place;
    show();
    if (cell !== undefined) [parts.logits, parts.weights].forEach((one) => one.mark(cell));
  };

  function build() {
    const n = map[0].length, rows = n / width;
    const looking = (label) => board(label, rows, width, (place) => pick(place), query);
    parts = {
      map: maps("the map", (c) => (p, value) => { map[c][p] = value; show(); }), asks: looking("the place that asks"),
      theta: typed("theta", theta), phi: typed("phi", phi), queries: maps("queries"), keys: maps("keys"),
      logits: all("logits, a row for each place that asks"), weights: all("weights, a row for each place that asks"),
      logitRow: looking("logits of the place that asks"), row: looking("weights of the place that asks"),
      gathered: maps("gathered"), byChannel: grid("logits of channels", 2, 2), channels: grid("weights of channels", 2, 2),
      mixed: maps("mixed by channel"),
    };
    const square = `${n} x ${n}`;
    const lines = [
      [panel("value", "the map x", beside(parts.map)), panel("query", "who asks", parts.asks.element)],
      [panel("query", "queries: theta times x", layer(parts.theta), beside(parts.queries)),
       panel("key", "keys: phi times x", layer(parts.phi), beside(parts.keys))],
      [panel("pairs", `logits, ${square}`, parts.logits.element), panel("key", "the row that asks", parts.logitRow.element),
       panel("wrong", "the mistake: channels, 2 x 2", parts.byChannel.element)],
      [panel("pairs", `weights, ${square}`, parts.weights.element), panel("key", "its row sums to 1", parts.row.element),
       panel("wrong", "the mistake: channels", parts.channels.element)],
      [panel("value", "gathered, by place", beside(parts.gathered)), panel("wrong", "the mistake: channels", beside(parts.mixed))],
    ];
    stage.replaceChildren(...lines.map((panels, n) => make("section", { "aria-label": `step ${n + 1}: ${NONLOCAL_STEPS[n]}` },
      make("div", { class: "panels" }, ...panels))));
  }

  /* Shades from the least to the most of these numbers, and the numbers themselves where there is room. */
  function paint(one, values, words) {
    const [least, most] = [Math.min(0, ...values), Math.max(...values)];
    const shades = values.map((v) => (v - least) / (most - least || 1));
    one.paint(shades, words && values.map((v) => v.toFixed(2)));
    if (!words) one.cells.forEach((cell, p) => cell.setAttribute("aria-label",
      `place ${Math.floor(p / Math.sqrt(values.length)) + 1} asks place ${(p % Math.sqrt(values.length)) + 1}: ${values[p].toFixed(2)}`));
  }

  function show() {
    const found = built(map, theta, phi), n = map[0].length;
    const each = (grids, values) => grids.forEach((one, c) => one.show(values[c]));
    [["map", map], ["queries", found.queries], ["keys", found.keys], ["gathered", found.gathered], ["mixed", found.mixed]]
      .forEach(([name, values]) => each(parts[name], values));
    [["theta", theta], ["phi", phi], ["byChannel", found.byChannel], ["channels", found.channels]]
      .forEach(([name, values]) => parts[name].show(values.flat()));
    paint(parts.asks, map[0].map((_, p) => Number(p === query)), false);
    parts.asks.cells.forEach((cell, p) => cell.setAttribute("aria-label", `place ${p + 1} holds ${two(columns(map)[p])}`));
    paint(parts.logits, found.logits.flat());
    paint(parts.weights, found.weights.flat());
    paint(parts.logitRow, found.logits[query], true);
    paint(parts.row, found.weights[query], true);
    [parts.asks, parts.logitRow, parts.row].forEach((one) => one.mark(query));
    [parts.logits, parts.weights].forEach((one) => {
      one.mark(query * n);
      one.cells.forEach((cell, p) => cell.classList.toggle("row-asks", Math.floor(p / n) === query));
    });
    [...stage.children].forEach((section, k) => { section.hidden = k >= step; });
    say(line, `Step ${step} of 5, ${NONLOCAL_STEPS[step - 1]}. ${told(found)[step - 1]}`);
  }

  function told({ queries, keys, logits, weights, gathered, byChannel, channels, mixed }) {
    const at = (lists) => two(lists.map((list) => list[query]));
    const top = weights[query].indexOf(Math.max(...weights[query]));
    const square = map[0].length ** 2;
    return [
      `Place ${query + 1} holds ${at(map)}.`,
      `Place ${query + 1} asks with ${at(queries)} and answers with ${at(keys)}.`,
      `${square} products; that of place ${query + 1} with place ${top + 1} is ${logits[query][top].toFixed(2)}. Compared by channel there are 4, whatever the map: ${two(byChannel[0])}, ${two(byChannel[1])}.`,
      `Place ${query + 1} gives place ${top + 1} the weight ${weights[query][top].toFixed(2)}, and all its weights sum to 1. By channel: ${two(channels[0])}, ${two(channels[1])}.`,
      `Place ${query + 1} gathers ${at(gathered)}; compared by channel it would get ${at(mixed)}, and nothing from another place.`,
    ];
  }

  const steps = slider("step", [1, 2, 3, 4, 5], step, (value) => { step = value; show(); }, (value) => `${value} of 5: ${NONLOCAL_STEPS[value - 1]}`);
  const move = (to) => { step = Math.max(1, Math.min(5, to)); steps.show(step); show(); };
  const change = (next) => { next(); show(); };
  const begin = (name) => {
    chosen = name;
    ({ width, query, map: fresh, layers } = NONLOCAL_MAPS[chosen]);
    [map, [theta, phi]] = [fresh(), layers()];
    build();
    show();
  };
  root.replaceChildren(choice("map", names, chosen, begin).element, steps.element, stage,
    buttons({ "Step back": () => move(step - 1), "Next step": () => move(step + 1) }), line,
    buttons({
      "Ask for the other channel": () => change(() => { theta.reverse(); }),
      "One bright pixel": () => change(() => { map.forEach((channel, c) => channel.forEach((_, p) => { channel[p] = c || p ? 0 : 3; })); }),
      "Shuffle the places": () => change(() => { map.forEach((channel) => channel.reverse()); }),
      "Start again": () => { begin(chosen); move(1); },
    }));
  begin(chosen);
}

function lookFigure(root) {
  const { make, status, say, board } = attnLive;
  const { queries, keys, words, first } = JSON.parse(document.getElementById("nonlocal-data").textContent);
  const line = status();
  const map = board("the place that looks, in a map of 8 x 8", 8, 8, (n) => show(n), first);
  function show(n) {
    const weights = looks(queries, keys, n);
    const top = weights.indexOf(Math.max(...weights));
    map.paint(weights.map((w) => w / weights[top]), words);
    const total = (word) => weights.reduce((sum, w, p) => sum + (words[p] === word ? w : 0), 0);
    const called = (word) => (word === "·" ? "the background" : word);
    const shares = [...new Set(words)].map((word) => [word, total(word)]).filter(([, share]) => share >= 0.005);
    const listed = shares.sort((a, b) => b[1] - a[1]).map(([word, share]) => `${share.toFixed(2)} to ${called(word)}`);
    say(line, `Row ${Math.floor(n / 8)}, column ${n % 8}, ${called(words[n])}, gives its weight: ${listed.join(", ")}.`);
  }
  root.replaceChildren(make("div", { class: "name" }, "where one place looks"), map.element, line);
  show(first);
}

if (typeof module !== "undefined") module.exports = { built, looks };
else {
  attnLive.start("nonlocal-live", nonlocalFigure);
  attnLive.start("nonlocal-look", lookFigure);
}
