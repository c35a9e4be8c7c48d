"""Which kinds of organisation there are and what may hang below what. Pure."""

import re
from enum import StrEnum

from lms.kernel.text import N_


class Kind(StrEnum):
    """Kinds of organisation (domain.md, section 3.2)."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    MEDICAL_COMMUNITY = "medical_community"
    COUNTY_HOSPITAL = "county_hospital"
    TOWNSHIP_CENTRE = "township_centre"
    VILLAGE_CLINIC = "village_clinic"
    TRAINING_CENTRE = "training_centre"
    COMMISSION = "commission"


NAMES: dict[Kind, str] = {
    Kind.PROVINCE: N_("省"),
    Kind.CITY: N_("市"),
    Kind.COUNTY: N_("县"),
    Kind.MEDICAL_COMMUNITY: N_("医共体"),
    Kind.COUNTY_HOSPITAL: N_("县级医院"),
    Kind.TOWNSHIP_CENTRE: N_("乡镇卫生院"),
    Kind.VILLAGE_CLINIC: N_("村卫生室"),
    Kind.TRAINING_CENTRE: N_("培训中心"),
    Kind.COMMISSION: N_("卫生健康行政部门"),
}

REGIONS = (Kind.PROVINCE, Kind.CITY, Kind.COUNTY)

# A village clinic may hang directly below a county: counties without a community manage it so.
PARENTS: dict[Kind, tuple[Kind, ...]] = {
    Kind.PROVINCE: (),
    Kind.CITY: (Kind.PROVINCE,),
    Kind.COUNTY: (Kind.CITY, Kind.PROVINCE),
    Kind.MEDICAL_COMMUNITY: (Kind.COUNTY,),
    Kind.COUNTY_HOSPITAL: (Kind.MEDICAL_COMMUNITY, Kind.COUNTY),
    Kind.TOWNSHIP_CENTRE: (Kind.COUNTY_HOSPITAL, Kind.MEDICAL_COMMUNITY, Kind.COUNTY),
    Kind.VILLAGE_CLINIC: (Kind.TOWNSHIP_CENTRE, Kind.COUNTY_HOSPITAL, Kind.COUNTY),
    Kind.TRAINING_CENTRE: (
        Kind.COUNTY_HOSPITAL,
        Kind.MEDICAL_COMMUNITY,
        Kind.COUNTY,
        Kind.CITY,
        Kind.PROVINCE,
    ),
    Kind.COMMISSION: (Kind.COUNTY, Kind.CITY, Kind.PROVINCE),
}

# Characters of one level of a path, the slash not counted: every level has as many.
SEGMENT = 6

_CODE = re.compile(r"[A-Z0-9]([A-Z0-9-]{0,30}[A-Z0-9])?")
_REGION = re.compile(r"CN-[A-Z]{2}")
_PHONE = re.compile(r"\+?[0-9][0-9 -]{4,18}[0-9]")


def may_hang(kind: Kind, below: Kind | None) -> bool:
    """Whether an organisation of this kind may stand there; only a province stands at the root."""
    return below in PARENTS[kind] if below else kind is Kind.PROVINCE


def is_code(text: str) -> bool:
    """Whether this can be the code of an organisation: capitals, digits and inner hyphens, ≤ 32."""
    return bool(_CODE.fullmatch(text))


def is_region_code(text: str) -> bool:
    """Whether this is an ISO 3166-2 code of a Chinese province."""
    return bool(_REGION.fullmatch(text))


def is_phone(text: str) -> bool:
    """Whether this can be dialled: digits, spaces and hyphens, 6 to 20 characters."""
    return bool(_PHONE.fullmatch(text))


def ancestors(path: str) -> list[str]:
    """Paths of a place and of all above it, the place itself first: /a/b/ → [/a/b/, /a/]."""
    parts = path.strip("/").split("/")
    return ["/" + "/".join(parts[:n]) + "/" for n in range(len(parts), 0, -1)]
