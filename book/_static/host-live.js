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
    const text = atob(data);
    const next = (start, count) => Float32Array.from({ length: count }, (_, n) =>
      half(text.charCodeAt(2 * (start + n)) + 256 * text.charCodeAt(2 * (start + n) + 1)));
    let at = 0;
    return Object.fromEntries(layers.map(([name, outputs, inputs]) => {
      const weight = next(at, outputs * inputs), bias = next(at + outputs * inputs, outputs);
      at += outputs * (inputs + 1);
      return [name, { outputs, inputs, weight, bias }];
    }));
  }

  /* A layer on a vector. */
  const linear = (layer, vector) => Float32Array.from(layer.bias, (bias, o) =>
    vector.reduce((sum, v, i) => sum + layer.weight[o * layer.inputs + i] * v, bias));

  /* A convolution without a stride; size is the side of its kernel. */
  function convolve(layer, map, size = 1) {
    const out = new Float32Array(layer.outputs * N), taps = size * size, reach = (size - 1) / 2;
    for (let o = 0; o < layer.outputs; o += 1) {
      out.fill(layer.bias[o], o * N, (o + 1) * N);
      for (let m = 0; m < layer.inputs; m += 1) {
        const w = layer.weight[o * layer.inputs + m], from = Math.floor(m / taps) * N;
        const dy = Math.floor((m % taps) / size) - reach, dx = (m % size) - reach;
        for (let y = Math.max(0, -dy); y < Math.min(SIDE, SIDE - dy); y += 1) {
          for (let x = Math.max(0, -dx); x < Math.min(SIDE, SIDE - dx); x += 1) {
            out[o * N + y * SIDE + x] += w * map[from + (y + dy) * SIDE + x + dx];
          }
        }
      }
    }
    return out;
  }

  /* The 4 x 4 patches of an image of 3 x 32 x 32 as a map of 48 channels: the stem is 1 x 1 on it. */
  function patches(image) {
    return Float32Array.from({ length: 48 * N }, (_, n) => {
      const [m, p] = [Math.floor(n / N), n % N];
      const y = 4 * Math.floor(p / SIDE) + Math.floor((m % 16) / 4), x = 4 * (p % SIDE) + (m % 4);
      return image[Math.floor(m / 16) * 1024 + y * 32 + x];
    });
  }

  const relu = (map) => map.map((v) => Math.max(0, v));
  const plus = (a, b) => a.map((v, n) => v + b[n]);
  const sigmoid = (v) => 1 / (1 + Math.exp(-v));
  const channelsOf = (map) => Array.from({ length: map.length / N }, (_, c) => map.subarray(c * N, (c + 1) * N));
  const means = (map) => channelsOf(map).map((channel) => channel.reduce((sum, v) => sum + v, 0) / N);
  const largest = (map) => channelsOf(map).map((channel) => Math.max(...channel));

  function softmax(values) {
    const top = Math.max(...values);
    const powers = values.map((v) => Math.exp(v - top));
    const total = powers.reduce((sum, v) => sum + v, 0);
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

  /* Each place's mean of the values by its row of weights. */
  function gather(attention, values) {
    return Float32Array.from(values, (_, n) => {
      const [from, row] = [Math.floor(n / N) * N, (n % N) * N];
      let sum = 0;
      for (let k = 0; k < N; k += 1) sum += attention[row + k] * values[from + k];
      return sum;
    });
  }

  const product = (a, b) => Float32Array.from(a, (_, n) => {
    const row = Math.floor(n / N) * N, column = n % N;
    let sum = 0;
    for (let k = 0; k < N; k += 1) sum += a[row + k] * b[k * N + column];
    return sum;
  });

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
    return { y: second.y, maps: { "cc-once": first.attention, cc: product(second.attention, first.attention) } };
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
    const channels = channelsOf(x), many = channels.length;
    const alike = weights(many, many, (a, b) => -channels[a].reduce((sum, v, p) => sum + v * channels[b][p], 0));
    const factor = of("channel").weight[0];
    const mixed = Float32Array.from(x, (_, n) => {
      const [a, p] = [Math.floor(n / N), n % N];
      return factor * channels.reduce((sum, channel, b) => sum + alike[a * many + b] * channel[p], 0);
    });
    return { y: plus(plus(x, gather(attention, convolve(within("value"), x))), mixed), maps: { da: attention } };
  }

  const BLOCKS = { nonlocal, cc: crissCross, gc: globalContext, da: dual };

  /* A residual unit of two layers; the first has a kernel of the given size. */
  function unit(layers, name, x, size) {
    const branch = convolve(layers[`${name}.conv2`], relu(convolve(layers[`${name}.conv1`], x, size)));
    const shortcut = layers[`${name}.shortcut.0`];
    return relu(plus(shortcut ? convolve(shortcut, x) : x, branch));
  }

  /* What a host makes of an image (3 x 32 x 32, 0 to 1): the shares of its classes, and its block's
     maps, each N x N with a row for each place that looks. */
  function run(layers, block, image) {
    const x = unit(layers, "stages.0.0", relu(convolve(layers.stem, patches(image))), 3);
    const { y, ...seen } = BLOCKS[block](x, (name) => layers[`${BLOCK}.${name}`]);
    const logits = linear(layers.head, means(unit(layers, "stages.1.0", y, 1)));
    return { logits, shares: softmax(logits), ...seen };
  }

  return { SIDE, N, unpack, run };
})();

if (typeof module !== "undefined") module.exports = hostLive;
