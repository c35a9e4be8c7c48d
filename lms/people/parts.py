"""What people offers to features above, and what it gives to the kernel below."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import current_app

from lms.kernel import web
from lms.kernel.parts import Slot
from lms.kernel.text import N_
from lms.organisations import parts as organisations
from lms.people import sessions
from lms.people.batches import kinds
from lms.people.notices.posting import forget_all


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A line of the page /admin or /account: an address, its name and what it is for (marked for translation)."""

    address: str
    icon: str
    name: str
    purpose: str
    shown: Callable[[], bool] = lambda: True


# Whether every character of a name can be drawn on a certificate; `certificates` knows its fonts.
name_can_be_drawn: Slot[[str], bool] = Slot(lambda name: True)


@dataclass(frozen=True, slots=True)
class PersonLink:
    """A way on from a person's file; `address` has a gap for her {id}."""

    address: str
    icon: str
    name: str


# Features above add what they keep of a person here, from `app.py` at start.
person_links: list[PersonLink] = []

# Features above add pages of one's own here, from `app.py` at start: a line of /account.
account_links: list[MenuEntry] = []

# Tables above that hold only what is derived of people, and what removes it again: a row there is no use that was made
# of an account.
derived: dict[str, Callable[[Sequence[UUID]], None]] = {"notice": forget_all}

# Features above add their pages of administration here, from `app.py` at start.
admin_menu: list[MenuEntry] = [
    MenuEntry("/admin/people", "people", N_("人员"), N_("登记、调动、身份、停用、发验证码")),
    MenuEntry("/admin/rosters", "upload", N_("花名册"), N_("用表格一次登记或调动很多人，先预演，可以整批收回")),
    MenuEntry(
        "/admin/organisations",
        "building",
        N_("机构"),
        N_("市、县、医院、卫生院、卫生室、培训中心"),
    ),
    MenuEntry("/admin/looks", "eye", N_("谁看过全号"), N_("身份证号、手机号的每一次查看：谁、为什么")),
    MenuEntry(
        "/admin/outbox",
        "mail",
        N_("发出的短信和邮件"),
        N_("只有演示环境有：没有真的发，都留在这里"),
        lambda: is_demo(),
    ),
]


def is_demo() -> bool:
    """Whether invented people live here, so that what was "sent" may be shown."""
    demo: bool = current_app.extensions["xinglin.settings"].is_demo
    return demo


def fill() -> None:
    """Let the kernel know who acts, and batches what a roster is."""
    from lms.people.rosters.kinds import MOVES, PEOPLE  # noqa: PLC0415 - it needs what this module offers

    kinds.register(PEOPLE, MOVES)
    organisations.place_links[:] = [
        organisations.PlaceLink("/admin/people/new?at={code}", N_("在这里登记人员")),
        organisations.PlaceLink("/admin/people?at={code}", N_("看这里的人员")),
    ]
    web.load_actor.fill(sessions.acting)
    web.after_answer.fill(sessions.note_seen)
