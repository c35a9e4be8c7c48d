// A form of the studio holds what is typed and not saved: the house keeps it for its writer after a short pause, this
// browser until the house has it. Each page writes under an id of its own; the house tells which text is which.
(function (form) {
  // What lies here for longer than the house remembers what was saved could come back as unsaved; and whoever is signed
  // in now is not to find the words of another, who sat at the same computer.
  if (!form) { return; }
  var long = Number(form.dataset.days) * 24 * 60 * 60 * 1000;
  try {
    Object.keys(localStorage).forEach(function (name) {
      if (name.indexOf("xinglin-typed-") !== 0) { return; }
      var rest = null;
      try { rest = JSON.parse(localStorage.getItem(name)); } catch (error) { /* nothing that could be sent */ }
      var hers = name.indexOf("xinglin-typed-" + form.dataset.who + "-") === 0;
      if (!hers || !rest || !(rest.number > Date.now() - long)) { localStorage.removeItem(name); }
    });
  } catch (error) {
    // A browser that keeps nothing.
  }
})(document.querySelector("form[data-typed]"));

document.querySelectorAll("form[data-typed]").forEach(function (form) {
  var said = form.querySelector("[data-said]");
  var words = form.dataset;
  var PAUSE = 1000;
  var LONGEST = 4000; // who types without a pause is kept all the same
  var MOST = 60000; // milliseconds between two tries
  var AGAIN = 30000; // after a refusal that may pass: signed out, a draft that is judged just now
  var PATIENCE = 20000;
  var LAST = 60000; // bytes that a browser sends after its page is gone
  var PAGE = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
  var OURS = /^(?:csrf_token|typed|typed_from|move)$/;
  // By person, form and page: two tabs keep each their own, and nobody sends another's words as hers.
  var keeps = "xinglin-typed-" + words.who + "-" + words.keep + "-" + words.typed + "-";
  var ids = form.elements;
  var touched = false;
  var submitted = false;
  var number = 0;
  var saved = fields();
  var sending = null;
  var going = false;
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

  // Words only: never a file, never a password.
  function fields() {
    var found = [];
    new FormData(form).forEach(function (value, name) {
      var field = form.elements[name];
      if (typeof value !== "string" || OURS.test(name) || (field && field.type === "password")) { return; }
      found.push([name, value]);
    });
    return JSON.stringify(found);
  }

  function unsaved() {
    return touched && (sending !== null || fields() !== saved);
  }

  // A later writing has a higher number, whatever way it takes to the house.
  function next() {
    number = Math.max(Date.now(), number + 1);
    return number;
  }

  function keep() {
    var rest = null;
    try {
      if (unsaved()) {
        rest = { page: ids.typed.value, begun: ids.typed_from.value, number: next(), fields: fields() };
        localStorage.setItem(keeps + rest.page, JSON.stringify(rest));
      } else {
        localStorage.removeItem(keeps + ids.typed.value);
      }
    } catch (error) {
      // A browser that keeps nothing: the house keeps what it is sent.
    }
    return rest;
  }

  function body(rest) {
    return new URLSearchParams({
      csrf_token: ids.csrf_token.value, form: words.typed, typed: rest.page, typed_from: rest.begun,
      number: rest.number, fields: rest.fields
    });
  }

  // A request that gets no answer is given up, for a connection can hang for ever; a long text may take longer.
  function post(rest) {
    var stop = new AbortController();
    var over = setTimeout(function () { stop.abort(); }, PATIENCE + rest.fields.length);
    return fetch(words.keep, {
      method: "POST", body: body(rest), headers: { Accept: "application/json" }, credentials: "same-origin",
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

  function later(pause) {
    clearTimeout(timer);
    timer = setTimeout(send, pause);
  }

  function send() {
    clearTimeout(timer);
    if (going || submitted) { return; }
    if (!sending) {
      if (!unsaved()) { keep(); return; }
      keep();
      sending = { page: ids.typed.value, begun: ids.typed_from.value, number: next(), fields: fields() };
      since = 0;
    }
    var now = sending;
    going = true;
    post(now)
      .then(function (found) {
        going = false;
        wait = 0;
        sending = null;
        if (found.ok) { acknowledged(now, found.told); } else { refused(found); }
      })
      .catch(function () {
        going = false;
        said.textContent = words.unsaved;
        wait = Math.min(wait ? wait * 2 : 2000, MOST);
        later(wait);
      });
  }

  function acknowledged(now, told) {
    if (told.done) {
      // The page came back after its form had been saved: what is typed now is another text.
      forget();
      ids.typed.value = id();
      ids.typed_from.value = "";
      later(0);
      return;
    }
    if (!told.taken) {
      number = Math.max(number, told.number);
      later(0);
      return;
    }
    saved = now.fields;
    said.textContent = told.said;
    keep();
    if (unsaved()) { said.textContent = words.typing; later(PAUSE); }
  }

  function forget() {
    try { localStorage.removeItem(keeps + ids.typed.value); } catch (error) { /* nothing is kept */ }
  }

  // Refused: it stays here. What only other words can mend waits for them; the rest is tried again by itself.
  function refused(found) {
    keep();
    said.textContent = found.told.title || words.unsaved;
    if (found.status === 413 || found.status === 422) { return; }
    renew();
    later(AGAIN);
  }

  // Signed in again elsewhere, the page has a new token: the one here is renewed, if it is still the same person. A
  // refused form stands where nothing can be asked for: it names its page.
  function renew() {
    fetch(words.here, { credentials: "same-origin" })
      .then(function (answer) { return answer.text(); })
      .then(function (text) {
        var page = new DOMParser().parseFromString(text, "text/html");
        var same = page.querySelector('form[data-typed][data-who="' + words.who + '"]');
        if (!same) { return; }
        var token = same.elements.csrf_token.value;
        if (token !== ids.csrf_token.value) {
          ids.csrf_token.value = token;
          later(0);
        }
      })
      .catch(function () {});
  }

  // What earlier pages of this form have kept here and never sent: by its name in the store.
  function left() {
    var found = [];
    try {
      for (var at = 0; at < localStorage.length; at += 1) {
        var name = localStorage.key(at);
        // Another form's name may begin as this one's does: what follows is a page's id and nothing else.
        var page = name.indexOf(keeps) === 0 ? name.slice(keeps.length) : "";
        if (!PAGE.test(page) || page === ids.typed.value) { continue; }
        var rest = JSON.parse(localStorage.getItem(name));
        if (rest && typeof rest.fields === "string") { found.push([name, rest]); } else { localStorage.removeItem(name); }
      }
    } catch (error) {
      return [];
    }
    return found;
  }

  // It goes to the house under the id of its own page; what this page does not show yet is shown by opening it anew.
  function goOn() {
    var news = false;
    Promise.all(left().map(function (one) {
      return post(one[1]).then(function (found) {
        if (!found.ok) { return; }
        localStorage.removeItem(one[0]);
        if (found.told.done) { return; }
        var there = one[1].page + "." + found.told.number;
        if (found.told.taken && one[1].fields === fields()) { ids.typed_from.value = there; }
        if (ids.typed_from.value !== there) { news = true; }
      });
    })).catch(function () {}).then(function () {
      if (!news) { return; }
      if (touched || "again" in words) { said.textContent = words.other; } else { location.reload(); }
    });
  }

  function typed() {
    touched = true;
    said.textContent = words.typing;
    keep();
    if (sending) { return; }
    since = since || Date.now();
    later(Math.max(0, Math.min(PAUSE, since + LONGEST - Date.now())));
  }

  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  // Sent: if it is not saved, the page says so or comes back; until then what is typed lies here.
  form.addEventListener("submit", function () {
    keep();
    submitted = true;
    clearTimeout(timer);
  });
  window.addEventListener("online", function () { if (unsaved()) { send(); } else { goOn(); } });
  window.addEventListener("pagehide", function () {
    var rest = keep();
    if (!rest || submitted) { return; }
    var data = body(rest);
    if (data.toString().length > LAST) { return; }
    fetch(words.keep, { method: "POST", body: data, credentials: "same-origin", keepalive: true,
      headers: { Accept: "application/json" } }).catch(function () {});
  });
  // A page that comes back as it was left: its requests were cut, its clocks stood still.
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) { return; }
    submitted = going = false;
    if (unsaved()) { later(0); }
  });
  if ("again" in words) {
    saved = null;
    touched = true;
    later(0);
  }
  form.dataset.ready = "y";
  goOn();
});
