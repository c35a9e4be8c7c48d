"""Chromium and poppler of the system, one browser for all tests of a process."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

TOOLS = {"chromium": ("chromium", "chromium-browser", "google-chrome"), "pdftotext": ("pdftotext",)}


def tool(name: str) -> str:
    """Where a program of the system is; without it the journeys skip, under STRICT_TESTS they fail."""
    given = os.environ.get(name.upper()) or next(filter(None, map(shutil.which, TOOLS[name])), None)
    if given:
        return given
    sentence = f"{name} is missing, so the browser journeys do not run; on Debian: apt install chromium poppler-utils"
    if os.environ.get("STRICT_TESTS") == "1":
        pytest.fail(sentence)
    pytest.skip(sentence)


@contextmanager
def started() -> Iterator[Browser]:
    """A Chromium for the length of the block; there may be one in a process."""
    program = tool("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()
