/* Images of the question bench, painted in the page as attnlab/scenes.py paints them, and the right
   answer to what is on them. A thing is { top, left, texture, colour }. The only global name is `sceneLive`. */
var sceneLive = (() => {
  const PIXELS = 32;
  const THING = 8;  // height and width of a thing in pixels
  const TEXTURES = ["rows", "columns", "checks", "diagonals", "solid"];
  const COLOURS = ["red", "green", "blue", "yellow", "white"];
  const PALETTE = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 1, 1]];
  const SOLID = 4;
  const BRIGHT = [(i) => i % 2 === 0, (i, j) => j % 2 === 0, (i, j) => (i + j) % 2 === 0,
                  (i, j) => (i + j) % 4 < 2, () => true];

  /* The things of a scene as it is stored, [top, left, texture, colour] for each. */
  const thingsOf = (stored) => stored.map(([top, left, texture, colour]) => ({ top, left, texture, colour }));

  /* Numbers from 0 to 1 that are the same in every browser. */
  function chance(seed) {
    let state = seed;
    return () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
  }

  /* 3 x 32 x 32 numbers from 0 to 1. The seed decides the noise and where a texture begins. */
  function paint(things, seed) {
    const next = chance(seed), area = PIXELS * PIXELS;
    const image = Float32Array.from({ length: 3 * area }, () => 0.45 + 0.1 * next());
    things.forEach(({ top, left, texture, colour }) => {
      const phase = Math.floor(4 * next());
      const shift = texture === 1 ? [0, phase] : [phase, 0];
      for (let i = 0; i < THING; i += 1) {
        for (let j = 0; j < THING; j += 1) {
          const lit = BRIGHT[texture](i + shift[0], j + shift[1]);
          PALETTE[colour].forEach((part, c) => {
            image[c * area + (top + i) * PIXELS + left + j] += lit && part ? 0.4 : -0.4;
          });
        }
      }
    });
    return image;
  }

  const cues = (things) => things.filter(({ texture }) => texture === SOLID);
  const objects = (things) => things.filter(({ texture }) => texture !== SOLID);
  const only = (found) => (found.length === 1 ? found[0] : null);
  /* The thing of a cue that is asked for, or null where the image asks nothing. */
  const ASKED = {
    key: (things) => {
      const cue = only(cues(things));
      return cue && only(objects(things).filter(({ colour }) => colour === cue.colour));
    },
    row: (things) => {
      const cue = only(cues(things));
      return cue && only(objects(things).filter(({ top }) => top === cue.top));
    },
    same: (things) => (things.length === 2 && !cues(things).length ? things[1] : null),
  };

  /* The class that is right, or null where the question makes no sense of the image. */
  function answer(question, things) {
    const asked = ASKED[question](things);
    if (!asked) return null;
    return question === "same" ? Number(things[0].texture === things[1].texture) : asked.texture;
  }

  /* For each of the 8 x 8 places, the thing that most of its pixels show, or -1. */
  function shown(things) {
    return Array.from({ length: 64 }, (_, p) => {
      const y = 4 * Math.floor(p / 8), x = 4 * (p % 8);
      const side = (a, b) => Math.max(0, Math.min(a + 4, b + THING) - Math.max(a, b));
      const areas = things.map(({ top, left }) => side(y, top) * side(x, left));
      const most = Math.max(0, ...areas);
      return most ? areas.indexOf(most) : -1;
    });
  }

  const named = ({ texture, colour }) =>
    (texture === SOLID ? `${COLOURS[colour]} cue` : `${COLOURS[colour]} ${TEXTURES[texture]}`);

  return { PIXELS, THING, SOLID, TEXTURES, COLOURS, thingsOf, paint, answer, shown, named };
})();

if (typeof module !== "undefined") module.exports = sceneLive;
