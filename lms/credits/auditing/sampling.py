"""Drawing a sample and keeping it; drawing it again from what it remembers, to compare."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select

from lms.credits.access import level
from lms.credits.auditing.models import AuditSample, SampledAward
from lms.credits.models import Award
from lms.credits.rules.sampling import LARGEST_SAMPLE, LOTS, multipliers
from lms.credits.rules.words import KIND_WORDS
from lms.kernel import audit, clock
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import AUDITORS, Actor
from lms.kernel.db import insert_once, session
from lms.kernel.errors import Invalid
from lms.kernel.text import msg, nfc
from lms.organisations import queries as organisations
from lms.organisations.queries import OrganisationCard
from lms.organisations.rules import Kind

LONGEST_SEED = 40
AREAS = (Kind.PROVINCE, Kind.CITY, Kind.COUNTY)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to draw: how many, by which seed, where, and of which year and kind (all of them where none is given)."""

    place_id: UUID
    seed: str
    size: int
    year: int | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A kept sample beside the same drawn again."""

    sample: AuditSample
    frame: int
    missing: tuple[UUID, ...]
    foreign: tuple[UUID, ...]
    same_order: bool

    @property
    def holds(self) -> bool:
        return self.frame == self.sample.frame and self.same_order


def places(actor: Actor) -> list[OrganisationCard]:
    """Where she may draw: the places she audits, and the cities and counties below them; in the order of the tree."""
    paths = actor.paths(*AUDITORS)
    require_in_place(bool(paths))
    found = {card.id: card for card in [*organisations.at(paths), *organisations.in_scope(paths, AREAS)]}
    return organisations.in_tree_order(list(found.values()))


def draw(actor: Actor, sample_id: UUID, wanted: Wanted) -> bool:
    """Draw and keep a sample under an id the form made; False if it is there already (a form sent twice).

    A frame smaller than the size is drawn whole. Raises NotFound for a place that she does not audit and for an id of
    somebody else's sample, Invalid by field.
    """
    place = require_found(organisations.organisation(wanted.place_id))
    rank = level(actor, place.path)
    require_in_place(rank > 0)
    there = session().get(AuditSample, sample_id)
    if there is not None:
        require_in_place(there.drawn_by == actor.person_id)
        return False
    seed = _checked(wanted)
    sample = AuditSample(
        id=sample_id, seed=seed, size=wanted.size, place_id=place.id, place_path=place.path, place_name=place.name,
        year=wanted.year, kind=wanted.kind, level=rank, drawn_by=actor.person_id, drawn_by_name=actor.name,
        drawn_at=clock.now(),
    )  # fmt: skip
    frame, awards = _drawn(sample)
    if not awards:
        raise Invalid(fields={"place": msg("这里没有可抽的学分。换一个单位、年度或类型再抽。")})
    sample.frame, sample.drawn = frame, len(awards)
    columns = [column.name for column in AuditSample.__table__.columns]
    if not insert_once(AuditSample, {name: getattr(sample, name) for name in columns}, on=["id"]):
        return draw(actor, sample_id, wanted)
    rows = [{"sample_id": sample_id, "position": n, "award_id": one} for n, one in enumerate(awards, start=1)]
    session().execute(insert(SampledAward), rows)
    audit.record(actor, "sample.drawn", "sample", sample_id, seed=seed, drawn=len(awards), frame=frame)
    return True


def _checked(wanted: Wanted) -> str:
    """The seed as it is kept; raises Invalid by field."""
    seed, faults = nfc(wanted.seed), {}
    if not 1 <= len(seed) <= LONGEST_SEED:
        faults["seed"] = msg("请写 1 到 {most} 个字。", most=LONGEST_SEED)
    if not 1 <= wanted.size <= LARGEST_SAMPLE:
        faults["size"] = msg("请写 1 到 {most} 之间的整数。", most=LARGEST_SAMPLE)
    if wanted.kind and wanted.kind not in KIND_WORDS:
        faults["kind"] = msg("请从列出的几项里选一项。")
    if wanted.year is not None and not 1990 <= wanted.year <= clock.today().year:
        faults["year"] = msg("请从列出的几项里选一项。")
    if faults:
        raise Invalid(fields=faults)
    return seed


def _frame(sample: AuditSample) -> list[ColumnElement[bool]]:
    """SQL: what the sample is drawn from. The state does not narrow it, and nothing awarded later is in it: neither
    decisions nor new awards change what the seed draws."""
    found = [organisations.under(Award.authority_path, [sample.place_path]), Award.awarded_at <= sample.drawn_at]
    if sample.year is not None:
        found.append(Award.credit_year == sample.year)
    if sample.kind:
        found.append(Award.kind == sample.kind)
    return found


def _drawn(sample: AuditSample) -> tuple[int, list[UUID]]:
    """Size of the frame, and the awards the seed draws from it, in order."""
    a, b = multipliers(sample.seed)
    conditions = _frame(sample)
    frame = session().scalar(select(func.count()).select_from(Award).where(*conditions)) or 0
    lots = select(Award.id).where(*conditions).order_by((Award.lot * a + b) % LOTS, Award.id).limit(sample.size)
    return frame, list(session().scalars(lots))


def sample_of(actor: Actor, sample_id: UUID) -> AuditSample:
    """A sample that she drew where she still audits, or one of a place that she audits at the level of who drew it or
    a higher one; NotFound for any other."""
    sample = require_found(session().get(AuditSample, sample_id))
    rank = level(actor, sample.place_path)
    hers = actor.person_id is not None and sample.drawn_by == actor.person_id
    require_in_place(rank >= sample.level or (hers and rank > 0))
    return sample


def check(sample_id: UUID) -> Check:
    """Draw a kept sample again and compare. Raises NotFound."""
    sample = require_found(session().get(AuditSample, sample_id))
    kept = list(
        session().scalars(
            select(SampledAward.award_id).where(SampledAward.sample_id == sample_id).order_by(SampledAward.position)
        )
    )
    frame, again = _drawn(sample)
    return Check(
        sample=sample,
        frame=frame,
        missing=tuple(one for one in again if one not in set(kept)),
        foreign=tuple(one for one in kept if one not in set(again)),
        same_order=kept == again,
    )
