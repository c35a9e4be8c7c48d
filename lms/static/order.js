// Lessons, questions and the rows of a settings page are put in order by dragging, with a mouse, a pen or a finger; what
// is sent is what the buttons send. A thing goes to the place of another, and those between them one place on.
document.querySelectorAll("[data-order]").forEach(function (list) {
  var EDGE = 60; // pixels from the window's edge within which the page moves along
  var moved = null;
  var began = 0;
  // The rows of a page that is one form (`data-order` is what they are called there) are low while one is moved.
  var rows = list.dataset.order;

  function place() {
    return Array.prototype.indexOf.call(list.children, moved);
  }

  // The others are put around it: what is taken out of a page loses the finger that holds it.
  function up() { list.insertBefore(moved.previousElementSibling, moved.nextElementSibling); }
  function down() { list.insertBefore(moved.nextElementSibling, moved); }

  function middle(one) {
    var box = one.getBoundingClientRect();
    return box.top + box.height / 2;
  }

  function follow(y) {
    while (moved.previousElementSibling && y < middle(moved.previousElementSibling)) { up(); }
    while (moved.nextElementSibling && y > middle(moved.nextElementSibling)) { down(); }
    if (y < EDGE) { window.scrollBy(0, -EDGE / 4); }
    if (y > window.innerHeight - EDGE) { window.scrollBy(0, EDGE / 4); }
  }

  // The moved one stays under the hand while the others become low or high.
  function low(on) {
    if (!rows) { return; }
    var top = moved.getBoundingClientRect().top;
    list.classList.toggle("low", on);
    window.scrollBy(0, moved.getBoundingClientRect().top - top);
  }

  function send(place) {
    var form = rows ? list.closest("form") : moved.querySelector("form");
    var displaced = place > began ? moved.previousElementSibling : moved.nextElementSibling;
    var to = form.elements.to;
    if (rows) {
      to = document.createElement("input");
      to.type = "hidden";
      to.name = "move";
      form.append(to);
    }
    to.value = rows ? rows + "-" + began + "-" + place : displaced.dataset.name || place + 1;
    form.submit();
  }

  function end(stays) {
    low(false);
    moved.classList.remove("moving");
    while (!stays && place() > began) { up(); }
    while (!stays && place() < began) { down(); }
    if (place() !== began) { send(place()); }
    moved = null;
  }

  Array.prototype.forEach.call(list.querySelectorAll("[data-drag]"), function (handle) {
    if (!window.PointerEvent) { return; }
    handle.hidden = handle.parentNode.hidden = false; // a form that only this script sends
    handle.addEventListener("pointerdown", function (event) {
      if (moved || event.button > 0) { return; }
      event.preventDefault();
      moved = handle.closest("[data-order] > *");
      began = place();
      moved.classList.add("moving");
      low(true);
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener("pointermove", function (event) { if (moved) { follow(event.clientY); } });
    handle.addEventListener("pointerup", function () { if (moved) { end(true); } });
    handle.addEventListener("pointercancel", function () { if (moved) { end(false); } });
    handle.addEventListener("keydown", function (event) { if (moved && event.key === "Escape") { end(false); } });
  });
});
