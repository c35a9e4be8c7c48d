"""What choices are called in the reader's language."""

from collections.abc import Mapping
from uuid import UUID

from lms.kernel.i18n import translate
from lms.kernel.text import msg
from lms.people.queries import Holder
from lms.teaching.queries import RotationCard


def teacher_choices(supervisors: Mapping[UUID, Holder]) -> list[tuple[str, str]]:
    """Supervisors by id, with where they teach."""
    return [
        (str(one.person_id), translate(msg("{name}（{place}）", name=one.name, place=one.place)))
        for one in supervisors.values()
    ]


def rotation_label(card: RotationCard) -> str:
    """A rotation and its days."""
    said = msg("{name}（{first} 到 {last}）", name=card.titles, first=card.starts_on, last=card.ends_on)
    return translate(said)
