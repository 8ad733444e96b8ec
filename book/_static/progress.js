/* How far the reader has come, kept in the reader's own browser and sent to nobody.

   A thin bar shows how much of the page lies above; contents and cards mark the pages that were
   begun or read to the end; the first page says so in words and has a button to forget it all.
   Without this script, or where the browser keeps nothing, the pages are as they were. In node the
   functions without a page are the module. */
var progress = (() => {
  const KEY = "where-to-look.read", END = 0.98;

  /* The notes, as a share from 0 to 1 for each page; anything else that lies there counts as none. */
  function read(text) {
    try {
      const found = Object.entries(JSON.parse(text) || {});
      return Object.fromEntries(found.filter(([, share]) => share >= 0 && share <= 1));
    } catch {
      return {};
    }
  }

  /* The notes after a page was seen up to a share; a page never becomes less read. */
  const noted = (notes, page, share) =>
    ({ ...notes, [page]: Math.max(notes[page] || 0, share >= END ? 1 : Math.round(share * 100) / 100) });

  /* What is said of a page: "", "begun" or "read". */
  const state = (share) => (share === undefined ? "" : share === 1 ? "read" : "begun");

  /* The sentence on the first page. */
  function said(notes, pages) {
    const whole = pages.filter((page) => state(notes[page]) === "read").length;
    const begun = pages.filter((page) => state(notes[page]) === "begun").length;
    return `Read to the end: ${whole} of ${pages.length} chapters${begun ? `, and ${begun} begun` : ""}. `
      + "Only this browser knows; nothing is sent anywhere.";
  }

  function load() {
    try { return read(localStorage.getItem(KEY)); } catch { return {}; }
  }

  function keep(notes) {
    try { localStorage.setItem(KEY, JSON.stringify(notes)); } catch { /* a browser that keeps nothing */ }
  }

  /* The share of the page that has come into view. */
  function share() {
    const article = document.querySelector(".bd-article").getBoundingClientRect();
    return Math.min(1, Math.max(0, (innerHeight - article.top) / article.height));
  }

  /* The page that a link of the contents leads to, by its name, as in "book/se". */
  const named = (link) => {
    const root = new URL(document.documentElement.dataset.content_root, location.href).pathname;
    return link.pathname.startsWith(root) ? link.pathname.slice(root.length).replace(/\.html$/, "") : "";
  };

  function mark(element, words) {
    element.querySelector(".progress-mark")?.remove();
    if (!words) return;
    const sign = document.createElement("span");
    sign.className = `progress-mark ${words}`;
    sign.textContent = ` ${words}`;
    element.append(sign);
  }

  /* Contents, cards and the sentence, as the notes are now. */
  function show(notes) {
    document.querySelectorAll(".bd-sidebar-primary nav a").forEach((link) => mark(link, state(notes[named(link)])));
    const cards = [...document.querySelectorAll("[data-page]")];
    cards.forEach((card) => mark(card.querySelector(".facts"), state(notes[card.dataset.page])));
    const box = document.querySelector("#reading-progress");
    if (!box) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Forget what I have read";
    button.addEventListener("click", () => { keep({}); show({}); document.querySelector("#reading-progress p").focus({ preventScroll: true }); });
    const words = document.createElement("p");
    words.tabIndex = -1;
    words.setAttribute("role", "status");
    words.textContent = said(notes, cards.map((card) => card.dataset.page));
    box.replaceChildren(words, ...(Object.keys(notes).length ? [button] : []));
  }

  function start() {
    const page = named(location);
    const counts = page.startsWith("book/") && !document.querySelector("#reading-progress"); // the first page is no chapter
    const bar = document.createElement("div");
    bar.className = "reading-bar";
    document.body.append(bar);
    let waiting = false;
    const look = () => {
      waiting = false;
      bar.style.setProperty("--share", scrollY / Math.max(1, document.documentElement.scrollHeight - innerHeight));
      if (counts && scrollY > 0) keep(noted(load(), page, share()));
    };
    addEventListener("scroll", () => { if (!waiting) { waiting = true; requestAnimationFrame(look); } }, { passive: true });
    look();
    show(load());
    addEventListener("pageshow", (event) => { if (event.persisted) show(load()); });
  }

  if (typeof document !== "undefined" && document.querySelector(".bd-article")) start();
  return { read, noted, state, said };
})();

if (typeof module !== "undefined") module.exports = progress;
