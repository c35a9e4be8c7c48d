// An attempt's page with a script: a clock, each answer saved as it is given, moving on without
// reloading. Everything also works without this file. Answers stay in localStorage until the server
// has acknowledged them; ids are made here, so that sending twice changes nothing.

const root = document.getElementById("attempt");
const form = document.getElementById("question");
const data = root.dataset;
const key = "xinglin:attempt:" + data.id;
const url = "/attempts/" + data.id;
const total = Number(data.total);
const seqs = data.seqs.split(",").map(Number);
const notes = document.getElementById("notes");
const [phone, tick, clock, warn] = Array.from(document.getElementById("icons").content.querySelectorAll("svg"));
const savedAt = {};
const given = {};
let here = Number(data.here);
let kept = load();
let sending = null;
let wait = 2000;
let timer = 0;
let unsure = false;
let over = false;
let sets = null;

function load() {
  try { return JSON.parse(localStorage.getItem(key)) || {}; } catch (e) { return {}; }
}

function store() {
  try {
    if (Object.keys(kept).length) localStorage.setItem(key, JSON.stringify(kept));
    else localStorage.removeItem(key);
  } catch (e) { /* no storage: the answer is kept in this page and sent from here */ }
}

// A UUIDv7: the time, then chance.
function newId() {
  const b = crypto.getRandomValues(new Uint8Array(16));
  let t = Date.now();
  for (let i = 5; i >= 0; i--) { b[i] = t % 256; t = Math.floor(t / 256); }
  b[6] = (b[6] & 15) | 112;
  b[8] = (b[8] & 63) | 128;
  const h = Array.from(b, (x) => ("0" + x.toString(16)).slice(-2)).join("");
  return [h.slice(0, 8), h.slice(8, 12), h.slice(12, 16), h.slice(16, 20), h.slice(20)].join("-");
}

function say(text, gaps) {
  return text.replace(/\{(\w+)\}/g, (all, name) => gaps[name]);
}

function note(name, kind, icon, title, more) {
  let box = document.getElementById("note-" + name);
  if (!title) { if (box) box.remove(); return; }
  if (box && box.dataset.text === title) return;
  if (box) box.remove();
  box = document.createElement("div");
  box.id = "note-" + name;
  box.className = "note " + kind;
  box.dataset.text = title;
  box.appendChild(icon.cloneNode(true));
  const words = document.createElement("div");
  const b = document.createElement("b");
  b.textContent = title;
  words.appendChild(b);
  if (more) { words.appendChild(document.createElement("br")); words.append(more); }
  box.appendChild(words);
  notes.appendChild(box);
}

function waiting() { return Object.keys(kept).map(Number).sort((a, b) => a - b); }

function showKept() {
  const list = unsure ? waiting() : [];
  note("kept", "back", phone, list.length ? say(data.kept, { list: list.join(data.comma) }) : "", data.keptMore);
}

function showState() {
  if (!form) return;
  const state = document.getElementById("state");
  state.textContent = "";
  const time = savedAt[here];
  if (kept[here] || !time) return;
  const chip = document.createElement("span");
  chip.className = "chip ok";
  chip.appendChild(tick.cloneNode(true));
  chip.append(say(data.saved, { time: time.at }));
  state.appendChild(chip);
  if (time.remark) state.append(" " + time.remark);
}

function showMap() {
  const links = document.querySelectorAll("#map a");
  let done = 0;
  links.forEach((link, i) => {
    const n = i + 1;
    if (kept[n]) {
      link.classList.toggle("did", kept[n].answered);
      link.classList.toggle("flag", kept[n].flagged);
    }
    const did = link.classList.contains("did");
    if (did) done += 1;
    if (n === here) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    link.setAttribute("aria-label", say(data.head, { n }) + (did ? data.did : data.not) + (link.classList.contains("flag") ? data.flagged : ""));
  });
  const list = document.getElementById("list");
  if (list) list.textContent = say(data.list, { a: done, b: total - done });
}

// What the form says about the question at hand.
function fields() {
  const skip = { csrf_token: 1, position: 1, answer_id: 1, flagged: 1, go: 1 };
  return Array.from(new FormData(form)).filter((pair) => !skip[pair[0]]);
}

