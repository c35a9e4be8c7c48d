"""Who and what there is in the invented county. Names are made up; numbers begin with 000."""

from dataclasses import dataclass
from datetime import date
from random import Random

from lms.kernel.actor import Role
from lms.people.rules import Population, check_character

COUNTY = "LB-YL"
CENTRE = "TC-DEMO"

# kind, code, name, English name, code of the parent
PLACES: tuple[tuple[str, str, str, str, str | None], ...] = (
    ("province", "LB", "岭北省", "Lingbei Province", None),
    ("city", "LB-YZ", "云州市", "Yunzhou City", "LB"),
    ("county", COUNTY, "云岭县", "Yunling County", "LB-YZ"),
    ("commission", "LB-YL-WJ", "云岭县卫生健康局", "Yunling County Health Bureau", COUNTY),
    ("commission", "LB-WJ", "岭北省卫生健康委员会", "Lingbei Provincial Health Commission", "LB"),
    ("medical_community", "LB-YL-YGT", "云岭县医共体", "Yunling County Medical Community", COUNTY),
    ("county_hospital", "LB-YL-YY", "云岭县人民医院", "Yunling County Hospital", "LB-YL-YGT"),
    ("training_centre", CENTRE, "云岭县基层卫生培训中心", "Yunling Training Centre for Grassroots Health", COUNTY),
    ("township_centre", "LB-YL-LX", "柳溪镇卫生院", "Liuxi Township Health Centre", "LB-YL-YY"),
    ("township_centre", "LB-YL-QS", "青石镇卫生院", "Qingshi Township Health Centre", "LB-YL-YY"),
    ("township_centre", "LB-YL-HT", "黄土岗乡卫生院", "Huangtugang Township Health Centre", "LB-YL-YY"),
    ("village_clinic", "LB-YL-LX-01", "石门沟村卫生室", "Shimengou Village Clinic", "LB-YL-LX"),
    ("village_clinic", "LB-YL-LX-02", "上坪村卫生室", "Shangping Village Clinic", "LB-YL-LX"),
    ("village_clinic", "LB-YL-LX-03", "柳树湾村卫生室", "Liushuwan Village Clinic", "LB-YL-LX"),
    ("village_clinic", "LB-YL-LX-04", "小河口村卫生室", "Xiaohekou Village Clinic", "LB-YL-LX"),
    ("village_clinic", "LB-YL-QS-01", "青石村卫生室", "Qingshi Village Clinic", "LB-YL-QS"),
    ("village_clinic", "LB-YL-QS-02", "南洼村卫生室", "Nanwa Village Clinic", "LB-YL-QS"),
    ("village_clinic", "LB-YL-QS-03", "大梁村卫生室", "Daliang Village Clinic", "LB-YL-QS"),
    ("village_clinic", "LB-YL-QS-04", "枣园村卫生室", "Zaoyuan Village Clinic", "LB-YL-QS"),
    ("village_clinic", "LB-YL-HT-01", "黄土岗村卫生室", "Huangtugang Village Clinic", "LB-YL-HT"),
    ("village_clinic", "LB-YL-HT-02", "北沟村卫生室", "Beigou Village Clinic", "LB-YL-HT"),
    ("village_clinic", "LB-YL-HT-03", "杨庄村卫生室", "Yangzhuang Village Clinic", "LB-YL-HT"),
    ("county", "LB-ST", "石塘县", "Shitang County", "LB-YZ"),
    ("training_centre", "TC-ST", "石塘县培训中心", "Shitang Training Centre", "LB-ST"),
    ("village_clinic", "LB-ST-01", "河湾村卫生室", "Hewan Village Clinic", "LB-ST"),
)
CONTACTS = {
    "LB-YL-LX": ("孙海燕", "0000-555 0142"),
    "LB-YL-QS": ("许明霞", "0000-555 0153"),
    "LB-YL-HT": ("邓立新", "0000-555 0164"),
}


