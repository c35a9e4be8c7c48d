// Claims: what is typed stays on this phone until it is saved; keys for those who decide. All works without.
document.querySelectorAll("form[data-keep]").forEach(function (form) {
  var key = "xinglin-" + form.getAttribute("data-keep");
  var typed = "input:not([type=hidden]):not([type=file]):not([type=checkbox]), textarea, select";
  var fields = Array.prototype.filter.call(form.querySelectorAll(typed), function (field) {
    return field.name;
  });
  try {
    Object.keys(localStorage).forEach(function (name) {
      // An older version of the same claim has been saved: what was kept of it is no longer needed.
      var stem = key.replace(/-\d+$/, "-");
      if (name !== key && /\d$/.test(key) && name.indexOf(stem) === 0) { localStorage.removeItem(name); }
    });
    var kept = JSON.parse(localStorage.getItem(key) || "{}");
    if (!form.querySelector("[aria-invalid]")) {
      fields.forEach(function (field) {
        if (typeof kept[field.name] === "string") { field.value = kept[field.name]; }
      });
    }
    form.addEventListener("input", function () {
      var now = {};
      fields.forEach(function (field) { now[field.name] = field.value; });
      localStorage.setItem(key, JSON.stringify(now));
    });
    if (/claim-new-/.test(key)) {
      form.addEventListener("submit", function () {
        if (navigator.onLine !== false) { localStorage.removeItem(key); }
      });
    }
  } catch (error) {
    // A browser that keeps nothing: the form works as it is.
  }
});

document.addEventListener("keydown", function (event) {
  if (event.ctrlKey || event.altKey || event.metaKey) { return; }
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type !== "checkbox" && event.target.type !== "radio") { return; }
  var table = document.querySelector("table[data-keys]");
  if (table && /^[jkx]$/.test(event.key)) {
    var links = Array.prototype.slice.call(table.querySelectorAll("tbody a"));
    var row = event.target.closest ? event.target.closest("tbody tr") : null;
    var here = links.findIndex(function (link) { return row && row.contains(link); });
    if (event.key === "x") {
      var box = row && row.querySelector("input[type=checkbox]");
      if (box) { box.checked = !box.checked; }
    } else {
      var next = event.key === "j" ? Math.min(here + 1, links.length - 1) : Math.max(here - 1, 0);
      links[next].focus();
    }
    event.preventDefault();
  }
  var form = document.querySelector("form[data-decide]");
  var action = { a: "approve", r: "return" }[event.key];
  if (form && action) {
    var choice = form.querySelector("input[name=action][value=" + action + "]");
    choice.checked = true;
    choice.focus();
    event.preventDefault();
  }
});
