"""Judgements about identities, names and roles. Pure."""

import re
from calendar import monthrange
from datetime import date
from enum import StrEnum

from lms.kernel.actor import Role
from lms.kernel.text import N_, Message, msg


class Population(StrEnum):
    """Which rules of continuing education a person falls under."""

    VILLAGE_DOCTOR = "village_doctor"
    ASSISTANT_PHYSICIAN = "assistant_physician"
    PHYSICIAN = "physician"
    STAFF = "staff"


POPULATION_NAMES: dict[Population, str] = {
    Population.VILLAGE_DOCTOR: N_("乡村医生"),
    Population.ASSISTANT_PHYSICIAN: N_("执业助理医师"),
    Population.PHYSICIAN: N_("执业医师"),
    Population.STAFF: N_("管理或教学人员"),
}

ROLE_NAMES: dict[Role, str] = {
    Role.LEARNER: N_("学员"),
    Role.AUTHOR: N_("课程作者"),
    Role.REVIEWER: N_("课程审核医师"),
    Role.TEACHER: N_("带教老师"),
    Role.CENTRE_ADMIN: N_("培训中心管理员"),
    Role.UNIT_AUDITOR: N_("单位审核员"),
    Role.COUNTY_AUDITOR: N_("县级审核员"),
    Role.CITY_AUDITOR: N_("市级审核员"),
    Role.PROVINCE_AUDITOR: N_("省级审核员"),
    Role.ADMINISTRATOR: N_("管理员"),
}

# An auditor of a level is only made where that level stands (domain.md, section 5.2).
ROLE_PLACES: dict[Role, tuple[str, ...]] = {
    Role.UNIT_AUDITOR: ("county_hospital", "township_centre", "village_clinic", "training_centre", "commission"),
    Role.COUNTY_AUDITOR: ("county",),
    Role.CITY_AUDITOR: ("city",),
    Role.PROVINCE_AUDITOR: ("province",),
}

VILLAGE_LICENCE_YEARS = 5
LICENCE_TOO_LONG = msg("乡村医生执业证书有效期是五年（《乡村医生从业管理条例》第十六条）。请照证书核对两个日期。")

PASSWORD_LEAST = 8
PASSWORD_MOST = 128

# GB 11643-1999: weights of digits 1 to 17, and the check character by the sum modulo 11.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_ID = re.compile(r"[0-9]{17}[0-9X]")
_MOBILE = re.compile(r"[0-9]{11}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
# Letters and marks of any script, the middle dot between parts of a name, an apostrophe, a hyphen, one space.
_NAME_EXTRA = frozenset("·'’-－ .")


def licence_fault(population: Population | str | None, since: date | None, until: date | None) -> Message | None:
    """What is wrong with the days of a licence, as far as both are known: the order, and a village doctor's holds five
    years at most."""
    if since is None or until is None:
        return None
    if until < since:
        return msg("到期日要晚于发证日。")
    if population != Population.VILLAGE_DOCTOR:
        return None
    year = since.year + VILLAGE_LICENCE_YEARS
    last = date(year, since.month, min(since.day, monthrange(year, since.month)[1])) if year <= date.max.year else until
    return LICENCE_TOO_LONG if until > last else None


def check_character(first_seventeen: str) -> str:
    """The 18th character of a resident identity number (GB 11643-1999)."""
    return _CHECKS[sum(w * int(d) for w, d in zip(_WEIGHTS, first_seventeen, strict=True)) % 11]


def is_id_number(text: str, today: date) -> bool:
    """Whether this has the form of an identity number: 18 places, a real birthday, the right check character.

    The region is not judged: old regions vanish from the lists, and 000000 marks invented people.
    """
    if not _ID.fullmatch(text) or check_character(text[:17]) != text[17]:
        return False
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return date(1900, 1, 1) <= born <= today


def plain_id_number(text: str) -> str:
    """The number as it is stored: no white space, capital X."""
    return "".join(text.split()).upper()


def mask_id_number(number: str) -> str:
    """000000********002X (the form GB/T 35273 suggests)."""
    return number[:6] + "*" * 8 + number[-4:]


def plain_phone(text: str) -> str:
    """Digits alone; the country code of the mainland is dropped."""
    digits = "".join(c for c in text if c not in " -()（）")
    return digits.removeprefix("+86")


def is_phone(text: str) -> bool:
    """Whether this is a mobile number of the mainland by its length (11 digits)."""
    return bool(_MOBILE.fullmatch(text))


def mask_phone(phone: str) -> str:
    """000****0001."""
    return phone[:3] + "****" + phone[-4:]


def plain_email(text: str) -> str:
    """Mail addresses are compared without regard to case."""
    return text.strip().lower()


def is_email(text: str) -> bool:
    """Whether this could be a mail address; whether it works only a code shows."""
    return len(text) <= 120 and bool(_EMAIL.fullmatch(text))


def mask_email(email: str) -> str:
    """z***@example.org."""
    name, _, host = email.partition("@")
    return f"{name[:1]}***@{host}"


def is_name(text: str) -> bool:
    """Whether this can be a person's name: letters of any script, the middle dot, no digits or signs; ≤ 50."""
    return (
        0 < len(text) <= 50
        and any(c.isalpha() for c in text)
        and all(c.isalpha() or c in _NAME_EXTRA or _is_mark(c) for c in text)
    )


def _is_mark(character: str) -> bool:
    # Private-use characters: rare names that had no code point when they were registered.
    return "\ue000" <= character <= "\uf8ff" or "\u0300" <= character <= "\u036f"


def plain_name(text: str) -> str:
    """One middle dot for the many that keyboards offer; inner white space single. NFC is done at the door."""
    for dot in "•‧∙⋅・･●":
        text = text.replace(dot, "·")
    return " ".join(text.split())


def mask_name(name: str) -> str:
    """赵＊芳, 李＊, 买＊＊·艾＊: the first character of each part, and the last of a plain Chinese name."""
    if "·" in name:
        return "·".join(part[:1] + "＊" * (len(part) - 1) for part in name.split("·"))
    if len(name) <= 2:
        return name[:1] + "＊"
    if name.isascii():
        return name[:1] + "＊" * (len(name) - 1)
    return name[:1] + "＊" * (len(name) - 2) + name[-1]


def is_password(text: str, known: tuple[str, ...]) -> bool:
    """Whether a password will do: 8 to 128 characters, more than one kind of character, not what others know."""
    return (
        PASSWORD_LEAST <= len(text) <= PASSWORD_MOST
        and len(set(text)) > 3
        and text.casefold() not in _COMMON
        and not any(k and k in text for k in known)
    )


# What is tried first; longer lists belong to a check at a later door.
_COMMON = frozenset(
    word
    for line in (
        "12345678 123456789 1234567890 password password1 qwertyui qwerty123 abc12345 abcd1234",
        "a1234567 a12345678 11223344 12341234 87654321 iloveyou woaini1314 woaini520 xinglin123",
        "1qaz2wsx qazwsxedc 1234qwer q1w2e3r4 asdfghjkl zxcvbnm1 admin123 welcome1",
    )
    for word in line.split()
)

_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg/", "Edge"),
    ("UCBrowser", "UC"),
    ("HuaweiBrowser", "Huawei"),
    ("MiuiBrowser", "Mi"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def device_name(agent: str) -> str:
    """A device by its system and browser ("Android · Chrome"), from what the browser says it is; empty if unknown."""
    found = [next((name for sign, name in table if sign in agent), "") for table in (_SYSTEMS, _BROWSERS)]
    return " · ".join(name for name in found if name)
