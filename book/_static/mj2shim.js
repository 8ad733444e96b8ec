/* The widget code asks for MathJax 2's queue; MathJax 3 has none. No TeX in widget descriptions. */
(function () {
  var mathjax = (window.MathJax = window.MathJax || {});
  mathjax.Hub = mathjax.Hub || { Queue: function () {} };
})();