function keep() {
  const now = fields();
  // Leaving a number's field says "changed" once more: what was given already is not given again.
  const what = JSON.stringify([now, form.elements.flagged.checked]);
  if (given[here] === what) return;
  given[here] = what;
  const before = kept[here];
  kept[here] = {
    id: newId(),
    // What this answer builds on: the last one we know the server has, and those it may have got since.
    base: before ? before.base : seqs[here - 1],
    mine: before ? before.mine.concat(before.id).slice(-20) : [],
    fields: now,
    flagged: form.elements.flagged.checked,
    answered: now.some((pair) => pair[1].trim() !== ""),
  };
  store();
  showState();
  showMap();
  showKept();
  send();
}

function refill(set, values) {
  set.querySelectorAll("input,select").forEach((box) => {
    const mine = values.filter((pair) => pair[0] === box.name).map((pair) => pair[1]);
    if (box.type === "radio" || box.type === "checkbox") box.checked = mine.indexOf(box.value) >= 0;
    else box.value = mine[0] || "";
  });
}

function post(position, answer) {
  const body = new URLSearchParams();
  body.append("position", position);
  body.append("answer_id", answer.id);
  if (answer.base >= 0) body.append("base", answer.base);
  body.append("mine", answer.mine.join(","));
  if (answer.flagged) body.append("flagged", "1");
  answer.fields.forEach((pair) => body.append(pair[0], pair[1]));
  const stop = new AbortController();
  const limit = setTimeout(() => stop.abort(), 15000);
  const done = () => clearTimeout(limit);
  const sent = fetch(url + "/answers", {
    method: "POST",
    body,
    signal: stop.signal,
    credentials: "same-origin",
    redirect: "manual",
    headers: { Accept: "application/json", "X-CSRF-Token": data.token },
  }).then((r) => r.json().catch(() => ({})).then((json) => ({ status: r.status, json })));
  sent.then(done, done);
  return sent;
}

// Sends what is kept, one after the other, oldest question first. Resolves when nothing more can be done now.
function send() {
  if (!sending) sending = sendAll().then(() => { sending = null; }, () => { sending = null; });
  return sending;
}

async function sendAll() {
  clearTimeout(timer);
  for (;;) {
    const position = waiting()[0];
    if (!position) break;
    const answer = kept[position];
    let got;
    try { got = await post(position, answer); } catch (e) { got = { status: 0, json: {} }; }
    if (got.status === 200) {
      received(position, answer, got.json);
    } else if (got.status === 409 || got.status === 404) {
      refuse(position, answer);
      seqs[position - 1] = -1; // she has been told: what she chooses now comes last
      note("other-" + position, "back", warn, got.json.title);
    } else if (got.status === 410) {
      kept = {};
      store();
      over = true;
      note("over", "wait", clock, got.json.title);
      location.replace(url + "/result");
      return;
    } else if (got.status === 422 || got.status === 429) {
      refuse(position, answer); // sending it again would not make an answer of it
      note("bad-" + position, "no", warn, say(data.head, { n: position }) + "：" + got.json.title);
    } else if (got.status === 400 || got.status === 401 || got.status === 403) {
      unsure = true;
      note("sign-in", "back", warn, data.signIn);
      showKept();
      return;
    } else {
      unsure = true;
      showKept();
      timer = setTimeout(send, wait);
      wait = Math.min(wait * 2, 30000);
      return;
    }
  }
}

function refuse(position, answer) {
  delete given[position];
  forget(position, answer);
}

function forget(position, answer) {
  if (kept[position] && kept[position].id === answer.id) delete kept[position];
  store();
  showKept();
}

function received(position, answer, json) {
  wait = 2000;
  seqs[position - 1] = json.seq;
  savedAt[position] = json.answered ? { at: json.at, remark: json.remark } : null;
  end = Date.now() + json.left * 1000;
  forget(position, answer);
  if (!waiting().length) unsure = false;
  note("bad-" + position);
  note("other-" + position);
  showKept();
  showState();
}

// The clock runs on what the server said is left, and is set anew by each receipt.
let end = Date.now() + Number(data.left) * 1000;
const told = {};

function tickClock() {
  const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
  const shown = document.getElementById("timer");
  shown.hidden = false;
  shown.querySelector("b").textContent = Math.floor(left / 60) + ":" + ("0" + (left % 60)).slice(-2);
  const step = [1, 5, 10].find((n) => left <= n * 60);
  if (step && left > 0 && !told[step]) {
    told[step] = true;
    if (left > step * 60 - 30) note("time", "back", clock, say(data.minutes, { n: step }));
  }
  if (left === 0 && !over) { over = true; timeIsUp(); }
  if (left > 0) over = false;
}

async function timeIsUp() {
  note("time", "wait", clock, data.up);
  await send();
  if (waiting().length) setTimeout(() => { if (over) timeIsUp(); }, 3000);
  else if (over) handIn();
}

