"""An invented province: its places, its doctors, who audits and administers them. Pure, the same for a seed number.

Sizes follow the population model of domain.md, section 4.2: 62,982 doctors at scale 1, counties of 30 to 2,000,
clinics of one to five people. Only the province has a real name; it is where its real rules would apply.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from random import Random
from uuid import UUID

from lms.demo.county import CENTRE, GIVEN, SURNAMES
from lms.kernel.actor import Role
from lms.organisations.bulk import NewPlace
from lms.organisations.rules import SEGMENT, Kind
from lms.people.bulk import NewPerson
from lms.people.notices.rules import months_before
from lms.people.rules import Population, check_character

DOCTORS = 62_982
SMALLEST, LARGEST, USUAL = 30, 2000, 380  # doctors in a county
CITIES = 11
CLINICS_IN_TOWNSHIP = 22
IN_CLINIC = ((1, 80), (2, 14), (3, 4), (4, 1), (5, 1))  # 62,982 people in 48,696 clinics
SKEW = 1.0
YEARS = 5
# What somebody does in a year, as a share of the usual: most do enough, some little, a few next to nothing.
DILIGENCE = ((0.15, 4), (0.45, 8), (0.75, 14), (0.95, 20), (1.1, 30), (1.25, 18), (1.5, 6))
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
# Chosen so that no county is called so.
FIRST, SECOND = "霁禾芷榆栎桐岚漪澄苇荻棠楸槿蒲菱霞雁鹭杏梨枫", "屿汀渚岫峦坳畈墩埠堰荡坞峪涧濑渡塬甸"
VILLAGES = ("庄", "沟", "湾", "坡", "洼", "峪", "台", "堡")
ACCOUNTS = ("doctor", "author", "reviewer", "auditor", "city", "province", "admin")
VERSION, VARIANT = 0x7 << 76, 0b10 << 62


class Ids:
    """Ids of the form of UUIDv7 that follow from a place in a row and from chance; each is above the one before."""

    def __init__(self, base: datetime, place: int, chance: Random) -> None:
        self.high = (int(base.timestamp() * 1000) + place & 0xFFFFFFFFFFFF) << 80 | VERSION
        self.chance, self.count = chance, 0

    def __call__(self) -> UUID:
        self.count += 1
        high = self.high + (self.count >> 12 << 80) + ((self.count & 0xFFF) << 64)
        return UUID(int=high | VARIANT | self.chance.getrandbits(62))


@dataclass(frozen=True, slots=True)
class County:
    """A county with who enters and who audits there."""

    number: int
    place: NewPlace
    administrator: UUID
    auditor: UUID


@dataclass(frozen=True, slots=True)
class Doctor:
    """A doctor by her number, which all of her history follows from."""

    number: int
    person: NewPerson
    workplace: NewPlace
    county: County
    diligence: float


@dataclass
class Province:
    """What is to be written, in the order in which it can be."""

    seed: int
    today: date
    places: list[NewPlace] = field(default_factory=list)
    staff: list[NewPerson] = field(default_factory=list)
    counties: list[County] = field(default_factory=list)
    doctors: list[Doctor] = field(default_factory=list)

    @property
    def root(self) -> NewPlace:
        return self.places[0]

    @property
    def years(self) -> range:
        return range(self.today.year - YEARS + 1, self.today.year + 1)

    @property
    def begun(self) -> datetime:
        """When the first of its years began to be prepared."""
        return datetime(self.years[0] - 1, 12, 1, 2, tzinfo=UTC)

    @property
    def base(self) -> datetime:
        """The instant that ids are counted from: the morning of the seeding."""
        return datetime.combine(self.today, time(), UTC) - timedelta(hours=8)


def province(seed: int, scale: float, today: date) -> Province:
    """The whole plan."""
    return _Planner(seed, today).plan(max(2 * SMALLEST, round(DOCTORS * scale)))


def county_sizes(doctors: int, chance: Random) -> list[int]:
    """How many doctors each county has: a few are large, many are small."""
    count = max(2, round(doctors / USUAL))
    weights = sorted((chance.lognormvariate(0, SKEW) for _ in range(count)), reverse=True)
    total = sum(weights)
    sizes = [min(LARGEST, max(SMALLEST, round(doctors * one / total))) for one in weights]
    while left := doctors - sum(sizes):
        step = 1 if left > 0 else -1
        room = [at for at, size in enumerate(sizes) if SMALLEST <= size + step <= LARGEST]
        for at in chance.sample(room, min(abs(left), len(room))):
            sizes[at] += step
    chance.shuffle(sizes)
    return sizes


class _Planner:
    def __init__(self, seed: int, today: date) -> None:
        self.chance = Random(f"{seed}/places")  # noqa: S311 - invented people, no secrets
        self.made = Province(seed, today)
        self.ids = Ids(self.made.base, 0, self.chance)
        self.serial = 0

    def plan(self, doctors: int) -> Province:
        made = self.made
        self._place(Kind.PROVINCE, "河北省（演示）", "Hebei Province (demonstration)", "HE", None)
        names = ["".join(pair) for pair in product(FIRST, SECOND)]
        self.chance.shuffle(names)
        root = made.root
        commission = self._place(Kind.COMMISSION, "省卫生健康委员会", "Provincial Health Commission", "HE-WJ", root)
        centre = self._place(Kind.TRAINING_CENTRE, "省基层卫生培训中心", "Provincial Training Centre", CENTRE, root)
        self._province_staff(commission, centre)
        sizes = county_sizes(doctors, self.chance)
        cities = [
            self._place(Kind.CITY, f"{names.pop()}市", f"City {n}", f"HE-S{n:02d}", made.root)
            for n in range(1, min(CITIES, len(sizes)) + 1)
        ]
        for number, city in enumerate(cities, 1):
            roles = ((Role.CITY_AUDITOR, city),)
            self._staff(commission, city, roles, "city" if number == 1 else "")
        for number, size in enumerate(sizes, 1):
            self._county(number, size, names.pop(), cities[(number - 1) % len(cities)])
        return made

    def _province_staff(self, commission: NewPlace, centre: NewPlace) -> None:
        root = self.made.root
        self._staff(commission, root, ((Role.PROVINCE_AUDITOR, root),), "province")
        self._staff(commission, root, ((Role.ADMINISTRATOR, root),), "admin")
        self._staff(centre, root, ((Role.AUTHOR, centre), (Role.CENTRE_ADMIN, centre)), "author")
        self._staff(centre, root, ((Role.REVIEWER, centre),), "reviewer")

    def _county(self, number: int, size: int, name: str, city: NewPlace) -> None:
        code = f"HE-X{number:03d}"
        place = self._place(Kind.COUNTY, f"{name}县", f"County {number}", code, city)
        bureau = self._place(Kind.COMMISSION, f"{name}县卫生健康局", f"Health Bureau {number}", f"{code}-WJ", place)
        hospital = self._place(Kind.COUNTY_HOSPITAL, f"{name}县医院", f"County Hospital {number}", f"{code}-YY", place)
        auditor = self._staff(bureau, place, ((Role.COUNTY_AUDITOR, place),), "auditor" if number == 1 else "")
        administrator = self._staff(bureau, place, ((Role.ADMINISTRATOR, place),), "")
        county = County(number, place, administrator.id, auditor.id)
        self.made.counties.append(county)
        # In every third county the hospital leads the townships, as in a tight medical community.
        above = hospital if number % 3 == 0 else place
        towns = 0
        while size:
            towns += 1
            size = self._township(county, above, f"{code}-T{towns:02d}", size)

    def _township(self, county: County, above: NewPlace, code: str, left: int) -> int:
        name = self.chance.choice(FIRST) + self.chance.choice(SECOND)
        contact = self._name()
        phone = f"0000-555 {self.chance.randrange(10_000):04d}"
        town = self._place(Kind.TOWNSHIP_CENTRE, f"{name}镇卫生院", f"Township Centre {code}", code, above,
                           phone=phone, contact_name=contact)  # fmt: skip
        crowds = self.chance.choices([n for n, _ in IN_CLINIC], [w for _, w in IN_CLINIC], k=CLINICS_IN_TOWNSHIP)
        for number, crowd in enumerate(crowds, 1):
            if not left:
                break
            village = self.chance.choice(SURNAMES) + "家" + self.chance.choice(VILLAGES)
            clinic = self._place(Kind.VILLAGE_CLINIC, f"{village}村卫生室", f"Village Clinic {code}-{number}",
                                 f"{code}-V{number:02d}", town)  # fmt: skip
            for _ in range(min(crowd, left)):
                left -= 1
                self._doctor(clinic, town, county)
        return left

    def _place(
        self, kind: Kind, name: str, name_en: str, code: str, parent: NewPlace | None,
        *, phone: str = "", contact_name: str = "",
    ) -> NewPlace:  # fmt: skip
        region = "CN-HE" if parent is None else None
        made = NewPlace(self.ids(), kind, name, name_en, code, self._segment(), parent, region, phone, contact_name)
        self.made.places.append(made)
        return made

    def _segment(self) -> str:
        return "".join(self.chance.choices(LETTERS, k=SEGMENT))

    def _name(self) -> str:
        return self.chance.choice(SURNAMES) + self.chance.choice(GIVEN)

    def _staff(
        self, workplace: NewPlace, authority: NewPlace, roles: tuple[tuple[Role, NewPlace], ...], account: str
    ) -> NewPerson:
        person = self._person(workplace, workplace, authority, Population.STAFF, roles, account)
        self.made.staff.append(person)
        return person

    def _doctor(self, clinic: NewPlace, town: NewPlace, county: County) -> None:
        made, chance = self.made, self.chance
        first = not made.doctors
        population = Population.ASSISTANT_PHYSICIAN if chance.random() < 0.12 else Population.VILLAGE_DOCTOR
        employer = town if chance.random() < 0.5 else clinic
        roles = ((Role.LEARNER, clinic),)
        person = self._person(clinic, employer, county.place, population, roles, "doctor" if first else "")
        share = chance.choices([one for one, _ in DILIGENCE], [weight for _, weight in DILIGENCE])[0]
        made.doctors.append(Doctor(len(made.doctors), person, clinic, county, 0.95 if first else share))

    def _person(
        self, workplace: NewPlace, employer: NewPlace, authority: NewPlace, population: Population,
        roles: tuple[tuple[Role, NewPlace], ...], account: str,
    ) -> NewPerson:  # fmt: skip
        self.serial += 1
        licensed = population is not Population.STAFF
        until = self.made.today + timedelta(days=self.chance.randrange(20, 1800))
        return NewPerson(
            id=self.ids(), posting_id=self.ids(), name=self._name(), population=population,
            phone=f"000{self.serial:08d}", id_number=self._id_number(), workplace_id=workplace.id,
            employer_id=employer.id, authority_id=authority.id, since=self.made.begun.date(),
            email=f"{account}@demo.example" if account else None,
            roles=tuple((self.ids(), role, place.id, place.path) for role, place in roles),
            licence_from=months_before(until, 60) if licensed else None,
            licence_until=until if licensed else None,
        )  # fmt: skip

    def _id_number(self) -> str:
        # A day of birth has room for a thousand people; nobody shares one with somebody of the same serial.
        born = date(1955, 1, 1) + timedelta(days=7 * (self.serial // 1000) + 61 * (self.serial % 199))
        digits = f"000000{born:%Y%m%d}{self.serial % 1000:03d}"
        return digits + check_character(digits)


def accounts(made: Province) -> Iterator[tuple[str, str, str]]:
    """Name, phone and workplace code of those who can be signed in as."""
    by_id = {place.id: place.code for place in made.places}
    found = {one.email: one for one in [*made.staff, made.doctors[0].person] if one.email}
    for name in ACCOUNTS:
        one = found[f"{name}@demo.example"]
        yield name, one.phone, by_id[one.workplace_id]
