// The writing room: what is typed is saved by itself, and kept in this browser until the house has acknowledged it.
// One save is on its way at a time; one that got no answer is sent again as it was, so that nothing is put in twice.
document.querySelectorAll("form[data-writer]").forEach(function (form) {
  var area = form.querySelector("textarea");
  var said = form.querySelector("[role=status]");
  var others = form.querySelector("[data-others]");
  var words = form.dataset;
  var kept = "xinglin-writer-" + words.writer;
  var base = form.elements.base.value;
  var saved = area.value;
  var sending = null;
  var wait = 0;
  var timer = 0;
  var PAUSE = 1500;
  var MOST = 60000;

  function id() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    var hex = Array.prototype.map.call(bytes, function (one) { return (one + 256).toString(16).slice(1); }).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  function keep() {
    try {
      if (sending || area.value !== saved) {
        localStorage.setItem(kept, JSON.stringify({ base: base, text: area.value, sending: sending }));
      } else {
        localStorage.removeItem(kept);
      }
    } catch (error) {
      // A browser that keeps nothing: the house keeps what it is sent.
    }
  }

  function later(pause) {
    clearTimeout(timer);
    timer = setTimeout(send, pause);
  }

  function send() {
    if (!sending) {
      if (area.value === saved) { return; }
      sending = { id: id(), base: base, text: area.value };
      keep();
    }
    var now = sending;
    var data = new URLSearchParams({
      csrf_token: form.elements.csrf_token.value, base: now.base, save_id: now.id, part: form.elements.part.value,
      text: now.text
    });
    say(words.saving);
    fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" }, credentials: "same-origin" })
      .then(function (answer) {
        if (answer.status >= 500) { throw new Error("fault"); }
        return answer.json().then(function (told) { return { ok: answer.ok, told: told }; });
      })
      .then(function (found) {
        wait = 0;
        sending = null;
        if (!found.ok) {
          // Refused: it stays here, and is tried again when something more is typed or the page is opened anew.
          say(found.told.title);
          keep();
          return;
        }
        acknowledged(now, found.told);
      })
      .catch(function () {
        say(words.unsaved);
        wait = Math.min(wait ? wait * 2 : 2000, MOST);
        later(wait);
      });
  }

  function acknowledged(now, told) {
    saved = now.text;
    base = told.base;
    if (!told.disputed && area.value === now.text && told.whole !== now.text) {
      take(told.whole);
      base = told.whole_base;
      saved = told.whole;
    }
    form.elements.base.value = base;
    say(told.said);
    if (told.disputed) {
      var link = document.createElement("a");
      link.href = words.disputed;
      link.textContent = words.choose;
      said.append(" ", link);
    }
    others.textContent = told.others.length ? words.with + told.others.join(words.comma) : "";
    keep();
    show();
    if (area.value !== saved) { later(PAUSE); }
  }

  // Others' changes come in where they belong; the caret stays at the words where it was.
  function take(whole) {
    var before = area.value;
    var start = 0;
    while (start < before.length && before[start] === whole[start]) { start += 1; }
    var tail = 0;
    while (tail < before.length - start && tail < whole.length - start
      && before[before.length - 1 - tail] === whole[whole.length - 1 - tail]) { tail += 1; }
    function moved(at) {
      if (at <= start) { return at; }
      return at >= before.length - tail ? at + whole.length - before.length : Math.min(at, whole.length - tail);
    }
    var from = moved(area.selectionStart);
    var to = moved(area.selectionEnd);
    var top = area.scrollTop;
    area.value = whole;
    area.setSelectionRange(from, to);
    area.scrollTop = top;
  }

  function say(text) {
    said.textContent = text;
  }

  // The phone beside it shows what is typed; drawn in the place of the frame's page, so that it asks for nothing twice.
  function show() {
    var frame = document.querySelector('iframe[name="seen-' + form.id + '"]');
    if (!frame) { return; }
    var data = new URLSearchParams({ csrf_token: form.elements.csrf_token.value, text: area.value });
    fetch(words.preview, { method: "POST", body: data, credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.text() : null; })
      .then(function (page) {
        if (page === null) { return; }
        var top = frame.contentWindow ? frame.contentWindow.scrollY : 0;
        frame.onload = function () { frame.contentWindow.scrollTo(0, top); frame.onload = null; };
        frame.srcdoc = page;
      })
      .catch(function () {});
  }

  area.addEventListener("input", function () {
    keep();
    if (!sending) { later(PAUSE); }
  });
  form.addEventListener("submit", function (event) {
    if (event.submitter && event.submitter.hasAttribute("formtarget")) { return; }
    event.preventDefault();
    clearTimeout(timer);
    send();
  });
  window.addEventListener("online", function () { if (sending || area.value !== saved) { send(); } });
  window.addEventListener("beforeunload", function (event) {
    if (sending || area.value !== saved) { event.preventDefault(); event.returnValue = ""; }
  });

  var bar = form.querySelector("[role=toolbar]");
  if (bar) {
    bar.hidden = false;
    bar.addEventListener("click", function (event) {
      var tool = event.target.closest("button");
      if (!tool) { return; }
      var start = area.selectionStart;
      var chosen = area.value.slice(start, area.selectionEnd);
      var lead = /^(:::|##|- |\n\|)/.test(tool.dataset.before) && start > 0 && area.value[start - 1] !== "\n" ? "\n" : "";
      area.setRangeText(lead + tool.dataset.before + chosen + tool.dataset.after, start, area.selectionEnd, "end");
      area.setSelectionRange(start + lead.length + tool.dataset.before.length, start + lead.length + tool.dataset.before.length + chosen.length);
      area.focus();
      area.dispatchEvent(new Event("input"));
    });
  }

  try {
    var rest = JSON.parse(localStorage.getItem(kept) || "null");
    if (rest && typeof rest.text === "string" && rest.text !== area.value) {
      // The page was closed before the house had answered: what was on its way goes first, then the rest.
      area.value = rest.text;
      base = rest.base;
      sending = rest.sending;
      send();
    }
  } catch (error) {
    // Nothing was kept.
  }
});
