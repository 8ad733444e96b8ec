/* The atlas: its table sorted by a column and filtered by what the reader asks for.

   Without this script the table stands as it is. The facts that it sorts and filters by lie in the
   page as JSON, one for each row. live.js comes first; the only global name is `atlas`. In node the
   functions without a page are the module. */
var atlas = (() => {
  const COLUMNS = ["name", "kind", "attends", "form", "reach", "weights", "work", "questions", "year"];
  const TITLES = { name: "mechanism", kind: "kind", attends: "what it attends to", form: "form", reach: "reach",
    weights: "weights", work: "work", questions: "questions", year: "paper" };
  const ANY = "any", LISTED = "as listed";

  /* What a fact is ordered by: a number, or a word. Of questions, how many are answered, then helped. */
  const rank = (fact, column) =>
    column === "questions" ? 100 * fact.answers.length + fact.questions.length : fact[column];

  /* The facts in order; what is unknown stays at the end in either direction. */
  function sorted(facts, column, down = false) {
    const known = (fact) => rank(fact, column) !== null;
    const compare = (a, b) => {
      const [x, y] = [rank(a, column), rank(b, column)];
      return typeof x === "number" ? x - y : x.localeCompare(y);
    };
    const inOrder = facts.filter(known).sort((a, b) => (down ? compare(b, a) : compare(a, b)));
    return [...inOrder, ...facts.filter((fact) => !known(fact))];
  }

  /* Whether a fact is what was asked for. wanted: text, kind, form, reach, question; the most weights and work. */
  function fits(fact, wanted) {
    const words = (wanted.text || "").toLowerCase().split(/\s+/).filter(Boolean);
    const most = (name) => wanted[name] === undefined || (fact[name] !== null && fact[name] <= wanted[name]);
    return words.every((word) => fact.text.includes(word))
      && ["kind", "form", "reach"].every((name) => !wanted[name] || fact[name] === wanted[name])
      && (!wanted.question || fact.questions.includes(wanted.question))
      && most("weights") && most("work");
  }

  /* The line that is read aloud. */
  function said(shown, all, column, down) {
    const order = column ? `, sorted by ${TITLES[column]}, ${down ? "descending" : "ascending"}` : "";
    const what = `${shown} of ${all} mechanisms shown${order}.`;
    return shown ? what : `${what} Choose “${ANY}” somewhere, or show all again.`;
  }

  const distinct = (facts, name) => [...new Set(facts.map((fact) => fact[name]))];
  const LIMITS = [100, 1000, 10000, 100000];

  /* The choices of the form: label -> the words to choose from, and what each word asks for. */
  function choices(facts) {
    const same = (name) => distinct(facts, name).sort().map((word) => [word, { [name]: word }]);
    const works = sorted(facts.filter((fact) => fact.work !== null), "work");
    const orders = [...new Map(works.map((fact) => [fact.order, { work: fact.work }]))];
    const questions = [...new Set(facts.flatMap((fact) => fact.questions))].sort();
    return {
      "Helps with the question": questions.map((question) => [question, { question }]),
      "Weights, at most": LIMITS.map((weights) => [weights.toLocaleString("en"), { weights }]),
      "Work grows at most as": orders,
      Kind: same("kind"), Form: same("form"), Reach: same("reach"),
    };
  }

  /* Puts the form before the table and buttons into its head. */
  function start(table, facts) {
    const { make, buttons, status, say, choice } = attnLive;
    const rows = [...table.tBodies[0].rows], heads = [...table.tHead.rows[0].cells], line = status();
    const row = new Map(facts.map((fact, n) => [fact, rows[n]]));
    let column = null, down = false, text = "";
    const asked = {};

    function show() {
      const wanted = Object.assign({ text }, ...Object.values(asked));
      const order = column ? sorted(facts, column, down) : facts;
      order.forEach((fact) => { row.get(fact).hidden = !fits(fact, wanted); });
      table.tBodies[0].append(...order.map((fact) => row.get(fact)));
      heads.forEach((head, n) => {
        if (COLUMNS[n] === column) head.setAttribute("aria-sort", down ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      });
      say(line, said(rows.filter((each) => !each.hidden).length, rows.length, column, down));
    }
    function by(name) {
      [column, down] = [name, name === column && !down];
      order.show(name ? TITLES[name] : LISTED);
      show();
    }

    const search = make("input", { type: "search", "aria-label": "Words in a name, a paper's authors or a note" });
    search.addEventListener("input", () => { text = search.value; show(); });
    const selects = Object.entries(choices(facts)).map(([label, offered]) => {
      const meaning = new Map([[ANY, {}], ...offered]);
      return choice(label, [...meaning.keys()], ANY, (word) => { asked[label] = meaning.get(word); show(); });
    });
    const names = new Map([[LISTED, null], ...COLUMNS.map((name) => [TITLES[name], name])]);
    const order = choice("Sorted by", [...names.keys()], LISTED, (word) => { down = false; column = null; by(names.get(word)); });
    const again = buttons({ "Show all again": () => {
      [text, search.value] = ["", ""];
      Object.keys(asked).forEach((label) => delete asked[label]);
      selects.forEach((each) => each.show(ANY));
      by(null);
      table.tBodies[0].append(...rows);
    } });

    heads.forEach((head, n) => {
      const button = make("button", { type: "button" }, head.textContent.trim());
      button.addEventListener("click", () => by(COLUMNS[n]));
      head.setAttribute("scope", "col");
      head.replaceChildren(button);
    });
    rows.forEach((each) => each.cells[0].setAttribute("scope", "row"));
    const words = make("label", { class: "slider" }, make("span", { class: "name" }, "Words"), search);
    const form = make("div", { class: "attn-live atlas-form", role: "search", "aria-label": "Mechanisms" },
      make("div", { class: "fields" }, words, ...selects.map((each) => each.element), order.element), again, line);
    (table.closest(".pst-scrollable-table-container") || table).before(form);
    show();
  }

  if (typeof document !== "undefined") {
    const facts = document.getElementById("atlas-facts"), table = document.querySelector("table.atlas-all");
    if (facts && table) start(table, JSON.parse(facts.textContent));
  }
  return { sorted, fits, said, choices };
})();

if (typeof module !== "undefined") module.exports = atlas;
