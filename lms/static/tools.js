// The tools of the writing room: each writes into the text at the caret what one would type by hand.
document.querySelectorAll("form[data-writer]").forEach(function (form) {
  var area = form.querySelector("textarea");
  var bar = form.querySelector("[role=toolbar]");
  if (!bar) { return; }

  // Puts a text in the place of [start, end), so that the browser can take it back (Ctrl+Z), and chooses [from, to).
  function put(start, end, text, from, to) {
    area.focus();
    area.setSelectionRange(start, end);
    var done = false;
    try {
      done = document.execCommand(text ? "insertText" : "delete", false, text);
    } catch (error) { /* a browser that does not know it */ }
    if (!done && (text || start !== end)) {
      area.setRangeText(text, start, end, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    var last = start + text.length;
    area.setSelectionRange(from === undefined ? last : from, to === undefined ? last : to);
  }

  function chosen() {
    var start = area.selectionStart;
    return { start: start, end: area.selectionEnd, text: area.value.slice(start, area.selectionEnd) };
  }

  // The whole lines that the selection touches; a selection that ends at a line's start does not touch that line.
  function lines() {
    var here = chosen();
    var last = here.end > here.start && area.value[here.end - 1] === "\n" ? here.end - 1 : here.end;
    var start = area.value.lastIndexOf("\n", here.start - 1) + 1;
    var end = area.value.indexOf("\n", last);
    return { start: start, end: end < 0 ? area.value.length : end };
  }

  // A block of its own: with an empty line before and behind it. [from, to) counts in the block.
  function block(text, start, end, from, to) {
    var before = area.value.slice(0, start);
    var behind = area.value.slice(end);
    var lead = !before || /\n\s*\n$/.test(before) ? "" : /\n$/.test(before) ? "\n" : "\n\n";
    var tail = /^\n\s*\n/.test(behind) ? "" : !behind || /^\n/.test(behind) ? "\n" : "\n\n";
    var at = start + lead.length;
    put(start, end, lead + text + tail, at + (from === undefined ? text.length : from),
      at + (to === undefined ? text.length : to));
  }

  // A block goes behind the line where the caret is, never into the middle of a sentence.
  function behindLine() {
    var here = lines();
    return area.value.slice(here.start, here.end).trim() ? here.end : here.start;
  }

  function bold() {
    var here = chosen();
    var around = area.value.slice(Math.max(here.start - 2, 0), here.start) + area.value.slice(here.end, here.end + 2);
    if (around === "****") {
      put(here.start - 2, here.end + 2, here.text, here.start - 2, here.end - 2);
      return;
    }
    if (here.text.indexOf("\n") >= 0) {
      // Strong words do not go over paragraphs: each line by itself, behind the mark of a list.
      var each = here.text.split("\n").map(function (line) {
        return line.replace(/^(\s*(?:[-*]|\d+[.)]|#+)\s+)?(.*?)(\s*)$/, function (all, lead, words, tail) {
          return words ? (lead || "") + "**" + words + "**" + tail : all;
        });
      }).join("\n");
      put(here.start, here.end, each, here.start, here.start + each.length);
      return;
    }
    var words = here.text.trim();
    var lead = here.text.slice(0, here.text.length - here.text.replace(/^\s+/, "").length);
    var tail = words ? here.text.slice(lead.length + words.length) : "";
    put(here.start, here.end, lead + "**" + words + "**" + tail,
      here.start + lead.length + 2, here.start + lead.length + 2 + words.length);
  }

  function heading() {
    var here = lines();
    var line = area.value.slice(here.start, here.end);
    var now = /^(#{2,3})\s+/.exec(line);
    var words = line.replace(/^#+\s*/, "").replace(/^\s*(?:[-*]|\d+[.)])\s+/, "");
    var mark = !now ? "## " : now[1] === "##" ? "### " : "";
    put(here.start, here.end, mark + words);
  }

  // Every line of the selection becomes a point; pressed again, lines. Points of the other kind change their kind.
  function list(numbered) {
    var here = lines();
    var rows = area.value.slice(here.start, here.end).split("\n");
    var own = numbered ? /^\s*\d+[.)]\s+/ : /^\s*[-*]\s+/;
    var said = rows.filter(function (row) { return row.trim(); });
    var off = said.length > 0 && said.every(function (row) { return own.test(row); });
    var number = 0;
    var made = rows.map(function (row) {
      var words = row.replace(/^\s*(?:[-*]|\d+[.)]|#+)\s+/, "");
      if (off) { return row.replace(own, ""); }
      if (!words.trim() && rows.length > 1) { return row; }
      number += 1;
      return (numbered ? number + ". " : "- ") + words;
    }).join("\n");
    var above = area.value.slice(0, here.start);
    var goesOn = /(?:^|\n)(?:\s*|\s*(?:[-*]|\d+[.)])\s[^\n]*)\n$/.test(above);
    var lead = off || !above || goesOn ? "" : "\n";
    put(here.start, here.end, lead + made, here.start + lead.length + (rows.length > 1 ? 0 : made.length));
  }

  // Return within a list makes the next point; in an empty point it ends the list.
  function next(event) {
    if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.isComposing) { return; }
    var here = area.selectionStart;
    if (here !== area.selectionEnd) { return; }
    var start = area.value.lastIndexOf("\n", here - 1) + 1;
    var point = /^(\s*)(?:([-*])|(\d+)([.)]))(\s+)(.*)$/.exec(area.value.slice(start, here));
    if (!point) { return; }
    event.preventDefault();
    if (!point[6].trim()) { put(start, here, ""); return; }
    put(here, here, "\n" + point[1] + (point[2] || (Number(point[3]) + 1) + point[4]) + point[5]);
  }

  // Cells that were chosen (divided by tabs or by |) become the table; else an empty one of two columns.
  function table() {
    var here = chosen();
    var given = here.text.trim();
    var rows = given ? given.split("\n").map(function (row) { return row.split(/\t|\|/); }) : [["", ""], ["", ""]];
    var wide = Math.max.apply(null, rows.map(function (row) { return row.length; }));
    var text = rows.map(function (row) {
      while (row.length < wide) { row.push(""); }
      return "| " + row.map(function (cell) { return cell.trim(); }).join(" | ") + " |";
    });
    text.splice(1, 0, "|" + new Array(wide + 1).join("---|"));
    var start = given ? here.start : behindLine();
    block(text.join("\n"), start, given ? here.end : start, 2, 2);
  }

  function box(button) {
    var here = chosen().text.trim() ? lines() : { start: behindLine(), end: behindLine() };
    var inside = area.value.slice(here.start, here.end);
    var lead = "::: " + button.dataset.kind + " ";
    var title = button.dataset.title;
    block(lead + title + "\n" + inside + "\n:::", here.start, here.end, lead.length, lead.length + title.length);
  }

  function part(button, name) {
    var field = button.closest("details").querySelector("[data-part=" + name + "]");
    return field ? field.value.trim().replace(/\s+/g, " ") : "";
  }

  // A needed field that is empty is shown, and nothing is put in.
  function lacks(button) {
    var needed = button.closest("details").querySelectorAll("[data-needed]");
    var empty = Array.prototype.filter.call(needed, function (field) {
      field.setAttribute("aria-invalid", field.value.trim() ? "false" : "true");
      field.parentNode.classList.toggle("bad", !field.value.trim());
      return !field.value.trim();
    });
    if (empty.length) { empty[0].focus(); }
    return empty.length > 0;
  }

  function figure(button) {
    if (lacks(button)) { return; }
    var at = behindLine();
    var caption = part(button, "caption").replace(/["\\]/g, "\\$&");
    var alt = part(button, "alt").replace(/[[\]\\]/g, "\\$&");
    block("![" + alt + "](" + part(button, "address") + (caption ? ' "' + caption + '"' : "") + ")", at, at);
  }

  function link(button) {
    if (lacks(button)) { return; }
    var here = chosen();
    var address = part(button, "address").replace(/[\s()<>]/g, encodeURIComponent);
    var words = part(button, "words") || here.text.replace(/\s+/g, " ").trim() || address;
    put(here.start, here.end, "[" + words.replace(/[[\]\\]/g, "\\$&") + "](" + address + ")");
  }

  // Words that were chosen are shown in the place of the term's own.
  function term(button) {
    var here = chosen();
    var words = here.text.replace(/\s+/g, " ").trim();
    var other = words && words !== button.dataset.word && !/[[\]|]/.test(words);
    put(here.start, here.end, "[[" + button.dataset.code + (other ? "|" + words : "") + "]]");
  }

  var tools = {
    bold: bold, heading: heading, table: table, box: box, figure: figure, link: link, term: term,
    list: function () { list(false); },
    numbers: function () { list(true); },
    check: function (button) { var at = behindLine(); block("::: check " + button.dataset.code + "\n:::", at, at); },
    source: function (button) { var end = area.selectionEnd; put(end, end, "[^" + button.dataset.code + "]"); }
  };

  function use(button) {
    var panel = button.closest("details");
    tools[button.dataset.tool](button);
    if (panel && document.activeElement === area) { panel.open = false; }
  }

  bar.hidden = false;
  // A press takes the caret nowhere: the selection is what the tool works on.
  bar.addEventListener("mousedown", function (event) {
    if (event.target.closest("[data-tool]")) { event.preventDefault(); }
  });
  bar.addEventListener("click", function (event) {
    var button = event.target.closest("[data-tool]");
    if (button) { use(button); }
  });
  bar.addEventListener("toggle", function (event) {
    if (!event.target.open) { return; }
    Array.prototype.forEach.call(bar.querySelectorAll("details[open]"), function (other) {
      if (other !== event.target) { other.open = false; }
    });
  }, true);
  bar.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && event.target.matches("input, select")) {
      event.preventDefault();
      use(event.target.closest("details").querySelector("[data-tool]"));
    } else if (event.key === "Escape" && event.target.closest("details[open]")) {
      var panel = event.target.closest("details");
      panel.open = false;
      panel.querySelector("summary").focus();
    } else if ((event.key === "ArrowRight" || event.key === "ArrowLeft") && !event.target.matches("input, select")) {
      var tabs = bar.querySelectorAll("button, summary");
      var all = Array.prototype.filter.call(tabs, function (one) { return one.offsetParent; });
      var to = all.indexOf(event.target) + (event.key === "ArrowRight" ? 1 : -1);
      if (all[to]) { event.preventDefault(); all[to].focus(); }
    }
  });
  area.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "b") {
      event.preventDefault();
      bold();
    } else {
      next(event);
    }
  });
});
