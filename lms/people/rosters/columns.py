"""The columns of a roster, and of a table of moves."""

from lms.kernel.i18n import translate
from lms.kernel.text import N_
from lms.people.rules import POPULATION_NAMES, Population
from lms.sheets.columns import Column, choice, day, number_text, text

_WORDS = {name: key for key, name in POPULATION_NAMES.items()} | {str(key): key for key in Population}
_IN_ENGLISH = {translate(name, "en").lower(): key for key, name in POPULATION_NAMES.items()}
POPULATIONS = choice(_WORDS | _IN_ENGLISH, list(POPULATION_NAMES.values()))

_ID = N_("18 位，照证件写。已经登记过的人按它认。")
_EMPLOYER = N_("机构代码或全称。和工作单位一样就空着。")

PEOPLE = (
    Column(
        "name", N_("姓名"), text(60),
        N_("照身份证写，不写称呼。"), "赵桂芳", needed=True, width=12,
    ),
    Column(
        "id_number", N_("身份证号"), number_text,
        _ID, "000000197506120014", width=22,
    ),
    Column(
        "phone", N_("手机号"), number_text,
        N_("11 位，登录用。没有写身份证号的按它认人。"), "00000000001", width=15,
    ),
    Column(
        "email", N_("电子邮箱"), text(120),
        N_("没有手机号的人用它登录。"), width=24,
    ),
    Column(
        "population", N_("执业类别"), POPULATIONS,
        N_("乡村医生、执业助理医师、执业医师、管理或教学人员。新登记的人要写。"),
        "乡村医生", width=16,
    ),
    Column(
        "workplace", N_("工作单位"), text(80),
        N_("机构代码或全称，要在您管的范围里。新登记的人要写。"), "LB-YL-LX-SM", width=24,
    ),
    Column(
        "employer", N_("聘用单位"), text(80),
        _EMPLOYER, width=24,
    ),
    Column(
        "since", N_("任职日期"), day,
        N_("从哪天起在这里工作。新登记和换单位的人要写。"), "2024-03-01", width=14,
    ),
    Column(
        "licence_number", N_("执业证书编号"), number_text,
        N_("没有可以空着。"), width=24,
    ),
    Column(
        "licence_from", N_("证书发证日"), day,
        N_("例如 2024-03-01、2024/3/1 或 2024年3月1日。"), "2022-07-01", width=14,
    ),
    Column(
        "licence_until", N_("证书到期日"), day,
        N_("不能早于发证日。"), "2027-06-30", width=14,
    ),
)

MOVES = (
    Column(
        "name", N_("姓名"), text(60),
        N_("要和登记的一样：防止写错号码，动了别人。"), "赵桂芳", needed=True, width=12,
    ),
    Column(
        "id_number", N_("身份证号"), number_text,
        N_("按它认人。没有登记身份证号的人写手机号。"), "000000197506120014", width=22,
    ),
    Column(
        "phone", N_("手机号"), number_text,
        N_("没有写身份证号时按它认人。"), "00000000001", width=15,
    ),
    Column(
        "workplace", N_("工作单位"), text(80),
        N_("换到哪里：机构代码或全称，要在您管的范围里。"), "LB-YL-LX", needed=True, width=24,
    ),
    Column(
        "employer", N_("聘用单位"), text(80),
        _EMPLOYER, width=24,
    ),
    Column(
        "since", N_("任职日期"), day,
        N_("从哪天起。前一天是原来单位的最后一天。"), "2024-03-01", needed=True, width=14,
    ),
)

WHOSE = MOVES[:3]
"""Of whom a line is, in every table about people who are registered."""
