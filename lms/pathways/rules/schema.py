"""What a record of each kind says: its fields, its days, who may enter it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lms.credits.claims.rules import COUNTY, PROVINCE, UNIT
from lms.kernel.text import N_
from lms.pathways.rules.records import AGREED_YEARS, Kind


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record. `words`: the only values it may have, with their names; empty: a short text.
    `numbers`: the only whole numbers it may have; `sealed`: a number that is kept sealed and shown masked."""

    name: str
    words: Mapping[str, str] = field(default_factory=dict)
    optional: bool = False
    sealed: bool = False
    numbers: range = range(0)


@dataclass(frozen=True, slots=True)
class Schema:
    """The form of a kind. `on`, `until`: what its days are called; `until` empty: it has no last day;
    `until_needed`: the last day must be said; `papers`: whether a copy is asked for; `own`: whether the person
    may tell it of herself (a ban is entered by the county); `levels`: the ranks that verify it, lowest first, as
    the requirements name them (an exam point's word is entered by the county); `ended`: its last day must have come;
    `most_months`: how long it may hold; `renew_months`: how long before its last day it is to be renewed; `goes_on`:
    verified it stands until whoever verified it enters its last day."""

    on: str
    until: str = ""
    until_needed: bool = False
    fields: tuple[Field, ...] = ()
    papers: bool = True
    own: bool = True
    levels: tuple[int, ...] = (COUNTY,)
    ended: bool = False
    most_months: int | None = None
    renew_months: int | None = None
    goes_on: bool = False


RESULTS = {"pass": N_("合格"), "fail": N_("不合格")}
YES_NO = {"yes": N_("是"), "no": N_("不是")}
LEVELS = {
    "secondary": N_("中专"),
    "junior_college": N_("大专"),
    "bachelor": N_("本科"),
    "master": N_("硕士"),
    "doctor": N_("博士"),
}
PLACES = {
    "village_clinic": N_("村卫生室"),
    "township": N_("乡镇卫生院"),
    "county": N_("县级医院"),
    "other": N_("其他"),
}
GRADES = {
    "rural_assistant": N_("乡村全科执业助理医师"),
    "assistant": N_("执业助理医师"),
    "physician": N_("执业医师"),
}
SCOPES = {"gp": N_("含全科医学"), "other": N_("其他专业")}
SPECIALTIES = {"gp": N_("全科"), "other": N_("其他专业")}

_NUMBER = Field("number", sealed=True)
_RESULT = Field("result", RESULTS)
_GRADE = Field("grade", GRADES)
_BOTH = (UNIT, COUNTY)
_TOP = (PROVINCE,)

SCHEMAS: Mapping[Kind, Schema] = {
    Kind.DIPLOMA: Schema(
        N_("毕业日期"),
        fields=(Field("level", LEVELS), Field("relevant", YES_NO), Field("school"), Field("major"), _NUMBER),
    ),
    # Village Doctor Regulation, article 16: five years, renewed three months before.
    Kind.VILLAGE_LICENCE: Schema(
        N_("发证日期"), N_("有效期至"), True, (_NUMBER, Field("place")), most_months=60, renew_months=3
    ),
    Kind.RENEWAL: Schema(N_("申请日期"), papers=False),
    Kind.TRAINING: Schema(N_("培训最后一天"), fields=(Field("title"), Field("place")), levels=_BOTH),
    Kind.ASSESSMENT: Schema(N_("考核日期"), fields=(_RESULT,)),
    Kind.EMPLOYMENT: Schema(
        N_("到岗日期"), N_("离岗日期"), fields=(Field("place_kind", PLACES), Field("place")), levels=_BOTH, goes_on=True
    ),
    Kind.PRACTICE: Schema(
        N_("开始日期"), N_("结束日期"), True, (Field("place"), Field("supervisor"), _RESULT), levels=_BOTH, ended=True
    ),
    Kind.DECLARATION: Schema(N_("声明日期"), papers=False),
    Kind.BAN: Schema(N_("开始日期"), N_("结束日期"), True, (Field("reason"),), papers=False, own=False),
    Kind.EXAM_PRACTICAL: Schema(
        N_("考试日期"), N_("成绩有效期至"),
        fields=(Field("exam", GRADES), _RESULT, Field("score", optional=True), Field("line", optional=True)),
    ),
    Kind.EXAM_WRITTEN: Schema(
        N_("考试日期"), N_("成绩有效期至"),
        fields=(Field("exam", GRADES), _RESULT, Field("score", optional=True), Field("line", optional=True)),
        levels=_TOP,
    ),
    Kind.QUALIFICATION: Schema(N_("发证日期"), fields=(_GRADE, _NUMBER), levels=_TOP),
    Kind.REGISTRATION: Schema(
        N_("注册日期"), N_("注销日期"), fields=(_GRADE, Field("scope", SCOPES), Field("place"), _NUMBER), ended=True,
        goes_on=True,
    ),
    Kind.CATCH_UP_TRAINING: Schema(N_("开始日期"), N_("结束日期"), True, (Field("place"),), ended=True),
    Kind.PERIODIC_ASSESSMENT: Schema(N_("考核日期"), fields=(_RESULT,)),
    Kind.EXEMPTION: Schema(N_("申请日期"), fields=(Field("programme"), Field("module"), Field("reason"))),
    Kind.FINAL_ASSESSMENT: Schema(N_("考核日期"), fields=(Field("programme"), _RESULT)),
    Kind.GP_CERTIFICATE: Schema(N_("发证日期"), fields=(_NUMBER,), levels=_TOP),
    Kind.RESIDENCY_CERTIFICATE: Schema(
        N_("发证日期"), fields=(Field("specialty", SPECIALTIES), _NUMBER), levels=_TOP
    ),
    Kind.SERVICE: Schema(
        N_("开始日期"), N_("结束日期"),
        fields=(Field("place"), Field(AGREED_YEARS, optional=True, numbers=range(1, 13))), levels=_BOTH, goes_on=True,
    ),
}

FIELDS: Mapping[Kind, Mapping[str, Field]] = {
    kind: {one.name: one for one in schema.fields} for kind, schema in SCHEMAS.items()
}

FIELD_NAMES = {
    "level": N_("学历"),
    "relevant": N_("是不是医学专业"),
    "school": N_("学校"),
    "major": N_("专业"),
    "number": N_("证书编号"),
    "place": N_("地点或单位"),
    "title": N_("培训名称"),
    "result": N_("结果"),
    "place_kind": N_("单位类别"),
    "supervisor": N_("带教医师"),
    "reason": N_("原因"),
    "exam": N_("哪一种考试"),
    "score": N_("得分"),
    "line": N_("合格线"),
    "grade": N_("级别"),
    "scope": N_("执业范围"),
    "programme": N_("培训项目"),
    "module": N_("模块"),
    "specialty": N_("专业"),
    AGREED_YEARS: N_("协议服务年限（年）"),
}

DECLARED = N_("我声明：我现在不在医师资格考试的禁考期内。如不属实，由我承担责任")
"""What a declaration says; the person affirms it as it stands."""
