/* "Turn the gates": trained hosts whose gates the reader closes and opens, and what they answer then.
   host-live.js computes, scene-live.js paints; `deciding` is tested in node. */
var gatesLive = (() => {
  const host = typeof require === "undefined" ? hostLive : require("./host-live.js");
  const scene = typeof require === "undefined" ? sceneLive : require("./scene-live.js");

  /* The open channel without which an answer loses most, and what is left of its share. */
  function deciding(layers, key, image, closed, answer) {
    const { gates } = host.run(layers, key, image, closed);
    const left = Array.from(gates, (_, c) => (closed.has(c) ? Infinity
      : host.run(layers, key, image, new Set([...closed, c])).shares[answer]));
    const channel = left.indexOf(Math.min(...left));
    return { channel, left: left[channel] };
  }

  const two = (v) => v.toFixed(2);
  /* The hosts that the reader chooses from: a file, and for each setting of its slider a host. */
  const CHOICES = {
    "SE on rule": { file: "rule", slider: "reduction r", key: "se", values: [2, 4, 8, 16] },
    "ECA on rule": { file: "rule", slider: "kernel k", key: "eca", values: [1, 3, 5, 31] },
    "CBAM on rule": { file: "rule", key: "cbam" },
    "CBAM on beside": { file: "beside", key: "cbam" },
  };

  function figure(root) {
    const { make, buttons, status, say, slider, choice, bar } = attnLive;
    const { questions, base } = JSON.parse(root.querySelector("script").textContent);
    const names = Object.keys(CHOICES);
    const state = { chosen: CHOICES[names[0]], values: { se: 2, eca: 3 }, number: 0, closed: new Set() };
    const line = status(), stage = make("div", { class: "gates-stage" }), turn = make("div", {});
    const image = { canvas: scene.picture() };
    const heat = Array.from({ length: host.N }, () => make("span"));
    const map = make("div", { class: "net-map places", role: "img" }, scene.picture(), make("div", { class: "heat" }, ...heat));
    const words = make("p", {}), reach = make("p", { class: "reach" });
    let data, things, gates, answers;

    const keyOf = ({ key, values }) => (values ? `${key}-${state.values[key]}` : key);
    const key = () => keyOf(state.chosen);
    const layers = () => data.layers[key()];

    function gateButton(c) {
      const gate = bar(`${c}:`);
      const button = make("button", { type: "button", tabindex: c ? -1 : 0 }, gate.element);
      button.addEventListener("click", () => {
        if (!state.closed.delete(c)) state.closed.add(c);
        show(`Channel ${c} is ${state.closed.has(c) ? "closed" : "open"}. `);
      });
      return { button, gate };
    }

    /* One stop of the Tab key for all channels; arrows, Home and End move between them. */
    function keys(event) {
      const at = gates.findIndex(({ button }) => button === document.activeElement);
      const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: gates.length - 1 }[event.key];
      if (to === undefined || !gates[to]) return;
      event.preventDefault();
      gates.forEach(({ button }, c) => { button.tabIndex = c === to ? 0 : -1; });
      gates[to].button.focus();
    }

    function show(before = "") {
      const found = host.run(layers(), key(), image.pixels, state.closed);
      const said = found.shares.indexOf(Math.max(...found.shares));
      const right = scene.answer(data.question, things);
      gates.forEach(({ button, gate }, c) => {
        gate.show(found.gates[c]);
        button.setAttribute("aria-pressed", state.closed.has(c));
      });
      answers.forEach((answer, n) => answer.show(found.shares[n]));
      map.hidden = !found.places;
      if (found.places) {
        const [least, most] = [Math.min(...found.places), Math.max(...found.places)];
        found.places.forEach((gate, p) => heat[p].style.setProperty("--weight", `${Math.round(85 * gate)}%`));
        map.setAttribute("aria-label", `gates of the places, from ${two(least)} to ${two(most)}`);
      }
      words.textContent = told(found);
      say(line, `${before}The network says ${data.answers[said]} with ${two(found.shares[said])}, `
        + `${said === right ? "and that is right" : `but ${data.answers[right]} is right`}.`);
    }

    /* The figure in words: what is on the image, every gate, the widest places. */
    function told({ gates: open, places }) {
      const order = [...open.keys()].sort((a, b) => open[b] - open[a]);
      const listed = order.map((c) => `${c}: ${state.closed.has(c) ? "closed" : two(open[c])}`).join(", ");
      const shown = scene.shown(things), sums = things.map(() => [0, 0]);
      if (places) shown.forEach((n, p) => { if (n >= 0) { sums[n][0] += places[p]; sums[n][1] += 1; } });
      const spatial = places ? ` Mean gate of the places of each thing: ${things.map((thing, n) =>
        `${scene.named(thing)} ${two(sums[n][0] / sums[n][1])}`).join(", ")}.` : "";
      return `On the image: ${things.map(scene.named).join(", ")}. Channels from the widest gate: ${listed}.${spatial}`;
    }

    /* Another image or another network. */
    function take(number) {
      state.number = (number + data.scenes.length) % data.scenes.length;
      things = scene.thingsOf(data.scenes[state.number]);
      image.pixels = scene.paint(things, state.number);
      [image.canvas, map.querySelector("canvas")].forEach((canvas) => scene.show(canvas, image.pixels));
      const { score, mean, trainings } = questions[state.chosen.file].scores[key()];
      reach.textContent = `${questions[state.chosen.file].sentence} This network answers ${score} of new images; `
        + `${trainings} trainings of its kind ${mean}.`;
      show();
    }

    function build() {
      gates = Array.from({ length: 16 }, (_, c) => gateButton(c));
      answers = data.answers.map((word) => bar(`${word}:`));
      const channels = make("div", { class: "gate-list", role: "group", "aria-label": "channels and their gates; press one to close or open it" },
        ...gates.map(({ button }) => button));
      channels.addEventListener("keydown", keys);
      stage.replaceChildren(
        make("div", { class: "gates-seen" }, make("div", { class: "net-map" }, image.canvas), map),
        channels,
        make("div", { class: "gates-said" }, make("div", { class: "name" }, "the network says"), ...answers.map(({ element }) => element)));
    }

    function choose(name) {
      state.chosen = CHOICES[name];
      state.closed.clear();
      const { key: kind, values, slider: label, file } = state.chosen;
      turn.replaceChildren(...(values ? [slider(label, values, state.values[kind],
        (value) => { state.values[kind] = value; take(state.number); }).element] : []));
      host.fetched(base, `gates-${file}`, (stored) => {
        data = stored;
        build();
        take(state.number);
        if (!stage.isConnected) place();
      }, () => say(line, "The weights of the networks could not be loaded."));
    }

    function closeDeciding() {
      if (state.closed.size === gates.length) return;
      const { channel } = deciding(layers(), key(), image.pixels, state.closed, scene.answer(data.question, things));
      state.closed.add(channel);
      show(`Without channel ${channel} the right answer loses most; it is closed. `);
    }

    const which = choice("network", names, names[0], choose);
    const place = () => root.replaceChildren(
      make("div", { class: "look-controls" }, which.element, turn,
        buttons({ "Image before": () => take(state.number - 1), "Next image": () => take(state.number + 1) })),
      stage, buttons({
        "Close the channel that decides": closeDeciding,
        "Close all": () => { gates.forEach((_, c) => state.closed.add(c)); show("All channels are closed. "); },
        "Open all": () => { state.closed.clear(); show("All channels are open. "); },
      }), line, reach, make("details", {}, make("summary", {}, "The same in words"), words));
    choose(names[0]);
  }

  if (typeof attnLive !== "undefined") attnLive.start("gates-live", figure);
  return { deciding };
})();

if (typeof module !== "undefined") module.exports = gatesLive;