function hide(where, name, value) {
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = name;
  field.value = value;
  where.appendChild(field);
}

function handIn() {
  const out = document.createElement("form");
  out.method = "post";
  out.action = url + "/submit";
  hide(out, "csrf_token", data.token);
  document.body.appendChild(out);
  out.submit();
}

// All questions come after the first is shown; from then on no page has to be fetched.
async function fetchAll() {
  try {
    const r = await fetch(url + "/questions", { credentials: "same-origin", redirect: "error" });
    if (!r.ok) return;
    const page = new DOMParser().parseFromString(await r.text(), "text/html");
    const parts = Array.from(page.querySelectorAll("section"));
    if (parts.length !== total) return;
    sets = parts.map((part, i) => {
      const n = i + 1;
      if (part.dataset.at && !savedAt[n]) savedAt[n] = { at: part.dataset.at };
      const set = document.adoptNode(part.querySelector("fieldset"));
      const own = n === here ? form.querySelector("fieldset") : set;
      if (kept[n] && n !== here) refill(own, kept[n].fields);
      return { set: own, flagged: kept[n] ? kept[n].flagged : n === here ? form.elements.flagged.checked : !!part.dataset.flagged };
    });
  } catch (e) { sets = null; }
}

function show(position, push) {
  sets[here - 1].flagged = form.elements.flagged.checked;
  const next = sets[position - 1];
  form.replaceChild(next.set, form.querySelector("fieldset"));
  here = position;
  form.elements.position.value = here;
  form.elements.answer_id.value = newId();
  form.elements.flagged.checked = next.flagged;
  const head = say(data.head, { n: here });
  document.querySelector("#head .nb").textContent = head;
  document.title = document.title.replace(/^[^　]*/, head);
  const forward = document.getElementById("next");
  forward.textContent = here < total ? data.next : data.last;
  let back = document.getElementById("prev");
  if (back && here === 1) back.remove();
  if (!back && here > 1) {
    back = forward.cloneNode();
    back.id = back.value = "prev";
    back.className = "btn alt";
    back.textContent = data.prev;
    forward.parentNode.insertBefore(back, forward);
  }
  if (push) history.pushState({ q: here }, "", url + "?q=" + here);
  showState();
  showMap();
  window.scrollTo(0, 0);
  next.set.querySelector("legend").focus();
}

// Without the other questions the form goes its own way; it carries the ids of what is kept.
function handOver(go) {
  if (kept[here]) form.elements.answer_id.value = kept[here].id;
  hide(form, "go", go);
  form.submit();
}

async function leave(target) {
  await send();
  if (waiting().length) { unsure = true; showKept(); } else location.href = target;
}

if (form) {
  let typing = 0;
  let pressed = "next";
  form.addEventListener("change", (event) => { if (event.target.name) { clearTimeout(typing); keep(); } });
  form.addEventListener("input", (event) => {
    if (event.target.name !== "number") return;
    clearTimeout(typing);
    typing = setTimeout(keep, 1200);
  });
  form.addEventListener("click", (event) => { if (event.target.name === "go") pressed = event.target.value; });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(typing);
    const go = pressed;
    pressed = "next";
    const position = here + (go === "prev" ? -1 : 1);
    if (position > total) leave(url + "?q=0");
    else if (sets) show(position, true);
    else handOver(go);
  });
  const map = document.getElementById("map");
  map.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || !sets) return;
    event.preventDefault();
    show(Number(link.textContent), true);
  });
  window.addEventListener("popstate", () => {
    const q = Number(new URLSearchParams(location.search).get("q")) || here;
    if (sets && q >= 1 && q <= total) show(q, false); else location.reload();
  });
  if (kept[here]) {
    refill(form.querySelector("fieldset"), kept[here].fields);
    form.elements.flagged.checked = kept[here].flagged;
    showState();
  }
  // The address without a number means "the first that is not answered": reloading must not move her on.
  if (!location.search) history.replaceState({ q: here }, "", url + "?q=" + here);
  fetchAll();
}

const out = document.getElementById("hand-in");
if (out) {
  out.addEventListener("submit", async (event) => {
    event.preventDefault();
    await send();
    if (waiting().length) { unsure = true; showKept(); note("unsent", "no", warn, data.unsent); } else out.submit();
  });
}

window.addEventListener("online", () => { wait = 2000; send(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden && waiting().length) send(); });
unsure = waiting().length > 0;
showMap();
showKept();
send();
tickClock();
setInterval(tickClock, 1000);
