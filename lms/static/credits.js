// The statement can be printed from a button; without this file, from the browser's own menu.
document.querySelectorAll("[data-print]").forEach(function (button) {
  button.hidden = false;
  button.addEventListener("click", function () { window.print(); });
});

// All boxes of a list at once; without this file the links load the page anew.
document.querySelectorAll("[data-tick]").forEach(function (link) {
  link.addEventListener("click", function (event) {
    event.preventDefault();
    link.closest("fieldset").querySelectorAll("input[type=checkbox]").forEach(function (box) {
      box.checked = link.dataset.tick === "all";
    });
  });
});
