// The media page looks now and then how far a film is; beside a lesson, a line goes to where she writes.

const EVERY = 8000;

async function look() {
  const here = document.getElementById("work");
  if (!here || !("busy" in here.dataset)) return;
  try {
    const page = await (await fetch(location.pathname, { credentials: "same-origin" })).text();
    const now = new DOMParser().parseFromString(page, "text/html");
    const work = now.getElementById("work");
    if (!work) return;
    if (!("busy" in work.dataset)) {
      const have = now.getElementById("have");
      document.getElementById("have").parentNode.replaceWith(have.parentNode);
    }
    here.replaceWith(work);
  } catch (e) { /* no network: later */ }
  setTimeout(look, EVERY);
}

let last = null;
document.addEventListener("focusin", (event) => {
  if (event.target.tagName === "TEXTAREA") last = event.target;
});

document.querySelectorAll("[data-insert]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => {
    const field = last || document.querySelector("textarea");
    if (!field) return;
    const at = field.selectionEnd;
    const before = field.value.slice(0, at).replace(/\s*$/, "");
    const rest = field.value.slice(at).replace(/^\s*/, "");
    const line = (before && "\n\n") + button.dataset.insert + "\n\n";
    field.value = before + line + rest;
    const caret = before.length + line.length;
    field.setSelectionRange(caret, caret);
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
});

setTimeout(look, EVERY);
