/* What every mechanism costs on a map of the reader's choice, from the registry's own formulas.
   `costWork` is the arithmetic and `costOf` a formula with its derived letters, both tested against Python. */
const costSigns = {
  "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b,
  "//": (a, b) => Math.floor(a / b), "%": (a, b) => ((a % b) + b) % b, "**": (a, b) => a ** b,
  "==": (a, b) => Number(a === b), "!=": (a, b) => Number(a !== b), "<": (a, b) => Number(a < b),
  "<=": (a, b) => Number(a <= b), ">": (a, b) => Number(a > b), ">=": (a, b) => Number(a >= b),
  negative: (a) => -a, not: (a) => Number(!a), max: (...all) => Math.max(...all),
};

/* A tree is a number, a letter, or [sign, ...trees]; letters are looked up in values. */
function costWork(tree, values) {
  if (typeof tree === "number") return tree;
  if (typeof tree === "string") return values(tree);
  const [sign, ...parts] = tree;
  if (sign === "if") return costWork(parts[costWork(parts[0], values) ? 1 : 2], values);
  if (sign === "and") return parts.reduce((found, part) => found && costWork(part, values), 1);
  if (sign === "or") return parts.reduce((found, part) => found || costWork(part, values), 0);
  return costSigns[sign](...parts.map((part) => costWork(part, values)));
}

/* A formula { tree, where, defaults } on a setting { C, H, W, r, k }. */
function costOf(formula, setting) {
  const derived = Object.fromEntries(formula.where);
  const values = (letter) => {
    if (letter in setting) return setting[letter];
    return letter in derived ? costWork(derived[letter], values) : formula.defaults[letter];
  };
  return costWork(formula.tree, values);
}

/* Parameters, multiply-adds and bytes as written (the map twice, the affinity before and after its softmax, float32). */
function costRow({ costs }, setting) {
  const work = (name) => (costs[name] ? costOf(costs[name], setting) : 0);
  const maps = 2 * setting.C * setting.H * setting.W;
  return [work("parameters"), work("multiply_adds"), 4 * (maps + 2 * work("affinity"))];
}

function costsFigure(root) {
  const { make, status, say, slider, choice } = attnLive;
  const records = JSON.parse(root.querySelector("script").textContent);
  const table = root.querySelector("table"), body = table.tBodies[0];
  const rows = Object.fromEntries([...body.rows].map((row) => [row.dataset.key, row]));
  const setting = { C: 256, H: 32, W: 32, r: 16, k: 7 };
  const names = ["parameters", "multiply-adds", "bytes as written"];
  let order = names[1];
  const line = status();
  const set = (letter) => (value) => { setting[letter] = value; show(); };

  function show() {
    const column = names.indexOf(order);
    const found = records.map((record) => ({ record, costs: costRow(record, setting) }));
    found.sort((a, b) => a.costs[column] - b.costs[column]);
    const most = Math.log10(1 + found.at(-1).costs[column]);
    found.forEach(({ record, costs }) => {
      const row = rows[record.key];
      costs.forEach((cost, n) => {
        const cell = row.cells[n + 1];
        cell.textContent = cost.toLocaleString("en");
        const share = n === column && most ? Math.log10(1 + cost) / most : 0;
        cell.style.setProperty("--share", `${100 * share}%`);
      });
      body.append(row);
    });
    table.caption.textContent = `At ${Object.entries(setting).map(([l, v]) => `${l} = ${v}`).join(", ")}, `
      + `by ${order}; bars are logarithms`;
    const at = (n) => `${found.at(n).record.title} (${found.at(n).costs[column].toLocaleString("en")})`;
    say(line, `Of ${found.length} mechanisms ${at(0)} has the fewest ${order}, ${at(-1)} the most.`);
  }

  const sides = [4, 7, 8, 14, 16, 28, 32, 56, 64, 96, 128];
  root.querySelector(".controls").replaceChildren(
    slider("channels C", [16, 32, 64, 128, 256, 512, 1024, 2048], setting.C, set("C")).element,
    slider("height H", sides, setting.H, set("H")).element,
    slider("width W", sides, setting.W, set("W")).element,
    slider("reduction r", [1, 2, 4, 8, 16], setting.r, set("r")).element,
    slider("kernel k", [1, 3, 5, 7, 9, 11], setting.k, set("k")).element,
    choice("sorted by", names, order, (name) => { order = name; show(); }).element, line);
  show();
}

if (typeof module !== "undefined") module.exports = { costWork, costOf, costRow };
else attnLive.start("costs-live", costsFigure);
