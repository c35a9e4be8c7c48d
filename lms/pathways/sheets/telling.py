"""What a line says of a record, with what is wrong in it. Nothing is read here but the line."""

from lms.kernel.text import msg
from lms.pathways.rules.checking import NEEDED, Told
from lms.pathways.rules.records import Kind
from lms.pathways.rules.schema import FIELDS
from lms.people.rosters.entries import Entry

NOT_ASKED = msg("这种证书没有这一项，请空着。")


def licence(entry: Entry) -> Told | None:
    """A licence; a cell that its kind has no use for is a fault: somebody has mistaken the kind."""
    told = _told(entry, "kind")
    if told is not None:
        for name in ("grade", "scope", "place"):
            if entry.values.get(name) and name not in FIELDS[told.kind]:
                entry.wrong(name, NOT_ASKED)
    return told


def exam_result(entry: Entry) -> Told | None:
    """The result of one part of an exam."""
    return _told(entry, "part")


def _told(entry: Entry, kind_column: str) -> Told | None:
    values = entry.values
    if not values.get(kind_column):
        entry.wrong(kind_column, NEEDED)
        return None
    kind = Kind(values[kind_column])
    fields = {name: values[name] for name, one in FIELDS[kind].items() if not one.sealed and values.get(name)}
    return Told(kind, values.get("on"), values.get("until"), fields, values.get("number") or "")
