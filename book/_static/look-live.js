/* "Where does this pixel look?": trained hosts side by side on one image, the bench's or the reader's.
   host-live.js computes, scene-live.js paints; `lookAt` is what the figure says, tested in node. */
var lookLive = (() => {
  const host = typeof require === "undefined" ? hostLive : require("./host-live.js");
  const scene = typeof require === "undefined" ? sceneLive : require("./scene-live.js");
  const MAPS = { nonlocal: "non-local", "cc-once": "criss-cross, one pass", cc: "criss-cross, two passes",
                 gc: "global context", da: "dual, positions" };
  const HOST_OF = { "cc-once": "cc" };
  const hostOf = (map) => HOST_OF[map] || map;

  /* The share of a place's weights on each thing, beside it, and on the background; largest first. */
  function sharesOf(row, things) {
    const [on, near] = [scene.shown(things), scene.near(things)], sums = {};
    row.forEach((weight, p) => {
      const name = near[p] < 0 ? "background" : `${on[p] < 0 ? "beside the " : ""}${scene.named(things[near[p]])}`;
      sums[name] = (sums[name] || 0) + weight;
    });
    return Object.entries(sums).map(([name, share]) => ({ name, share })).sort((a, b) => b.share - a.share);
  }

  /* Every host on an image: its shares of the classes, its answer in words, whether it is right. */
  function answers(data, things, image) {
    const right = scene.answer(data.question, things);
    const asked = right !== null && right < data.answers.length;
    return Object.fromEntries(Object.entries(data.layers).map(([key, layers]) => {
      const { shares, maps } = host.run(layers, key, image);
      const said = shares.indexOf(Math.max(...shares));
      return [key, { shares, maps, says: data.answers[said], right: asked ? said === right : null }];
    }));
  }

  /* What the table and the screen reader say of one place: a line for each map. */
  function lookAt(found, things, place) {
    return Object.keys(MAPS).filter((map) => found[hostOf(map)]).map((map) => {
      const { maps, says, right } = found[hostOf(map)];
      const row = maps[map].subarray(place * host.N, (place + 1) * host.N);
      return { map, name: MAPS[map], row, says, right, shares: sharesOf(row, things) };
    });
  }

  const verdict = (right) => (right === null ? "" : right ? ", right" : ", wrong");
  const listed = (shares, count) =>
    shares.slice(0, count).filter(({ share }) => share >= 0.005).map(({ name, share }) => `${share.toFixed(2)} ${name}`).join(", ");

  function figure(root) {
    const { make, buttons, status, say, choice, board } = attnLive;
    const { questions, base } = JSON.parse(root.querySelector("script").textContent);
    const state = { question: Object.keys(questions)[0], number: 0, things: [], place: 0, own: false };
    const brush = { colour: scene.COLOURS[0], texture: scene.TEXTURES[0] };
    const line = status();
    let data, found, image, panels;

    const load = (question, then) => host.fetched(base, `look-${question}`, (stored) => { data = stored; then(); },
      () => say(line, "The weights of the networks could not be loaded."));

    const places = board("the place that looks, on the image", 8, 8, (n) => { state.place = n; show(); });
    const large = scene.picture();
    const rows = make("tbody");
    const kept = make("div", { class: "look-maps" });

    function panel(map) {
      const canvas = scene.picture();
      const heat = Array.from({ length: host.N }, () => make("span"));
      const says = make("span", { class: "says" });
      const view = make("div", { class: "net-map", role: "img" }, canvas, make("div", { class: "heat" }, ...heat));
      const element = make("figure", {}, view, make("figcaption", {}, make("b", {}, MAPS[map]), says));
      return { element, canvas, heat, says, view };
    }

    function showPanel({ map, row, says, right, shares, name }) {
      const one = panels[map], most = Math.max(...row);
      row.forEach((weight, p) => {
        one.heat[p].style.setProperty("--weight", `${Math.round((100 * weight) / most)}%`);
        one.heat[p].classList.toggle("asks", p === state.place);
      });
      one.says.textContent = `says ${says}${verdict(right)}`;
      one.view.setAttribute("aria-label", `${name}: ${listed(shares, 3)}`);
    }

    /* A new place asks: the maps change, the answers do not. */
    function show() {
      const seen = lookAt(found, state.things, state.place);
      seen.forEach(showPanel);
      rows.replaceChildren(...seen.map(({ map, name, shares, says, right }) => {
        const { score, mean, trainings } = questions[state.question].scores[hostOf(map)];
        const cells = [listed(shares, 3), `${says}${verdict(right)}`, `${score} (${mean}, ${trainings} trainings)`];
        return make("tr", {}, make("th", { scope: "row" }, name), ...cells.map((words) => make("td", {}, words)));
      }));
      const on = scene.shown(state.things)[state.place];
      const where = `Row ${Math.floor(state.place / 8)}, column ${state.place % 8}, on `
        + `${on < 0 ? "the background" : `the ${scene.named(state.things[on])}`}. Most weight: `;
      say(line, `${where}${seen.map(({ name, shares }) => `${name} ${listed(shares, 1)}`).join("; ")}.`);
    }

    /* Another image: every host answers it. */
    function look() {
      image = scene.paint(state.things, state.own ? 99 : state.number);
      found = answers(data, state.things, image);
      panels = Object.fromEntries(Object.keys(MAPS).filter((map) => found[hostOf(map)]).map((map) => [map, panel(map)]));
      kept.replaceChildren(...Object.values(panels).map(({ element }) => element));
      [large, ...Object.values(panels).map(({ canvas }) => canvas)].forEach((canvas) => scene.show(canvas, image));
      const shown = scene.shown(state.things);
      places.cells.forEach((cell, p) => cell.setAttribute("aria-label", `row ${Math.floor(p / 8)}, `
        + `column ${p % 8}: ${shown[p] < 0 ? "background" : scene.named(state.things[shown[p]])}`));
      places.mark(state.place);
      show();
    }

    function take(number) {
      const { scenes } = data;
      sentence.textContent = questions[state.question].sentence;
      state.number = (number + scenes.length) % scenes.length;
      state.things = scene.thingsOf(scenes[state.number]);
      state.own = false;
      const { top, left } = state.things[0];
      state.place = 8 * Math.floor((top + 4) / 4) + Math.floor((left + 4) / 4);
      look();
    }

    const under = () => scene.shown(state.things)[state.place];
    function change(things) {
      state.things = things;
      state.own = true;
      look();
    }
    function put() {
      const at = (n) => Math.max(0, Math.min(scene.PIXELS - scene.THING, 4 * n - 4));
      const thing = { top: at(Math.floor(state.place / 8)), left: at(state.place % 8),
                      texture: scene.TEXTURES.indexOf(brush.texture), colour: scene.COLOURS.indexOf(brush.colour) };
      const apart = ({ top, left }) => Math.abs(top - thing.top) >= scene.THING || Math.abs(left - thing.left) >= scene.THING;
      change([...state.things.filter(apart), thing]);
    }

    const sentence = make("span", {});
    const ask = choice("question", Object.keys(questions), state.question, (question) => {
      state.question = question;
      load(question, () => take(0));
    });
    const drawing = make("details", {}, make("summary", {}, "Draw an image of your own"),
      choice("colour", scene.COLOURS.slice(0, 4), brush.colour, (word) => { brush.colour = word; }).element,
      choice("texture", scene.TEXTURES, brush.texture, (word) => { brush.texture = word; }).element,
      buttons({ "Put it at the place that looks": put,
                "Take away what is there": () => change(state.things.filter((_, n) => n !== under())),
                "Empty the image": () => change([]) }));
    const table = make("table", { class: "look-table" }, make("thead", {}, make("tr", {},
      ...["mechanism", "this place gives its weight to", "the network says", "right answers on the bench (mean of all)"].map((word) => make("th", { scope: "col" }, word)))), rows);
    load(state.question, () => {
      root.replaceChildren(make("div", { class: "look-controls" }, ask.element, sentence,
        buttons({ "Image before": () => take(state.number - 1), "Next image": () => take(state.number + 1) })),
        make("div", { class: "look-stage" }, make("div", { class: "net-map asking" }, large, places.element), kept),
        line, table, drawing);
      take(0);
    });
  }

  if (typeof attnLive !== "undefined") attnLive.start("look-live", figure);
  return { sharesOf };
})();

if (typeof module !== "undefined") module.exports = lookLive;