@dataclass(frozen=True)
class Somebody:
    """One invented person: account (of the six), name, workplace, roles as (role, place)."""

    serial: int
    name: str
    workplace: str
    population: Population
    roles: tuple[tuple[Role, str], ...]
    account: str = ""

    @property
    def phone(self) -> str:
        return f"000{self.serial:08d}"

    @property
    def id_number(self) -> str:
        born = date(1962 + self.serial % 34, 1 + self.serial % 12, 1 + self.serial % 28)
        digits = f"000000{born:%Y%m%d}{self.serial:03d}"
        return digits + check_character(digits)


STAFF = Population.STAFF
KEY_PEOPLE: tuple[tuple[str, str, str, Population, tuple[tuple[Role, str], ...]], ...] = (
    ("doctor", "赵桂芳", "LB-YL-LX-01", Population.VILLAGE_DOCTOR, ((Role.LEARNER, "LB-YL-LX-01"),)),
    ("author", "陈望舒", CENTRE, STAFF, ((Role.AUTHOR, CENTRE), (Role.CENTRE_ADMIN, CENTRE))),
    ("reviewer", "林清和", "LB-YL-YY", Population.PHYSICIAN,
     ((Role.REVIEWER, CENTRE), (Role.LEARNER, "LB-YL-YY"), (Role.TEACHER, "LB-YL-YY"))),
    ("auditor", "何文静", "LB-YL-WJ", STAFF, ((Role.COUNTY_AUDITOR, COUNTY),)),
    ("province", "周远山", "LB-WJ", STAFF, ((Role.PROVINCE_AUDITOR, "LB"),)),
    ("admin", "孙海燕", "LB-YL-WJ", STAFF, ((Role.ADMINISTRATOR, COUNTY),)),
)
SURNAMES = "李王张刘陈杨黄周吴徐马朱胡郭何高罗郑梁谢宋唐许韩冯邓曹彭曾"
GIVEN = (
    "春生", "玉梅", "德福", "秀兰", "建国", "桂英", "志强", "凤霞", "永华", "素珍", "长顺", "丽娟",
    "文斌", "月娥", "国庆", "翠莲", "海军", "小琴", "保田", "红梅", "金山", "彩云", "大勇", "淑芬",
    "根生", "晓燕", "树林", "桂香", "福来", "爱莲", "振华", "玉兰", "满仓", "秋菊", "立春", "银花",
)
RARE = ("买买提·艾力", "王㛃", "李䶮", "赵𬭎")


def people() -> list[Somebody]:
    """The six accounts, 54 more, and last who audits a township's people: the same every time."""
    chance = Random(20260101)  # noqa: S311 - invented people, not secrets
    everybody = [
        Somebody(serial, name, workplace, population, roles, account)
        for serial, (account, name, workplace, population, roles) in enumerate(KEY_PEOPLE, start=1)
    ]
    clinics = [code for kind, code, *_ in PLACES if kind == "village_clinic"]
    centres = [code for kind, code, *_ in PLACES if kind == "township_centre"]
    names = list(RARE)
    while len(names) < 54:
        name = chance.choice(SURNAMES) + chance.choice(GIVEN)
        if name not in names:
            names.append(name)
    for index, name in enumerate(names):
        if index < 42:
            workplace, population = clinics[index % len(clinics)], Population.VILLAGE_DOCTOR
            if index % 7 == 3:
                population = Population.ASSISTANT_PHYSICIAN
        else:
            workplace, population = centres[index % 3], Population.PHYSICIAN
        everybody.append(
            Somebody(
                len(everybody) + 1, name, workplace, population, ((Role.LEARNER, workplace),)
            )
        )
    unit = ("钱文秀", "LB-YL-LX", STAFF, ((Role.UNIT_AUDITOR, "LB-YL-LX"),), "unit")
    return [*everybody, Somebody(len(everybody) + 1, *unit)]
