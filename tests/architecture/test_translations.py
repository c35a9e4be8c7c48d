"""English is complete: no sentence of the project stays Chinese for an English reader."""

import re
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

sys.path.insert(0, str(Path(__file__).parent))
from sentences import ROOT, gaps, sentences

from lms.kernel.i18n import Catalogue

CJK = re.compile(r"[\u3400-\u9fff]")


def test_every_sentence_has_its_english() -> None:
    english = Catalogue("en")
    missing = []
    for file, line, text in sentences():
        if isinstance(text, tuple):
            known = text[0] in english.plural
        else:
            known = text in english.single or not CJK.search(text)
        if not known:
            missing.append(f"{file}:{line}: {text}")
    assert not missing, "\n".join(missing)


def test_translations_keep_the_gaps() -> None:
    english = Catalogue("en")
    wrong = [f"{a} → {b}" for a, b in english.single.items() if gaps(a) != gaps(b)]
    wrong += [
        f"{a} → {forms}"
        for a, forms in english.plural.items()
        if gaps(forms[1]) - gaps(a) or gaps(forms[0]) - gaps(a)
    ]
    assert not wrong, "\n".join(wrong)


def test_english_holds_no_chinese() -> None:
    allowed = {"杏林", "中文", "学时"}
    wrong = [
        f"{a} → {b}"
        for a, b in Catalogue("en").single.items()
        if CJK.search(b) and not any(word in b for word in allowed)
    ]
    assert not wrong, "\n".join(wrong)


def test_a_sentence_has_one_english() -> None:
    """Catalogues are put together: of two that translate the same words one would win everywhere."""
    found: dict[str, dict[object, str]] = {}
    for path in sorted((ROOT / "lms/translations/en").glob("*.po")):
        with path.open("rb") as file:
            for entry in read_po(file, locale="en"):
                if entry.id and isinstance(entry.id, str):
                    found.setdefault(entry.id, {})[entry.string] = path.name
    assert not {text: told for text, told in found.items() if len(told) > 1}


def test_no_catalogue_keeps_dead_sentences() -> None:
    alive = {text[0] if isinstance(text, tuple) else text for _, _, text in sentences()}
    dead = []
    for path in sorted((ROOT / "lms/translations/en").glob("*.po")):
        with path.open("rb") as file:
            for entry in read_po(file, locale="en"):
                first = entry.id[0] if isinstance(entry.id, (tuple, list)) else entry.id
                if first and first not in alive:
                    dead.append(f"{path.name}: {first}")
    assert not dead, "\n".join(dead)


@pytest.mark.parametrize(("count", "english"), [(1, 0), (2, 1)])
def test_a_known_sentence_is_translated(count: int, english: int) -> None:
    words = Catalogue("en")
    assert words.gettext("退出") != "退出"
    one, forms = next(iter(words.plural.items()))
    assert words.ngettext(one, one, count) == forms[english]
