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
  const textureOf = (thing) => (thing ? thing.texture : null);
  const far = (a, b) => (a.top - b.top) ** 2 + (a.left - b.left) ** 2;

  /* What each question asks of the things, as a class, or null where it makes no sense of them. */
  const ANSWERS = {
    key: (things) => {
      const cue = only(cues(things));
      return cue && textureOf(only(objects(things).filter(({ colour }) => colour === cue.colour)));
    },
    row: (things) => {
      const cue = only(cues(things));
      return cue && textureOf(only(objects(things).filter(({ top }) => top === cue.top)));
    },
    same: (things) => (things.length === 2 && !cues(things).length
      ? Number(things[0].texture === things[1].texture) : null),
    rule: (things) => {
      const [cue, object] = [only(cues(things)), only(objects(things))];
      return cue && object && (object.texture + cue.colour) % 4;
    },
    beside: (things) => {
      const cue = only(cues(things));
      return cue && textureOf(objects(things).sort((a, b) => far(a, cue) - far(b, cue))[0]);
    },
  };
  const answer = (question, things) => ANSWERS[question](things);

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

  /* The same where a place shows nothing but one around it does: a place sees one further on every side. */
  function near(things) {
    const on = shown(things), steps = [-1, 0, 1];
    return on.map((thing, p) => {
      const around = steps.flatMap((y) => steps.map((x) => [Math.floor(p / 8) + y, (p % 8) + x]));
      const found = around.filter((at) => at.every((n) => n >= 0 && n < 8)).map(([y, x]) => on[8 * y + x]);
      return thing >= 0 ? thing : Math.max(...found);
    });
  }

  /* A canvas for an image, and the image on it. A screen reader gets its words elsewhere. */
  const picture = () => attnLive.make("canvas", { width: PIXELS, height: PIXELS, "aria-hidden": "true" });
  function show(canvas, image) {
    const context = canvas.getContext("2d"), area = PIXELS ** 2;
    const pixels = context.createImageData(PIXELS, PIXELS);
    for (let p = 0; p < area; p += 1) {
      for (let c = 0; c < 3; c += 1) pixels.data[4 * p + c] = 255 * image[c * area + p];
      pixels.data[4 * p + 3] = 255;
    }
    context.putImageData(pixels, 0, 0);
  }

  const named = ({ texture, colour }) =>
    (texture === SOLID ? `${COLOURS[colour]} cue` : `${COLOURS[colour]} ${TEXTURES[texture]}`);

  return { PIXELS, THING, TEXTURES, COLOURS, thingsOf, paint, answer, shown, near, named, picture, show };
})();

if (typeof module !== "undefined") module.exports = sceneLive;
