"""Printed pages are those the code would print today."""

import pytest
from books import PAGES, ROOT


@pytest.mark.parametrize("name", PAGES)
def test_it_is_printed_from_the_code(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"
