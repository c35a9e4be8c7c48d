// Lessons are put in order by dragging, with a mouse, a pen or a finger; what is sent is what the buttons send.
document.querySelectorAll("[data-order]").forEach(function (list) {
  var EDGE = 60; // pixels from the window's edge within which the page moves along
  var moved = null;
  var began = 0;

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

  function end(stays) {
    moved.classList.remove("moving");
    while (!stays && place() > began) { up(); }
    while (!stays && place() < began) { down(); }
    var form = moved.querySelector("form");
    var to = place();
    moved = null;
    if (to === began) { return; }
    form.elements.to.value = to + 1;
    form.submit();
  }

  Array.prototype.forEach.call(list.querySelectorAll("[data-drag]"), function (handle) {
    if (!window.PointerEvent) { return; }
    handle.hidden = false;
    handle.addEventListener("pointerdown", function (event) {
      if (moved || event.button > 0) { return; }
      event.preventDefault();
      moved = handle.closest("li");
      began = place();
      moved.classList.add("moving");
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener("pointermove", function (event) { if (moved) { follow(event.clientY); } });
    handle.addEventListener("pointerup", function () { if (moved) { end(true); } });
    handle.addEventListener("pointercancel", function () { if (moved) { end(false); } });
    handle.addEventListener("keydown", function (event) { if (moved && event.key === "Escape") { end(false); } });
  });
});
