// Claims: keys for those who decide. All works without.
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
