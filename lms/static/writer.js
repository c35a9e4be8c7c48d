// The writing room: what is typed is saved by itself, and kept in this browser until the house has acknowledged it.
// One save is on its way at a time; one that got no answer is sent again as it was, so that nothing is put in twice.
document.querySelectorAll("form[data-writer]").forEach(function (form) {
  var area = form.querySelector("textarea");
  var said = form.querySelector("[data-said]");
  var others = form.querySelector("[data-others]");
  var words = form.dataset;
  var PAUSE = 1500;
  var LONGEST = 5000; // who types without a pause is saved all the same
  var MOST = 60000;
  var AGAIN = 30000; // after a refusal that may pass: signed out, a draft that is judged just now
  var PATIENCE = 20000;
  var POLL = 25000;
  var ALIVE = 4000;
  var DEAD = 15000;
  // Kept by person, text and page: two tabs keep each their own, and nobody sends another's words as hers.
  var keeps = "xinglin-writer-" + words.who + "-" + words.writer + "-";
  var kept = keeps + id();
  var base = form.elements.base.value;
  var saved = area.value;
  var sending = null;
  var going = false;
  var disputed = false;
  var wait = 0;
  var timer = 0;
  var since = 0;

  function id() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    var hex = Array.prototype.map.call(bytes, function (one) { return (one + 256).toString(16).slice(1); }).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  function unsaved() {
    return sending !== null || area.value !== saved;
  }

  // `closed`: this page is going, whoever opens the text next goes on with it.
  function keep(closed) {
    try {
      if (unsaved()) {
        var rest = { base: base, text: area.value, sending: sending, at: closed ? 0 : Date.now() };
        localStorage.setItem(kept, JSON.stringify(rest));
      } else {
        localStorage.removeItem(kept);
      }
    } catch (error) {
      // A browser that keeps nothing: the house keeps what it is sent.
    }
  }

  // What another page of this text has kept and is not there any more to send: by its name in the store.
  function left() {
    var found = [];
    try {
      for (var at = 0; at < localStorage.length; at += 1) {
        var name = localStorage.key(at);
        if (name.indexOf(keeps) !== 0 || name === kept) { continue; }
        var rest = JSON.parse(localStorage.getItem(name));
        if (!rest || typeof rest.text !== "string") { localStorage.removeItem(name); continue; }
        if (Date.now() - rest.at > DEAD) { found.push([name, rest]); }
      }
    } catch (error) {
      return [];
    }
    return found;
  }

  // Goes on with what a closed page had kept: what was on its way goes first under its own id, then the rest.
  function goOn() {
    var found = unsaved() ? [] : left();
    if (!found.length) { return; }
    var rest = found[0][1];
    if (rest.sending || rest.text !== area.value) {
      area.value = rest.text;
      base = rest.base;
      sending = rest.sending;
      keep();
      told();
      send();
    }
    localStorage.removeItem(found[0][0]);
    if (!unsaved()) { goOn(); }
  }

  function later(pause) {
    clearTimeout(timer);
    timer = setTimeout(send, pause);
  }

  // A request that gets no answer is given up, for a connection can hang for ever; a long text may take longer.
  function post(address, data, patience) {
    var stop = new AbortController();
    var over = setTimeout(function () { stop.abort(); }, patience);
    data.append("csrf_token", form.elements.csrf_token.value);
    return fetch(address, {
      method: "POST", body: data, headers: { Accept: "application/json" }, credentials: "same-origin",
      signal: stop.signal
    }).then(function (answer) {
      if (answer.status >= 500) { throw new Error("fault"); }
      return answer.text().then(function (text) {
        clearTimeout(over);
        var found = null;
        try { found = JSON.parse(text); } catch (error) { /* a page: of a proxy, or to sign in */ }
        return { ok: answer.ok && found !== null, status: answer.status, told: found || {} };
      });
    });
  }

  function send() {
    clearTimeout(timer);
    if (!sending) {
      if (area.value === saved) { keep(); return; }
      sending = { id: id(), base: base, text: area.value };
      since = 0;
      keep();
    }
    var now = sending;
    if (going) { return; }
    var data = new URLSearchParams({ base: now.base, save_id: now.id, part: form.elements.part.value, text: now.text });
    say(words.saving);
    going = true;
    post(form.action, data, PATIENCE + wait + now.text.length)
      .then(function (found) {
        going = false;
        wait = 0;
        sending = null;
        if (found.ok) { acknowledged(now, found.told); } else { refused(found); }
      })
      .catch(function () {
        going = false;
        say(words.unsaved);
        wait = Math.min(wait ? wait * 2 : 2000, MOST);
        later(wait);
      });
  }

  // Refused: it stays here. What only other words can mend waits for them; the rest is tried again by itself.
  function refused(found) {
    keep();
    say(found.told.title || words.unsaved);
    if (found.status === 413 || found.status === 422) { return; }
    renew();
    later(AGAIN);
  }

  // Signed in again elsewhere, the page has a new token: the one here is renewed, if it is still the same person.
  function renew() {
    fetch(location.href, { credentials: "same-origin" })
      .then(function (answer) { return answer.text(); })
      .then(function (text) {
        var page = new DOMParser().parseFromString(text, "text/html");
        var same = page.querySelector('form[data-who="' + words.who + '"][data-writer="' + words.writer + '"]');
        if (!same) { return; }
        var token = same.elements.csrf_token.value;
        if (token !== form.elements.csrf_token.value) {
          form.elements.csrf_token.value = token;
          later(0);
        }
      })
      .catch(function () {});
  }

  function acknowledged(now, found) {
    saved = now.text;
    base = found.base;
    disputed = found.disputed;
    if (!disputed && area.value === now.text && found.whole !== now.text) {
      take(found.whole);
      base = found.whole_base;
      saved = found.whole;
    }
    form.elements.base.value = base;
    say(found.said);
    meet(found.others);
    keep();
    show();
    if (area.value !== saved) { told(); later(PAUSE); } else { goOn(); }
  }

  function meet(names) {
    others.textContent = names.length ? words.with + names.join(words.comma) : "";
  }

  // Now and then, while the page is looked at: that I am here, who else is, and what they have written meanwhile.
  function look() {
    if (document.hidden || sending) { return; }
    var began = base;
    post(words.here, new URLSearchParams({ base: base, part: form.elements.part.value }), PATIENCE)
      .then(function (found) {
        if (!found.ok) { return; }
        meet(found.told.others);
        if (typeof found.told.whole !== "string" || unsaved() || disputed || base !== began) { return; }
        take(found.told.whole);
        saved = found.told.whole;
        base = form.elements.base.value = found.told.whole_base;
        show();
      })
      .catch(function () {});
  }

  // Others' changes come in where they belong; the caret stays at the words where it was.
  function take(whole) {
    var before = area.value;
    if (whole === before) { return; }
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
    if (!disputed) { return; }
    var link = document.createElement("a");
    link.href = words.disputed;
    link.textContent = words.choose;
    said.append(" ", link);
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

  function told() {
    if (unsaved()) { say(words.typing); }
  }

  area.addEventListener("input", function () {
    keep();
    told();
    if (sending) { return; }
    since = since || Date.now();
    later(Math.max(0, Math.min(PAUSE, since + LONGEST - Date.now())));
  });
  form.addEventListener("submit", function (event) {
    if (event.submitter && event.submitter.hasAttribute("formtarget")) { return; }
    event.preventDefault();
    if (!unsaved() && !said.textContent) { say(words.nothing); }
    send();
  });
  window.addEventListener("online", function () { if (unsaved()) { send(); } });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { look(); } });
  window.addEventListener("pagehide", function () { keep(true); });
  // A page that comes back as it was left: its requests were cut, its clocks stood still.
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) { return; }
    if (unsaved()) { keep(); later(0); } else { look(); }
  });
  window.addEventListener("beforeunload", function (event) {
    if (unsaved()) { event.preventDefault(); event.returnValue = ""; }
  });
  setInterval(look, POLL);
  setInterval(function () { if (unsaved()) { keep(); } else { goOn(); } }, ALIVE);
  form.dataset.ready = "y";
  goOn();
  look();
});
