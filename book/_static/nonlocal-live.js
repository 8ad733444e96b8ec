/* The non-local chapter's two figures. In the first the case by hand: two channels on a small map,
   compared by position and, beside it, by channel. In the second a trained block's queries and keys.
   `compared` and `looks` are the mathematics, tested against the Python block; live.js draws. */
function softmax(row) {
  const top = Math.max(...row);
  const powers = row.map((v) => Math.exp(v - top));
  const total = powers.reduce((sum, v) => sum + v, 0);
  return powers.map((v) => v / total);
}

const dot = (a, b) => a.reduce((sum, v, k) => sum + v * b[k], 0);
const columns = (matrix) => matrix[0].map((_, p) => matrix.map((row) => row[p]));

/* map: channels, each a list of N numbers. The weights (N x N) and what each place gathers, as
   channels x N; and the same when channels are compared. */
function compared(map, sharpness) {
  const places = columns(map);
  const byPlace = places.map((q) => softmax(places.map((k) => sharpness * dot(q, k))));
  const byChannel = map.map((a) => softmax(map.map((b) => sharpness * dot(a, b))));
  return {
    byPlace, gathered: map.map((channel) => byPlace.map((row) => dot(row, channel))),
    byChannel, mixed: byChannel.map((row) => columns(map).map((place) => dot(row, place))),
  };
}

/* queries, keys: d rows of N numbers. The N weights of place q. */
function looks(queries, keys, q) {
  const query = queries.map((row) => row[q]);
  return softmax(columns(keys).map((key) => dot(query, key)));
}

function nonlocalFigure(root) {
  const { make, buttons, status, say, slider, grid, board } = attnLive;
  const first = [[1, 0, 1, 0], [0, 1, 0, 0]];
  let map = first.map((channel) => [...channel]);
  let width = 2;
  let query = 3;
  let sharpness = Math.LN2;
  const line = status();
  const stage = make("div", {});
  const two = (numbers) => numbers.map((v) => v.toFixed(2)).join(", ");
  let parts;

  function build() {
    const n = map[0].length;
    parts = {
      inputs: map.map((_, c) => grid(`channel ${c} of the map`, 2, width,
        { edit: (p, value) => { map[c][p] = value; show(); } })),
      places: board("the place that looks, and its weights", 2, width, (p) => { query = p; show(); }, query),
      gathered: map.map((_, c) => grid(`channel ${c}, gathered`, 2, width)),
      pairs: board("weights of all pairs, one row for each place that looks", n, n,
        (p) => { query = Math.floor(p / n); build(); show(); parts.pairs.cells[p].focus(); }, query * n),
      channels: grid("weights by channel", 2, 2),
      mixed: map.map((_, c) => grid(`channel ${c}, mixed by channel`, 2, width)),
    };
    parts.places.element.style.width = "7rem";
    parts.pairs.element.style.width = n > 4 ? "17rem" : "11rem";
    const column = (title, ...children) => make("div", { class: "panel" }, make("div", { class: "name" }, title), ...children);
    stage.replaceChildren(
      make("div", { class: "panels" },
        column("the map", ...parts.inputs.map((g) => g.element)),
        column("who looks", parts.places.element),
        column(`by position: ${n} x ${n}`, parts.pairs.element),
        column("gathered", ...parts.gathered.map((g) => g.element))),
      make("div", { class: "panels" },
        column("the mistake, by channel: 2 x 2", parts.channels.element),
        column("mixed", ...parts.mixed.map((g) => g.element))));
  }

  function show() {
    const { byPlace, gathered, byChannel, mixed } = compared(map, sharpness);
    map.forEach((channel, c) => {
      parts.inputs[c].show(channel);
      parts.gathered[c].show(gathered[c]);
      parts.mixed[c].show(mixed[c]);
    });
    const row = byPlace[query];
    parts.places.paint(row, row.map((v) => v.toFixed(2)));
    const all = byPlace.flat();
    parts.pairs.paint(all, all.map((v) => v.toFixed(2)));
    parts.pairs.mark(query * row.length);
    parts.channels.show(byChannel.flat());
    say(line, `Place ${query + 1} looks with weights ${two(row)} and gathers ${two(gathered.map((c) => c[query]))}; `
      + `compared by channel it would get ${two(mixed.map((c) => c[query]))}.`);
  }

  const reset = (channels, w) => { map = channels; width = w; query = Math.min(query, channels[0].length - 1); build(); show(); };
  const wider = (channel) => (width === 2 ? [channel[0], channel[1], channel[0], channel[2], channel[3], channel[2]] : channel);
  const sharp = slider("sharpness", [0, 0.35, Math.LN2, 1.4, 2.8, 5.5], sharpness,
    (value) => { sharpness = value; show(); }, (value) => value.toFixed(2));
  root.replaceChildren(buttons({
    "One bright pixel": () => reset([[3, 0, 0, 0], [0, 0, 0, 0]], 2),
    "Add a column": () => reset(map.map(wider), 3),
    "Start again": () => { sharpness = Math.LN2; sharp.show(sharpness); reset(first.map((c) => [...c]), 2); },
  }), sharp.element, stage, line);
  build();
  show();
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

if (typeof module !== "undefined") module.exports = { compared, looks };
else {
  attnLive.start("nonlocal-live", nonlocalFigure);
  attnLive.start("nonlocal-look", lookFigure);
}
