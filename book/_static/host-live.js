/* A trained host of the bench in the reader's browser: what it answers, and what its block looks at.
   Weights come from the files in hosts/, written by attnlab/live.py; tests compare every number with torch.
   A map is a Float32Array, channel after channel, row after row. The only global name is `hostLive`. */
var hostLive = (() => {
  const SIDE = 8;           // height and width of the map that a block sees
  const N = SIDE * SIDE;    // its places
  const BLOCK = "after_stage1";

  function half(bits) {
    const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
    return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
  }

  /* { name: { outputs, inputs, weight, bias } } of a host as it is stored. */
  function unpack({ layers, data }) {
    const text = atob(data), numbers = new Float32Array(text.length / 2);
    for (let n = 0; n < numbers.length; n += 1) numbers[n] = half(text.charCodeAt(2 * n) + 256 * text.charCodeAt(2 * n + 1));
    let at = 0;
    const next = (count) => numbers.subarray(at, at += count);
    return Object.fromEntries(layers.map(([name, outputs, inputs]) =>
      [name, { outputs, inputs, weight: next(outputs * inputs), bias: next(outputs) }]));
  }

  /* A layer on a vector. */
  const linear = ({ inputs, weight, bias }, vector) => bias.map((shift, o) => {
    let sum = shift;
    for (let i = 0; i < inputs; i += 1) sum += weight[o * inputs + i] * vector[i];
    return sum;
  });

  /* A convolution without a stride; size is the side of its kernel. */
  function convolve({ outputs, inputs, weight, bias }, map, size = 1) {
    const out = new Float32Array(outputs * N), taps = size * size, reach = (size - 1) / 2;
    for (let o = 0; o < outputs; o += 1) {
      const to = o * N;
      out.fill(bias[o], to, to + N);
      for (let m = 0; m < inputs; m += 1) {
        const w = weight[o * inputs + m], from = Math.floor(m / taps) * N;
        const dy = Math.floor((m % taps) / size) - reach, dx = (m % size) - reach, step = dy * SIDE + dx;
        const [bottom, right, left] = [Math.min(SIDE, SIDE - dy), Math.min(SIDE, SIDE - dx), Math.max(0, -dx)];
        for (let y = Math.max(0, -dy); y < bottom; y += 1) {
          for (let p = y * SIDE + left; p < y * SIDE + right; p += 1) out[to + p] += w * map[from + p + step];
        }
      }
    }
    return out;
  }

  /* The 4 x 4 patches of an image of 3 x 32 x 32 as a map of 48 channels: the stem is 1 x 1 on it. */
  function patches(image) {
    const out = new Float32Array(48 * N);
    for (let m = 0; m < 48; m += 1) {
      const from = (m >> 4) * 1024 + ((m >> 2) & 3) * 32 + (m & 3);
      for (let p = 0; p < N; p += 1) out[m * N + p] = image[from + 128 * (p >> 3) + 4 * (p & 7)];
    }
    return out;
  }

  const relu = (map) => map.map((v) => Math.max(0, v));
  const plus = (a, b) => a.map((v, n) => v + b[n]);
  const sigmoid = (v) => 1 / (1 + Math.exp(-v));
  const channelsOf = (map) => Array.from({ length: map.length / N }, (_, c) => map.subarray(c * N, (c + 1) * N));
  const means = (map) => channelsOf(map).map((channel) => channel.reduce((sum, v) => sum + v, 0) / N);
  const largest = (map) => channelsOf(map).map((channel) => Math.max(...channel));

  function softmax(values) {
    let top = -Infinity, total = 0;
    for (const v of values) top = Math.max(top, v);
    const powers = values.map((v) => Math.exp(v - top));
    for (const v of powers) total += v;
    return powers.map((v) => v / total);
  }

  /* rows x columns numbers a(row, column), softmax by row. */
  function weights(rows, columns, logit) {
    const out = new Float32Array(rows * columns), line = new Float32Array(columns);
    for (let q = 0; q < rows; q += 1) {
      for (let k = 0; k < columns; k += 1) line[k] = logit(q, k);
      out.set(softmax(line), q * columns);
    }
    return out;
  }

  /* The product of place q of one map and place k of another, over their channels. */
  function fit(queries, keys) {
    const width = queries.length / N;
    return (q, k) => {
      let sum = 0;
      for (let c = 0; c < width; c += 1) sum += queries[c * N + q] * keys[c * N + k];
      return sum;
    };
  }

  /* The product of two matrices, each given by its element at row and column. */
  function product(rows, inner, columns, a, b) {
    const out = new Float32Array(rows * columns);
    for (let r = 0; r < rows; r += 1) {
      for (let k = 0; k < inner; k += 1) {
        const left = a(r, k);
        for (let c = 0; c < columns; c += 1) out[r * columns + c] += left * b(k, c);
      }
    }
    return out;
  }

  /* Each place's mean of the values by its row of weights. */
  const gather = (attention, values) =>
    product(values.length / N, N, N, (c, k) => values[c * N + k], (k, q) => attention[q * N + k]);

  const looks = (of, x, mask = (logit) => logit) =>
    weights(N, N, mask(fit(convolve(of("query"), x), convolve(of("key"), x))));

  function nonlocal(x, of) {
    const attention = looks(of, x);
    return { y: plus(x, convolve(of("out"), gather(attention, convolve(of("value"), x)))), maps: { nonlocal: attention } };
  }

  /* A place sees those of its row and column. */
  const cross = (logit) => (q, k) =>
    (q % SIDE === k % SIDE || Math.floor(q / SIDE) === Math.floor(k / SIDE) ? logit(q, k) : -Infinity);

  function crissCross(x, of) {
    const pass = (map) => {
      const attention = looks(of, map, cross);
      return { attention, y: plus(map, gather(attention, convolve(of("value"), map))) };
    };
    const first = pass(x), second = pass(first.y);
    return { y: second.y, maps: { "cc-once": first.attention, cc: product(N, N, N, (q, k) => second.attention[q * N + k], (k, p) => first.attention[k * N + p]) } };
  }

  /* LayerNorm of a vector; its layer has a factor and a shift for each number. */
  function normalised({ weight, bias }, vector) {
    const mean = vector.reduce((sum, v) => sum + v, 0) / vector.length;
    const variance = vector.reduce((sum, v) => sum + (v - mean) ** 2, 0) / vector.length;
    return vector.map((v, n) => weight[n] * ((v - mean) / Math.sqrt(variance + 1e-5)) + bias[n]);
  }

  function globalContext(x, of) {
    const shared = softmax(convolve(of("mask"), x));
    const context = channelsOf(x).map((channel) => channel.reduce((sum, v, p) => sum + v * shared[p], 0));
    const added = linear(of("add.expand"), relu(normalised(of("add.ln"), linear(of("add.reduce"), context))));
    return { y: x.map((v, n) => v + added[Math.floor(n / N)]),
             maps: { gc: Float32Array.from({ length: N * N }, (_, n) => shared[n % N]) } };
  }

  function dual(x, of) {
    const within = (name) => of(`position.${name}`);
    const attention = looks(within, x);
    const many = x.length / N, factor = of("channel").weight[0];
    const pairs = product(many, N, many, (a, p) => x[a * N + p], (p, b) => x[b * N + p]);
    const alike = weights(many, many, (a, b) => -pairs[a * many + b]);
    const mixed = product(many, many, N, (a, b) => factor * alike[a * many + b], (b, p) => x[b * N + p]);
    return { y: plus(plus(x, gather(attention, convolve(within("value"), x))), mixed), maps: { da: attention } };
  }

  /* A map times a gate for each channel; of those in `closed` it is 0. */
  function gated(x, open, closed) {
    const gates = open.map((gate, c) => (closed.has(c) ? 0 : gate));
    return { y: x.map((v, n) => v * gates[Math.floor(n / N)]), gates };
  }

  const bottleneck = (of, z) => linear(of("expand"), relu(linear(of("reduce"), z)));
  const squeezeExcite = (x, of, closed) =>
    gated(x, bottleneck(of, Float32Array.from(means(x))).map(sigmoid), closed);

  /* A gate hears the means of the channels around its own. */
  function efficient(x, of, closed) {
    const { weight, inputs } = of("conv"), z = means(x);
    const heard = (c) => weight.reduce((sum, w, n) => sum + w * (z[c + n - (inputs - 1) / 2] || 0), 0);
    return gated(x, Float32Array.from(z, (_, c) => sigmoid(heard(c))), closed);
  }

  /* Channels first, then places; a place hears the largest and the mean channel around it. */
  function convolutional(x, of, closed) {
    const within = (name) => of(`channel.${name}`);
    const [mean, most] = [means(x), largest(x)].map((z) => bottleneck(within, Float32Array.from(z)));
    const { y, gates } = gated(x, plus(mean, most).map(sigmoid), closed);
    const seen = new Float32Array(2 * N), channels = channelsOf(y);
    for (let p = 0; p < N; p += 1) {
      seen[p] = Math.max(...channels.map((channel) => channel[p]));
      seen[N + p] = channels.reduce((sum, channel) => sum + channel[p], 0) / channels.length;
    }
    const places = convolve(of("spatial.conv"), seen, 7).map(sigmoid);
    return { y: y.map((v, n) => v * places[n % N]), gates, places };
  }

  const BLOCKS = { nonlocal, cc: crissCross, gc: globalContext, da: dual,
                   se: squeezeExcite, eca: efficient, cbam: convolutional };

  /* A residual unit of two layers; the first has a kernel of the given size. */
  function unit(layers, name, x, size) {
    const branch = convolve(layers[`${name}.conv2`], relu(convolve(layers[`${name}.conv1`], x, size)));
    const shortcut = layers[`${name}.shortcut.0`];
    return relu(plus(shortcut ? convolve(shortcut, x) : x, branch));
  }

  /* What a host makes of an image (3 x 32 x 32, 0 to 1): the shares of its classes, and what its
     block looks with. That are `maps`, each N x N with a row for each place that looks, or `gates` of
     channels, those in `closed` forced to 0, and `places`. A host's key begins with its block's name. */
  function run(layers, key, image, closed = new Set()) {
    const block = BLOCKS[key.split("-")[0]];
    const x = unit(layers, "stages.0.0", relu(convolve(layers.stem, patches(image))), 3);
    const { y, ...seen } = block(x, (name) => layers[`${BLOCK}.${name}`], closed);
    const logits = linear(layers.head, means(unit(layers, "stages.1.0", y, 1)));
    return { logits, shares: softmax(logits), ...seen };
  }

  /* Calls then(data) with a file of hosts, their layers unpacked. The file is a script, which a page may
     load from anywhere, from a disk too; it is asked for once. */
  const kept = {};
  function fetched(base, file, then, failed) {
    if (kept[file]) { then(kept[file]); return; }
    const script = attnLive.make("script", { src: `${base}${file}.js` });
    script.addEventListener("load", () => {
      const data = attnHosts[file];
      const layers = Object.entries(data.hosts).map(([key, stored]) => [key, unpack(stored)]);
      kept[file] = { ...data, layers: Object.fromEntries(layers) };
      then(kept[file]);
    });
    script.addEventListener("error", failed);
    document.head.append(script);
  }

  return { N, unpack, run, fetched };
})();

if (typeof module !== "undefined") module.exports = hostLive;
