"""Every Chinese sentence the project can show, found in the code and the templates."""

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir

ROOT = Path(__file__).parent.parent.parent
WORDS = {"_": None, "gettext": None, "msg": None, "N_": None, "ngettext": (1, 2)}


def sentences() -> Iterator[tuple[str, int, str | tuple[str, ...]]]:
    """File, line and message id of each sentence."""
    for folder, method in (("lms", [("**.py", "python")]), ("templates", [("**.*", "jinja2")])):
        for name, line, text, _comments, _context in extract_from_dir(
            ROOT / folder,
            method_map=method,
            options_map={"**.*": {"encoding": "utf-8", "trimmed": "true", "silent": "false"}},
            keywords=WORDS,
            directory_filter=lambda folder: not folder.endswith(("__pycache__", "static")),
        ):
            yield f"{folder}/{name}", line, text


GAPS = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


def gaps(sentence: str) -> set[str]:
    """Names of the gaps of a sentence."""
    return {a or b for a, b in GAPS.findall(sentence)}
