// What is typed in a form stays on this phone until the house has it, under the id that the form made: sent where there
// is no network, it is there when the page is opened again, and counts once. Never a file, nor a box that is ticked to
// confirm, nor what a browser is not to remember; nothing on a shared phone, whose pages name no form. Nobody finds
// another's words, and signing out takes all away. All works without.
(function () {
  var ALL = "xinglin-keep-";
  var BEFORE = "xinglin-claim-"; // named nobody, and was never taken away
  var VERSION = /-claim-[0-9a-f-]{36}-\d+$/;
  var LONGEST = 7 * 24 * 60 * 60 * 1000;
  var TYPED = "input:not([type=hidden]):not([type=file]):not([type=checkbox]):not([type=password]):not([autocomplete=off]), " +
    "textarea, select";

  function sift(stays) {
    Object.keys(localStorage).forEach(function (name) {
      if (name.indexOf(BEFORE) === 0) { localStorage.removeItem(name); }
      if (name.indexOf(ALL) !== 0) { return; }
      var kept = null;
      try { kept = JSON.parse(localStorage.getItem(name)); } catch (error) { /* nothing that could be shown */ }
      if (!kept || !kept.fields || !stays(name, kept)) { localStorage.removeItem(name); }
    });
  }

  function none() { return false; }

  function keep(form) {
    var key = ALL + form.dataset.who + "-" + form.dataset.keep;
    var id = form.elements[form.dataset.keepId] || {};
    var said = form.querySelector("[data-kept]");
    var fields = Array.prototype.filter.call(form.querySelectorAll(TYPED), function (field) { return field.name; });

    function put() {
      var now = {};
      fields.forEach(function (field) {
        if (field.type !== "radio" || field.checked) { now[field.name] = field.value; }
      });
      try {
        localStorage.setItem(key, JSON.stringify({ at: Date.now(), id: id.value || "", fields: now }));
      } catch (error) { /* a full store: the form works as it is */ }
    }

    function show(kept) {
      fields.forEach(function (field) {
        var before = field.value;
        var word = kept.fields[field.name];
        if (typeof word !== "string") { return; }
        if (field.type === "radio") { field.checked = field.value === word; return; }
        field.value = word;
        if (field.selectedIndex === -1) { field.value = before; } // it is offered no more
      });
      if (kept.id && "value" in id) { id.value = kept.id; }
      if (form.closest("details")) { form.closest("details").open = true; }
      if (!said) { return; }
      said.hidden = false;
      said.querySelector("button").addEventListener("click", function () {
        localStorage.removeItem(key);
        location.reload();
      });
    }

    sift(function (name) {
      // Another's; or an older version of the same thing, which has been saved since.
      var older = VERSION.test(key) && name !== key && name.indexOf(key.replace(/-\d+$/, "-")) === 0;
      return name.indexOf(ALL + form.dataset.who + "-") === 0 && !older;
    });
    var kept = JSON.parse(localStorage.getItem(key));
    if (kept && !form.querySelector("[aria-invalid], [role=alert]")) { show(kept); }
    form.addEventListener("input", put);
    form.addEventListener("change", put);
    form.addEventListener("submit", put);
  }

  try {
    if (/[?&]out=/.test(location.search)) { sift(none); }
    var had = Array.prototype.map.call(document.querySelectorAll("[data-had]"), function (one) { return one.dataset.had; });
    sift(function (name, kept) { return kept.at > Date.now() - LONGEST && (!kept.id || had.indexOf(kept.id) < 0); });
    document.querySelectorAll("form[data-keep]").forEach(keep);
  } catch (error) {
    // A browser that keeps nothing: the forms work as they are.
  }
})();
