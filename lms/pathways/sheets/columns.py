"""The columns of a table of licences, and of one of exam results; named as the fields of a record are."""

from collections.abc import Iterable, Mapping

from lms.kernel.i18n import translate
from lms.kernel.text import N_
from lms.pathways.rules.checking import MOST_SIGNS
from lms.pathways.rules.records import KIND_NAMES, Kind
from lms.pathways.rules.schema import GRADES, RESULTS, SCOPES
from lms.people.rosters.columns import WHOSE
from lms.sheets.columns import Column, Reader, choice, day, number_text, text

LICENCE_KINDS = (Kind.VILLAGE_LICENCE, Kind.QUALIFICATION, Kind.REGISTRATION)
PARTS = {str(Kind.EXAM_PRACTICAL): N_("实践技能"), str(Kind.EXAM_WRITTEN): N_("医学综合")}
MOST_SCORE = 7


def words(names: Mapping[str, str]) -> Reader:
    """One of the words of a field, by its name in either language, or by its key."""
    known = {key.lower(): key for key in names}
    known |= {called.lower(): key for key, name in names.items() for called in (name, translate(name, "en"))}
    return choice(known, list(names.values()))


def named(kinds: Iterable[Kind]) -> dict[str, str]:
    """Kinds by their keys."""
    return {str(kind): KIND_NAMES[kind] for kind in kinds}


LICENCES = (
    *WHOSE,
    Column(
        "kind", N_("类型"), words(named(LICENCE_KINDS)),
        N_("乡村医生执业证书、医师资格证书或医师执业证书。"), "乡村医生执业证书", needed=True, width=20,
    ),
    Column("number", N_("证书编号"), number_text, N_("照证书写全。"), "XZ0001234567", needed=True, width=26),
    Column("on", N_("发证日期"), day, N_("医师执业证书写注册日期。"), "2022-03-01", needed=True, width=14),
    Column(
        "until", N_("有效期至"), day,
        N_("乡村医生执业证书要写。医师执业证书只在注销以后写，写注销日期。"), "2027-02-28", width=14,
    ),
    Column(
        "grade", N_("级别"), words(GRADES),
        N_("医师资格证书和医师执业证书要写：乡村全科执业助理医师、执业助理医师、执业医师。"), width=22,
    ),
    Column("scope", N_("执业范围"), words(SCOPES), N_("医师执业证书要写：含全科医学、其他专业。"), width=14),
    Column(
        "place", N_("地点或单位"), text(MOST_SIGNS),
        N_("乡村医生执业证书和医师执业证书要写，照证书。"), "石门沟村卫生室", width=24,
    ),
)  # fmt: skip

EXAM_RESULTS = (
    *WHOSE,
    Column("exam", N_("哪一种考试"), words(GRADES), N_("报考的级别。"), "执业助理医师", needed=True, width=22),
    Column("part", N_("哪一部分"), words(PARTS), N_("实践技能或医学综合。"), "医学综合", needed=True, width=14),
    Column("on", N_("考试日期"), day, N_("考试那一天。"), "2025-08-20", needed=True, width=14),
    Column("score", N_("得分"), text(MOST_SCORE), N_("没有公布可以空着。"), "362", width=10),
    Column("line", N_("合格线"), text(MOST_SCORE), N_("没有公布可以空着。"), "360", width=10),
    Column("result", N_("结果"), words(RESULTS), N_("合格或不合格。"), "合格", needed=True, width=10),
    Column("until", N_("成绩有效期至"), day, N_("成绩不会过期就空着。"), width=14),
)
