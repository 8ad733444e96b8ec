/* Before a page is printed: light colours, and every answer and list unfolded; after it, as it was. */
(() => {
  const root = document.documentElement;
  let theme, opened = [];

  addEventListener("beforeprint", () => {
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    opened = [...document.querySelectorAll(".bd-article details:not(.hide, [open])")];
    opened.forEach((each) => { each.open = true; });
  });

  addEventListener("afterprint", () => {
    root.dataset.theme = theme;
    opened.forEach((each) => { each.open = false; });
  });
})();
