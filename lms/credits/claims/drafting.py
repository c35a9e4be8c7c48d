"""What the doctor does with a claim: write, hand in, withdraw, answer a refusal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from lms.credits import policies
from lms.credits.access import takes_two_here
from lms.credits.claims import rules
from lms.credits.claims.access import own_claim, standing_of
from lms.credits.claims.asking import Asked, activity_of, offered, unit_and_area
from lms.credits.claims.checking import SAME, checked, fingerprint
from lms.credits.claims.history import add_step, papers_of
from lms.credits.claims.models import Claim, ClaimFile
from lms.credits.entering import milli
from lms.credits.ledger.awarding import fact_of
from lms.credits.rules.evidence import EVIDENCE as PAPERS
from lms.credits.rules.grounds import ROLES
from lms.credits.rules.judging import judge
from lms.credits.rules.policy import Policy
from lms.kernel import audit, clock
from lms.kernel.access import require_found, require_signed_in
from lms.kernel.actor import Actor
from lms.kernel.cleaning.kinds import EVIDENCE
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Conflict, Invalid, TooMany
from lms.kernel.text import folded, msg, nfc
from lms.people import notices
from lms.people import queries as people
from lms.people.queries import PersonCard
from lms.uploads.commands import take

MOST_PAPERS = 12
MOST_DRAFTS = 20
MOST_WORDS = 1000


@dataclass(frozen=True, slots=True)
class Written:
    """What a claim's form holds; anything may still be missing."""

    kind: str
    role: str = "attendee"
    choice: str | None = None
    title: str = ""
    place: str = ""
    started_on: date | None = None
    on_date: date | None = None
    quantity: Decimal | None = None
    hours: Decimal | None = None
    project_number: str | None = None
    assessed: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Papers:
    """What is done with the papers: uploads that come with a kind, new kinds of old ones, and what goes."""

    uploads: Sequence[UUID] = ()
    kind: str = "photo"
    kinds: Mapping[UUID, str] | None = None
    gone: Sequence[UUID] = ()


def begin(actor: Actor, claim_id: UUID, written: Written, papers: Papers) -> bool:
    """Make a draft under an id the form made; False if it is there already (a form sent twice).

    Raises Invalid for a kind that her policy of today does not know, TooMany, NotFound for an id of somebody else's.
    """
    require_signed_in(actor)
    card = require_found(people.person(require_found(actor.person_id)))
    person, today = policies.person_of(card), clock.today()
    years = {today.year, (written.on_date or today).year}
    if not any(written.kind in offered(policies.for_person(person, year)) for year in years):
        raise Invalid(fields={"kind": msg("您这里的规则没有这类活动的折算标准，不能申报。")})
    open_ones = select(func.count()).where(Claim.person_id == card.id, Claim.state == "draft")
    if (session().scalar(open_ones) or 0) >= MOST_DRAFTS:
        raise TooMany(msg("您已有 {most} 份草稿。请先交上去或者删掉几份。", most=MOST_DRAFTS))
    unit, area = unit_and_area(card)
    fixed = {
        "id": claim_id, "person_id": card.id, "state": "draft", "version": 1, "levels": [], "two": False,
        "waiting": 0, "decided": 0, "answered": False, "may_answer": True, "search_text": "",
        "unit_path": unit, "authority_path": area, "kind": written.kind,
    }  # fmt: skip
    if not insert_once(Claim, {**fixed, **_values(written)}, on=["id"]):
        own_claim(actor, claim_id)
        return False
    _keep_papers(actor, own_claim(actor, claim_id), papers)
    return True


