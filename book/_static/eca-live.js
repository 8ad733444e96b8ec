/* Efficient channel attention, live: from a width to k, and from k to the channels that a gate hears.
   `ecaKernel`, `ecaHears` and `ecaGates` are the mathematics, tested against the Python block. */
function ecaKernel(channels, gamma, b) {
  const t = Math.abs((Math.log2(channels) + b) / gamma);
  const whole = Math.floor(t);
  return { t, k: whole % 2 ? whole : whole + 1 };
}

/* Of each tap in turn the channel that it meets, or null where it meets a zero. */
function ecaHears(gate, channels, k, ring) {
  return Array.from({ length: k }, (_, tap) => {
    const at = gate + tap - (k - 1) / 2;
    if (ring) return ((at % channels) + channels) % channels;
    return at >= 0 && at < channels ? at : null;
  });
}

function ecaGates(z, kernel, ring) {
  return z.map((_, gate) => {
    const heard = ecaHears(gate, z.length, kernel.length, ring);
    const sum = heard.reduce((total, at, tap) => total + (at === null ? 0 : kernel[tap] * z[at]), 0);
    return 1 / (1 + Math.exp(-sum));
  });
}

function ecaFigure(root) {
  const { make, status, say, slider, choice, board } = attnLive;
  const SHOWN = 16, FORMULA = "from C";
  const state = { channels: 256, gamma: 2, b: 1, k: FORMULA, ends: "zeros", gate: 4 };
  const set = (name) => (value) => { state[name] = value; show(); };
  const line = status();
  const row = board("the first channels; choose a gate", 1, SHOWN, set("gate"), state.gate);
  row.element.style.width = "100%";
  const widths = Array.from({ length: 11 }, (_, n) => 2 ** (n + 2));
  const sizes = [FORMULA, ...Array.from({ length: 16 }, (_, n) => 2 * n + 1)];

  function show() {
    const { t, k: formula } = ecaKernel(state.channels, state.gamma, state.b);
    const k = state.k === FORMULA ? formula : state.k;
    const last = Math.min(SHOWN, state.channels) - 1;
    const gate = Math.min(state.gate, last);
    const heard = new Set(ecaHears(gate, state.channels, k, state.ends === "ring"));
    heard.delete(null);
    row.mark(gate);
    row.cells.forEach((cell, c) => { cell.hidden = c > last; });
    row.paint(row.cells.map((_, c) => (heard.has(c) ? 0.6 : 0)), row.cells.map((_, c) => `${c}`));
    row.cells.forEach((cell, c) => cell.setAttribute("aria-label",
      `channel ${c}${heard.has(c) ? ", heard" : ""}${c === gate ? ", the gate's own" : ""}`));
    const names = [...heard].sort((a, b) => a - b);
    const list = names.length > 9 ? `${names.length} channels, from ${names[0]} to ${names.at(-1)}` : names.join(", ");
    say(line, `C = ${state.channels}: t = ${t.toFixed(2)}, so the formula gives k = ${formula}. `
      + `With k = ${k} the block has ${k} weight${k > 1 ? "s" : ""}, and gate ${gate} hears ${list}.`);
  }

  root.replaceChildren(
    slider("C", widths, state.channels, set("channels")).element,
    slider("γ", [0.5, 1, 2, 4], state.gamma, set("gamma")).element,
    slider("b", [-6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4], state.b, set("b")).element,
    slider("k", sizes, state.k, set("k")).element,
    choice("beyond the ends", ["zeros", "ring"], state.ends, set("ends")).element,
    make("p", {}, "Point at a gate; the shaded channels are those it hears."),
    row.element, line);
  show();
}

if (typeof module !== "undefined") module.exports = { ecaKernel, ecaHears, ecaGates };
else attnLive.start("eca-live", ecaFigure);
