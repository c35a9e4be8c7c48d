"""What a draft says as it stands: what is being written, else what was handed in. Lessons, questions, captions."""

from collections.abc import Mapping

from sqlalchemy import select

from lms.courses.editions import Kept
from lms.courses.models import Draft
from lms.courses.packages.checker import Report
from lms.courses.packages.tree import read_zip
from lms.courses.reviewing.passages import CAPTIONS
from lms.courses.writing.files import EDITABLE, TEXTS, checked
from lms.courses.writing.models import DraftFile
from lms.kernel import clock, files
from lms.kernel.db import session

Texts = Mapping[str, str]
"""Text files by path."""

_packed: Kept[str, Texts] = Kept(12)
_captions: Kept[str, str] = Kept(100)
_reports: Kept[tuple[str, str], Report] = Kept(40)


def texts_of(draft: Draft) -> Texts:
    """The text files of a draft by path."""
    if draft.state in EDITABLE:
        rows = session().execute(
            select(DraftFile.path, DraftFile.text, DraftFile.sha)
            .where(DraftFile.draft_id == draft.id, DraftFile.text.is_not(None) | DraftFile.path.endswith(CAPTIONS))
            .order_by(DraftFile.path)
        )
        found = {row.path: _said(row.text, row.sha) for row in rows if spoken(row.path)}
        if found:
            return found
    return _packed.get(draft.package_hash, _unpacked)


def _unpacked(package_hash: str) -> Texts:
    tree = read_zip(files.read(package_hash))
    return {path: data.decode(errors="replace") for path, data in sorted(tree.items()) if spoken(path)}


def spoken(path: str) -> bool:
    """Whether a file holds words for people: not the records of recordings, which say only what was made of them."""
    return path.endswith(CAPTIONS) or (path.endswith(TEXTS) and not path.startswith("media/"))


def _said(text: str | None, sha: str | None) -> str:
    if text is not None or sha is None:
        return text or ""
    return _captions.get(sha, lambda _: files.read(sha).decode(errors="replace"))


def report_of(package_hash: str) -> Report:
    """What the checker says today of a package that was handed in; read once a day."""
    key = (package_hash, clock.today().isoformat())
    return _reports.get(key, lambda _: checked(read_zip(files.read(package_hash))))