def save(actor: Actor, claim_id: UUID, written: Written, papers: Papers, *, version: int) -> None:
    """Keep what was written so far. Raises NotFound, Invalid by field, Conflict if the claim is no longer at
    `version` or no longer hers to change."""
    claim = own_claim(actor, claim_id)
    if claim.state not in rules.EDITABLE:
        raise Conflict(msg("这条申报已经交上去，现在不能改。"))
    changed = session().execute(
        update(Claim)
        .where(Claim.id == claim_id, Claim.version == version, Claim.state.in_(rules.EDITABLE))
        .values(**_values(written), version=Claim.version + 1)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(msg("这份申报在别的页面改过了。您刚写的还在下面，没有存上；请核对后再存。"))
    session().expire(claim)
    _keep_papers(actor, claim, papers)


def _values(written: Written) -> dict[str, Any]:
    if written.role not in ROLES:
        raise Invalid(fields={"role": msg("请从列出的几项里选一项。")})
    return {
        "role": written.role,
        "choice": written.choice,
        "title": nfc(written.title),
        "place": nfc(written.place),
        "started_on": written.started_on,
        "on_date": written.on_date,
        "credit_year": written.on_date.year if written.on_date else None,
        "quantity_milli": None if written.quantity is None else milli(written.quantity, "quantity", "characters"),
        "hours_milli": None if written.hours is None else milli(written.hours, "hours", "hours"),
        "project_number": nfc(written.project_number or "") or None,
        "assessed": written.assessed,
        "note": nfc(written.note),
        "changed_at": clock.now(),
    }


def _keep_papers(actor: Actor, claim: Claim, papers: Papers) -> None:
    there = papers_of(claim.id)
    for one in there:
        if one.id in papers.gone:
            one.removed_at = clock.now()
        elif papers.kinds and papers.kinds.get(one.id) in PAPERS:
            one.kind = papers.kinds[one.id]
    known = {one.id for one in there}
    fresh = [one for one in papers.uploads if one not in known]
    if len([one for one in there if one.removed_at is None]) + len(fresh) > MOST_PAPERS:
        raise Invalid(fields={"papers": msg("一条申报最多 {most} 个文件。", most=MOST_PAPERS)})
    for upload_id in fresh:
        taken = take(actor, upload_id, EVIDENCE, f"claim:{claim.id}")
        insert_once(
            ClaimFile,
            {
                "id": taken.upload_id, "claim_id": claim.id, "name": taken.name, "mime": taken.mime,
                "kind": papers.kind if papers.kind in PAPERS else "photo", "size": taken.size, "sha": taken.sha,
                "thumbnail_sha": taken.thumbnail_sha, "chosen_sha": taken.chosen_sha, "added_at": clock.now(),
            },
            on=["id"],
        )  # fmt: skip
    session().flush()


def hand_in(actor: Actor, claim_id: UUID, *, version: int, true: bool) -> bool:
    """Hand a claim in, or in again; False if this very version was handed in already (a double click).

    Raises Invalid with everything that is missing or cannot be true, by field; Conflict if it was changed
    elsewhere meanwhile.
    """
    claim = own_claim(actor, claim_id)
    if claim.state == "waiting" and claim.version == version + 1:
        return False
    if claim.version != version or claim.state not in rules.EDITABLE:
        raise Conflict(msg("这份申报刚刚变了。请看过现在的内容再交。"))
    card = require_found(people.person(claim.person_id))
    policy, asks = checked(claim, card, true=true)
    chain = policy.audit_of(claim.kind, require_found(claim.on_date))
    if claim.handed_in_at is None:
        claim.levels = list(rules.levels_of(chain))
        claim.unit_path, claim.authority_path = unit_and_area(card)
    # Of what she hands in now: a returned claim may come back larger.
    claim.two = takes_two_here(chain, _computed(claim, card, policy, asks))
    after = rules.handed_in(standing_of(claim))
    words = [card.name, card.workplace_name, claim.title, claim.place, claim.project_number]
    values = {
        "state": after.state, "waiting": after.waiting, "version": version + 1, "levels": claim.levels,
        "two": claim.two, "unit_path": claim.unit_path, "authority_path": claim.authority_path,
        "handed_in_at": claim.handed_in_at or clock.now(), "changed_at": clock.now(),
        "fingerprint": fingerprint(claim), "search_text": folded(" ".join(word for word in words if word)),
    }  # fmt: skip
    session().expunge(claim)
    try:
        with session().begin_nested():
            _move(claim_id, version, rules.EDITABLE, values)
    except IntegrityError:
        raise Invalid(fields={"title": SAME}) from None
    if claim.handed_in_at is not None:
        notices.settle(claim.person_id, f"claim:{claim_id}")
    add_step(actor, claim_id, "handed_in", content=_content(claim))
    audit.record(actor, "claim.handed_in", "claim", claim_id, version=version + 1)
    return True


def _computed(claim: Claim, card: PersonCard, policy: Policy, asks: Asked) -> Decimal:
    """Credits of the claim by itself, before what is there already cuts it."""
    activity = activity_of(claim, asks.unit, papers_of(claim.id), clock.now())
    return judge(policy, policies.person_of(card), fact_of(activity), activity.on_date.year, ()).computed


def _move(claim_id: UUID, version: int, states: Sequence[str] | frozenset[str], values: dict[str, Any]) -> None:
    """Change a claim that nobody changed meanwhile; raises Conflict."""
    changed = session().execute(
        update(Claim)
        .where(Claim.id == claim_id, Claim.version == version, Claim.state.in_(states))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(msg("这份申报刚刚变了。请看过现在的内容再交。"))


def _content(claim: Claim) -> dict[str, Any]:
    """What was handed in, kept as it was then."""
    names = ("kind", "role", "choice", "title", "place", "started_on", "on_date", "quantity_milli", "hours_milli",
             "project_number", "assessed", "note")  # fmt: skip
    told = {name: getattr(claim, name) for name in names}
    told = {name: value.isoformat() if isinstance(value, date) else value for name, value in told.items()}
    papers = [{"id": str(one.id), "kind": one.kind, "sha": one.sha} for one in papers_of(claim.id)]
    return {**told, "papers": papers}


def withdraw(actor: Actor, claim_id: UUID, *, version: int) -> None:
    """Take a claim back while nobody has decided anything. Raises NotFound, Conflict."""
    claim = own_claim(actor, claim_id)
    if claim.state == "withdrawn":
        return
    if not rules.may_withdraw(standing_of(claim)):
        raise Conflict(msg("已经有审核人员处理过，不能撤回了。"))
    _move(claim_id, version, ("draft", "waiting"), {
        "state": "withdrawn", "waiting": 0, "version": version + 1, "fingerprint": None, "changed_at": clock.now(),
    })  # fmt: skip
    add_step(actor, claim_id, "withdrawn")
    audit.record(actor, "claim.withdrawn", "claim", claim_id)


def answer(actor: Actor, claim_id: UUID, *, version: int, text: str) -> None:
    """Answer a refusal, once: the level above looks again. Raises NotFound, Invalid, Conflict."""
    claim = own_claim(actor, claim_id)
    text = nfc(text)
    standing = standing_of(claim)
    if not rules.may_answer(standing):
        raise Conflict(msg("这条申报现在不能再说明。"))
    if not 2 <= len(text) <= MOST_WORDS:
        raise Invalid(fields={"text": msg("请写 2 到 {most} 个字，说明情况。", most=MOST_WORDS)})
    after = rules.answered(standing)
    _move(claim_id, version, ("refused",), {
        "answered": True, "may_answer": False, "waiting": after.waiting, "version": version + 1,
        "changed_at": clock.now(),
    })  # fmt: skip
    add_step(actor, claim_id, "answered", text=text)
    audit.record(actor, "claim.answered", "claim", claim_id)
