// What the checker says of a lesson follows what is saved: asked for once somebody has paused, never for each save.
(function () {
  var place = document.querySelector("[data-problems]");
  if (!place) { return; }
  var PAUSE = 3000;
  var timer = 0;
  function ask() {
    fetch(place.dataset.problems, { credentials: "same-origin", headers: { Accept: "text/html" } })
      .then(function (answer) { return answer.ok ? answer.text() : null; })
      .then(function (piece) { if (piece !== null) { place.innerHTML = piece; } })
      .catch(function () {});
  }
  document.querySelectorAll("form[data-writer] [role=status]").forEach(function (said) {
    new MutationObserver(function () {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE);
    }).observe(said, { childList: true });
  });
})();
