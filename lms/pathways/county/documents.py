"""A list of people on a pathway as a file: the rows of the page, all of them."""

import re
from uuid import UUID

from lms.credits.exports import File, file_of
from lms.kernel import audit, clock
from lms.kernel.actor import Actor
from lms.kernel.i18n import in_locale
from lms.kernel.text import Message, msg
from lms.organisations.queries import OrganisationCard
from lms.pathways.county.queries import ANY, DONE, LICENCES, Chosen, Listed, ResultRow, whole_list
from lms.pathways.rules.pathway import Pathway
from lms.pathways.rules.stopping import WHY_NAMES
from lms.sheets.cells import NONE, Cell, Document, Row, Table, columns, say

TITLES = (
    (msg("姓名"), 12), (msg("证件号"), 22), (msg("单位"), 26), (msg("走到哪一步"), 18), (msg("已核实"), 8),
    (msg("共几项"), 8), (msg("还缺的"), 60), (msg("乡村医生证有效期至"), 18),
)  # fmt: skip
STOPPED = ((msg("哪天不走的"), 14), (msg("为什么"), 18))
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,40}")


def export(actor: Actor, place_id: UUID, pathway_id: str, chosen: Chosen) -> File:
    """The list as a workbook; what leaves the house is recorded. Raises NotFound as the page does."""
    found = whole_list(actor, place_id, pathway_id, chosen)
    audit.record(
        actor, "pathway.list_exported", "organisation", place_id, way=pathway_id, rows=len(found.page.items)
    )
    return file_of(list_document(found), "xlsx")


def list_document(found: Listed) -> Document:
    """The people chosen, one a row, in the reader's language."""
    stopped = bool(found.chosen.stopped)
    rows = tuple(
        Row((*_cells(found.pathway, one), *(_stopped_cells(one) if stopped else ()))) for one in found.page.items
    )
    chosen, place = found.chosen, _place(found.area.place)
    title = f"{say(heading(found.pathway, chosen))}{say(msg('：'))}{place}"
    facts = (
        (say(msg("哪条路")), in_locale(found.pathway.title.both())),
        (say(msg("地方")), place + (say(msg("，只看直接在这里的人")) if chosen.here else "")),
        *(((say(msg("姓名")), chosen.text),) if chosen.text else ()),
        (say(msg("人数")), str(len(rows))),
        (say(msg("哪一天")), clock.today().isoformat()),
    )
    table = Table(say(msg("名单")), columns((*TITLES, *(STOPPED if stopped else ()))), rows)
    name = "-".join(("xinglin", found.pathway.id, *_file_words(chosen)))
    return Document(name, title, facts, (table,))


def heading(pathway: Pathway, chosen: Chosen) -> Message:
    """Which list it is, as the page and the file head it."""
    if chosen.stage:
        return msg("走到：{stage}", stage=stage_word(pathway, "" if chosen.stage == DONE else chosen.stage))
    if chosen.lacks:
        return msg("还缺：{what}", what=title_of(pathway, chosen.lacks))
    if chosen.lapsed:
        what = title_of(pathway, chosen.lapsed)
        return msg("有过期或没有通过的") if chosen.lapsed == ANY else msg("过期或没有通过：{what}", what=what)
    if chosen.failed:
        what = title_of(pathway, chosen.failed)
        return msg("没有考过的") if chosen.failed == ANY else msg("没有考过：{what}", what=what)
    if chosen.stopped:
        return msg("不走了的") if chosen.stopped == ANY else msg("不走了的：{why}", why=why_word(chosen.stopped))
    if chosen.steps:
        return msg("离报考差一步") if chosen.steps == "1" else msg("报考条件已齐")
    if chosen.licence:
        over = LICENCES[chosen.licence] is None
        return msg("乡村医生证已经过期") if over else msg("乡村医生证 {n} 个月内到期", n=chosen.licence)
    return msg("全部名单")


def _file_words(chosen: Chosen) -> tuple[str, ...]:
    """The list in the file's name, so that two of one way do not lie under the same name."""
    known = ("stage", "lacks", "lapsed", "failed", "stopped", "steps", "licence")
    for kind in known:
        value: str = getattr(chosen, kind)
        if value:
            word = {ANY: "any", DONE: "done"}.get(value, value)
            return (kind, word) if _PLAIN.fullmatch(word) else (kind,)
    return ()


def stage_word(pathway: Pathway, stage: str) -> Message | str:
    """What a stage is called; the end of the way has a word of its own."""
    named = next((one.title for one in pathway.stages if one.id == stage), None)
    return in_locale(named.both()) if named else msg("全部做到")


def title_of(pathway: Pathway, code: str) -> str:
    """What a requirement is called, by its code."""
    return next((in_locale(one.title.both()) for one in pathway.requirements if one.code == code), code)


def lacks(pathway: Pathway, one: ResultRow) -> str:
    """What somebody still lacks, each with how it stands where something was handed in or has lapsed."""
    names = {line.code: in_locale(line.title.both()) for line in pathway.requirements}
    marks = {code: msg("{what}（等核实）", what=names.get(code, code)) for code in one.waiting}
    marks |= {code: msg("{what}（过期或没有通过）", what=names.get(code, code)) for code in one.lapsed}
    marks |= {code: msg("{what}（没有考过）", what=names.get(code, code)) for code in one.failed}
    return say(msg("；")).join(say(marks.get(code, names.get(code, code))) for code in one.lacking)


def _cells(pathway: Pathway, one: ResultRow) -> tuple[Cell, ...]:
    return (
        one.name,
        one.id_number_mask or NONE,
        _place(one.place) if one.place else NONE,
        say(stage_word(pathway, one.stage)),
        one.verified,
        one.asked,
        lacks(pathway, one) or NONE,
        one.licence_until or NONE,
    )


def why_word(why: str) -> Message:
    """Why she stopped, as the county reads it."""
    return msg(WHY_NAMES[why]) if why in WHY_NAMES else msg("没有说")


def _stopped_cells(one: ResultRow) -> tuple[Cell, ...]:
    return one.stopped_on or NONE, say(why_word(one.stopped_why))


def _place(card: OrganisationCard) -> str:
    return in_locale({"zh": card.name, "en": card.name_en})
