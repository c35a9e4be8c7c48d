// Each file of a field is hashed and sent in pieces at once; the form then carries its id. localStorage
// keeps ids only. Without this file, or over plain http (no hashes there), the field is an ordinary one.

const STORE = "xinglin:uploads:" + location.pathname;
const LONGEST = 2000;
const nap = (ms) => new Promise((wake) => {
  const timer = setTimeout(done, ms);
  function done() { clearTimeout(timer); removeEventListener("online", done); wake(); }
  addEventListener("online", done);
});

function kept() {
  try { return JSON.parse(localStorage.getItem(STORE)) || {}; } catch (e) { return {}; }
}

// Read again before each change: another tab may have written.
function remember(field, chosen, entry) {
  const all = kept();
  const key = field.dataset.upload + ":" + chosen;
  if (entry) all[key] = entry; else delete all[key];
  try { localStorage.setItem(STORE, JSON.stringify(all)); } catch (e) { /* this page still knows */ }
}

const hex = (bytes) => Array.from(new Uint8Array(bytes), (x) => ("0" + x.toString(16)).slice(-2)).join("");

const hash = async (blob) => hex(await crypto.subtle.digest("SHA-256", await new Response(blob).arrayBuffer()));

// A UUIDv7: the time, then chance.
function newId() {
  const b = crypto.getRandomValues(new Uint8Array(16));
  let t = Date.now();
  for (let i = 5; i >= 0; i--) { b[i] = t % 256; t = Math.floor(t / 256); }
  b[6] = (b[6] & 15) | 112;
  b[8] = (b[8] & 63) | 128;
  return hex(b).replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// A browser that cannot turn a photo upright by itself sends it as it is; the server makes it small.
async function smaller(file) {
  if (!/^image\/(?!svg)/.test(file.type) || file.size < 3e5) return file;
  try {
    const seen = await createImageBitmap(file, { imageOrientation: "from-image" });
    const part = Math.min(1, LONGEST / Math.max(seen.width, seen.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(seen.width * part);
    canvas.height = Math.round(seen.height * part);
    const paint = canvas.getContext("2d");
    paint.fillStyle = "#fff";
    paint.fillRect(0, 0, canvas.width, canvas.height);
    paint.drawImage(seen, 0, 0, canvas.width, canvas.height);
    seen.close();
    const made = await new Promise((give) => canvas.toBlob(give, "image/jpeg", 0.85));
    return made && made.size < file.size ? made : file;
  } catch (e) { return file; }
}

function ask(field, path, body) {
  const stop = new AbortController();
  const limit = setTimeout(() => stop.abort(), 120000);
  const sent = fetch("/uploads" + (path && "/" + path), {
    method: body ? "POST" : "GET",
    body: body || undefined,
    signal: stop.signal,
    credentials: "same-origin",
    redirect: "manual",
    headers: { Accept: "application/json", "X-CSRF-Token": field.dataset.token },
  }).then((r) => r.json().catch(() => ({})).then((json) => ({ status: r.status, json })));
  const over = () => clearTimeout(limit);
  sent.then(over, over);
  return sent.catch(() => ({ status: 0, json: {} }));
}

const KINDS = { done: "ok", failed: "no", sending: "", checking: "" };

// A line below the field: what is going on with one file, and a way to take it back.
function line(field, name) {
  const words = JSON.parse(field.dataset.words);
  const box = document.createElement("div");
  const text = document.createElement("p");
  const bar = document.createElement("progress");
  const out = document.createElement("button");
  const id = document.createElement("input");
  const fill = (key, gaps) => words[key].replace(/\{(\w+)\}/g, (all, gap) => (gap === "name" ? name : gaps[gap]));
  box.className = "note";
  text.setAttribute("role", "status");
  bar.max = 100;
  bar.className = "plain";
  bar.setAttribute("aria-label", name);
  out.type = "button";
  out.className = "btn alt";
  out.textContent = fill("remove", {});
  id.type = "hidden";
  id.name = field.name + "_upload";
  id.disabled = true;
  const inner = document.createElement("div");
  inner.append(text, bar, out, id);
  inner.className = "flow";
  box.append(inner);
  field.shown.append(box);
  return {
    box, id, out, part: 0, over: false,
    say(key, why) {
      bar.value = this.part;
      if (this.key === key) return;
      this.key = key;
      box.className = "note " + (key in KINDS ? KINDS[key] : "back");
      text.textContent = fill(key, { part: this.part, why });
      bar.style.display = key === "done" || key === "failed" ? "none" : "";
      mark(field);
    },
  };
}

const lines = new Map(); // field → what stands below it

function mark(field) {
  field.busy = lines.get(field).some((one) => /^(sending|checking|waiting)$/.test(one.key));
  if (!field.busy) field.setCustomValidity("");
}

function clear(field, shown) {
  shown.over = true;
  shown.box.remove();
  lines.set(field, lines.get(field).filter((one) => one !== shown));
  mark(field);
}

function drop(field, shown, chosen) {
  const id = shown.id.value;
  clear(field, shown);
  remember(field, chosen, null);
  if (id) ask(field, id + "/withdraw", new URLSearchParams());
}

function show(field, name, chosen) {
  const shown = line(field, name);
  shown.chosen = chosen;
  shown.out.onclick = () => drop(field, shown, chosen);
  lines.get(field).push(shown);
  return shown;
}

function ready(shown) {
  shown.part = 100;
  shown.id.disabled = false;
  shown.say("done");
}

async function send(field, file) {
  const chosen = await hash(file);
  const before = lines.get(field).find((one) => one.chosen === chosen);
  if (before && !/^(again|failed|sign_in)$/.test(before.key)) return before.box.querySelector("button").focus();
  if (before) clear(field, before);
  const shown = show(field, file.name, chosen);
  shown.say("sending");
  const small = await smaller(file);
  const sha = small === file ? chosen : await hash(small);
  const old = kept()[field.dataset.upload + ":" + chosen];
  let id = old && old.sha === sha ? old.id : newId();
  let wait = 1000;
  let told = null;
  while (!shown.over) {
    shown.id.value = id;
    let got;
    if (!told) {
      remember(field, chosen, { id, sha });
      got = await ask(field, "", new URLSearchParams({ id, purpose: field.dataset.upload, name: file.name, size: small.size, sha, chosen_sha: chosen }));
    } else if (told.received < told.size) {
      got = await ask(field, id + "/pieces/" + told.received, small.slice(told.received, told.received + told.chunk));
    } else {
      shown.say("checking");
      got = await ask(field, id + "/finish", new URLSearchParams());
    }
    if (shown.over) return;
    if (got.status === 200) {
      wait = 1000;
      told = Object.assign({}, told, got.json);
      shown.part = Math.floor((told.received / told.size) * 100);
      if (told.state === "ready") return ready(shown);
      if (told.state === "taken") { id = newId(); told = null; }
      shown.say("sending");
    } else if (got.status === 404 || (got.status === 409 && !told)) {
      id = newId(); // it was swept, or the id stands for something else: begin anew
      told = null;
      await nap(wait);
      wait = Math.min(wait * 2, 30000);
    } else if (got.status === 409) {
      told = null; // ask how far it is
    } else if ([413, 422].indexOf(got.status) >= 0 || (got.status === 429 && !told)) {
      remember(field, chosen, null);
      shown.id.value = "";
      return shown.say("failed", got.json.title || "");
    } else if ([400, 401, 403].indexOf(got.status) >= 0) {
      return shown.say("sign_in");
    } else {
      shown.say("waiting");
      await nap(wait);
      wait = Math.min(wait * 2, 30000);
    }
  }
}

// What an earlier visit to this page left: finished files go with the form again, others need the file.
async function recall(field) {
  const all = kept();
  for (const key of Object.keys(all)) {
    const [purpose, chosen] = key.split(":");
    if (purpose !== field.dataset.upload) continue;
    const got = await ask(field, all[key].id);
    if (got.status === 404 || got.json.state === "taken") remember(field, chosen, null);
    else if (got.status === 200 && !lines.get(field).some((one) => one.chosen === chosen)) {
      const shown = show(field, got.json.name, chosen);
      shown.id.value = got.json.id;
      shown.part = Math.floor((got.json.received / got.json.size) * 100);
      if (got.json.state === "ready") ready(shown); else shown.say("again");
    }
  }
}

if (window.crypto && crypto.subtle && window.AbortController) {
  document.querySelectorAll("input[type=file][data-upload]").forEach((field) => {
    lines.set(field, []);
    field.shown = document.createElement("div");
    field.shown.className = "flow";
    field.parentNode.after(field.shown);
    field.required = false; // the server says what is missing
    field.addEventListener("change", () => {
      const files = Array.from(field.files);
      field.value = ""; // the form carries ids, never the file a second time
      files.reduce((queue, file) => queue.then(() => send(field, file)), Promise.resolve());
    });
    field.form.addEventListener("submit", (event) => {
      if (!field.busy) return;
      event.preventDefault();
      field.setCustomValidity(JSON.parse(field.dataset.words).busy);
      field.reportValidity();
      setTimeout(() => field.setCustomValidity(""), 4000);
    });
    recall(field);
  });
}
