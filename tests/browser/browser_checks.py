"""What must be true of every page: read by everyone, in one language, no wider than the phone."""

import os
import re
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, ViewportSize

PHONE = ViewportSize(width=360, height=640)
NARROW = ViewportSize(width=320, height=640)
DESK = ViewportSize(width=1280, height=800)
GRAVE = ("serious", "critical")
VIOLATIONS = {"resultTypes": ["violations"]}
CONTRAST = VIOLATIONS | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# What passed stays in the page: to bring it over took as long as a third of the rules.
RUN_AXE = "options => axe.run(options).then(found => found.violations)"

CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]|[，。；：（）！？、《》]")
# Three words in a row: single Latin words are names of files, units and codes.
ENGLISH = re.compile(r"[A-Za-z]{2,}[,.']? [A-Za-z]{2,}[,.']? [A-Za-z]{2,}")

TEXTS = """() => {
  const out = [];
  const tongue = (el) => { const at = el.closest("[lang]"); return at ? at.lang : ""; };
  const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const el = walk.currentNode.parentElement;
    const text = walk.currentNode.textContent.trim();
    if (text && !el.closest("script,style,template,noscript,[translate=no]")) out.push([tongue(el), text]);
  }
  for (const el of document.querySelectorAll("[aria-label],[placeholder],[title],[alt]"))
    for (const name of ["aria-label", "placeholder", "title", "alt"])
      if (el.getAttribute(name)) out.push([tongue(el), el.getAttribute(name)]);
  return out;
}"""

WIDE = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const wide = [];
  for (const el of document.querySelectorAll("body *")) {
    const box = el.getBoundingClientRect();
    if (box.right > root.clientWidth + 1 && !el.closest(".scroll")) wide.push(el.tagName + "." + el.className);
  }
  return ["scrolls sideways: " + root.scrollWidth, ...wide.slice(0, 5)];
}"""


def _tall(page: Page, width: int) -> None:
    # Fixed bars hide parts of targets from axe unless the whole page is in view.
    page.set_viewport_size({"width": width, "height": 640})
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(max(int(height), 640), 16000)})


def axe_faults(page: Page) -> list[str]:
    """Serious and critical violations in light and in dark."""
    _tall(page, PHONE["width"])
    page.evaluate(AXE_SCRIPT)
    found = list(page.evaluate(RUN_AXE, VIOLATIONS))
    page.emulate_media(color_scheme="dark")
    found += [{**one, "id": one["id"] + " (dark)"} for one in page.evaluate(RUN_AXE, CONTRAST)]
    page.emulate_media(color_scheme="light")
    return [_fault(one) for one in found if one["impact"] in GRAVE]


def _fault(one: dict[str, Any]) -> str:
    nodes = " | ".join(node["html"][:160] for node in one["nodes"][:3])
    return f"axe {one['impact']} {one['id']}: {one['help']}: {nodes}"


def strange_words(page: Page, language: str, known: set[str]) -> list[str]:
    """Texts of the other language that are neither marked as such nor names that stay as they are."""
    foreign = CHINESE if language == "en" else ENGLISH
    names = sorted(known, key=len, reverse=True)
    found = []
    for tongue, text in page.evaluate(TEXTS):
        if not tongue.startswith(language):
            continue
        rest = text
        for name in names:
            rest = rest.replace(name, "")
        if foreign.search(rest):
            found.append(f"not {language}: {text[:120]}")
    return found


def sideways(page: Page) -> list[str]:
    """What is wider than a phone of 320 px."""
    page.set_viewport_size(NARROW)
    wide: list[str] = page.evaluate(WIDE)
    return [": ".join(wide)] if wide else []


def shoot(page: Page, name: str) -> None:
    """Pictures of the page on a phone and on a desk, where the environment names a folder for them."""
    folder = os.environ.get("SHOTS")
    if not folder:
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    for size in (PHONE, DESK):
        _tall(page, size["width"])
        page.screenshot(path=f"{folder}/{name}-{size['width']}.png")
