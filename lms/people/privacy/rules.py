"""What a whole number may be looked at for, how often, and how long what is kept is kept. Pure."""

from datetime import date, timedelta

from lms.kernel.text import N_

# Purposes somebody may choose on a person's file. What each is for is her duty (PIPL, article 6: a clear purpose).
PURPOSES: dict[str, str] = {
    "exam_identity": N_("考试或培训现场核对身份"),
    "filing_correction": N_("上报被退回，核对证件号"),
    "certificate": N_("证书上的信息要更正"),
    "registration": N_("登记时核对本人证件"),
    "complaint": N_("处理投诉或本人来信"),
    "contact": N_("有急事联系本人"),
    "authority": N_("主管部门依法要求查询"),
}
# Those that the house itself records.
ALL_PURPOSES = PURPOSES | {"filing": N_("向主管部门上报学分")}
FIELDS: dict[str, str] = {
    "id_number": N_("身份证号"),
    "phone": N_("手机号"),
    "email": N_("电子邮箱"),
    "licence_number": N_("执业证书编号"),
}
PAGES: dict[str, str] = {
    "person_file": N_("人员资料页"),
    "filing": N_("上报文件"),
    "shell": N_("服务器上的命令"),
}
MOST_LOOKS = 30
"""Whole numbers one person may be shown in an hour. A clerk's day needs fewer; a county copied by hand needs more."""
MOST_FILES = 12
"""Files with whole numbers one person may take in an hour: a filing has seven."""
LOOKS_SPAN = timedelta(hours=1)

def due_on(closed: date, last_credit_year: int | None, years: int) -> date:
    """The day from which an account closed on a day may be erased: at once without credit, else so many whole years
    after the last year in which there is credit, and never before the account was closed."""
    if last_credit_year is None:
        return closed
    return max(closed, date(last_credit_year + years + 1, 1, 1))
