"""What the practice log is told of programmes: which modules count for somebody, and how far she is in each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from lms.kernel import clock
from lms.pathways import catalogue, facts, queries
from lms.pathways.programmes import done_by
from lms.pathways.rules.modules import UNIT_NAMES, Modules, ModuleState
from lms.pathways.rules.pathway import Pathway
from lms.pathways.rules.records import Facts
from lms.people.queries import PersonCard
from lms.teaching.parts import ModuleChoice, ModuleProgress, ProgrammeProgress


def modules_for(cards: Collection[PersonCard]) -> Mapping[UUID, Sequence[ModuleChoice]] | None:
    """For each person the modules of the programmes that she follows or that are open to her, each called by its
    programme and its own title; None where the house has no programmes. One statement for the ways that people
    follow, and one for each of their areas."""
    if not any(one.modules for one in catalogue.library().values()):
        return None
    followed = queries.followed([card.id for card in cards])
    hers = _open_to(cards)
    return {card.id: _choices((*followed[card.id], *hers[card.id])) for card in cards}


def progress(card: PersonCard) -> list[ProgrammeProgress]:
    """How far somebody is in the programmes that she is in: those that she follows, and those open to her in which a
    rotation is planned for her. A constant number of statements."""
    day = clock.today()
    done = done_by([card.id], day).get(card.id, {})
    begun = {programme for programme, _ in done}
    planned = (one for one in _open_to([card])[card.id] if one.id in begun) if begun else ()
    hers = [one for one in _once((*queries.followed([card.id])[card.id], *planned)) if one.modules]
    known = Facts(records=facts.records_of([card], day)[card.id] if hers else (), modules=done)
    return [
        ProgrammeProgress(
            one.title.both(),
            f"/pathways/{one.id}#modules",
            [_far(state) for state in Modules(one.id, one.modules).states(known, day)],
        )
        for one in hers
    ]


def _far(state: ModuleState) -> ModuleProgress:
    module, done = state.module, state.done
    unit = UNIT_NAMES[module.unit]
    return ModuleProgress(module.title.both(), done.signed, done.waiting, module.amount, unit, state.exempt)


def _open_to(cards: Collection[PersonCard]) -> dict[UUID, tuple[Pathway, ...]]:
    """What is open to each of them, asked once for all who are of a kind and an area."""
    kinds = {(card.population, card.authority_path) for card in cards}
    found = {kind: (*catalogue.duties(kind[0]), *catalogue.ways(*kind)) for kind in kinds}
    return {card.id: found[card.population, card.authority_path] for card in cards}


def _once(pathways: Iterable[Pathway]) -> list[Pathway]:
    return list({one.id: one for one in pathways}.values())


def _choices(pathways: Iterable[Pathway]) -> list[ModuleChoice]:
    return [
        ModuleChoice(
            one.id,
            module.code,
            {
                "zh": f"{one.title.zh}：{module.title.zh}",
                "en": f"{one.title.en}: {module.title.en}",
            },
        )
        for one in _once(pathways)
        for module in one.modules
    ]
