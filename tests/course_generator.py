"""Course packages that nobody would write, from a number: odd titles, all six kinds of questions, pictures, signs of
every plane, comments and strange layout in TOML. The same number gives the same package for ever."""

import random
import struct
import zlib
from collections.abc import Callable

SIGNS = "杏林春暖血压测量脚趾缝糖尿病𬭎𠮷䶮😀❤️é̂ñßΩж한ᄀ々〇①㎎℃％·—…“”《》（）＃＆<>&;:|*_[]{}!?/'`~^$@+="
WORDS = "foot pulse Blutdruck naïve café <b>x</b> a&b 5<6 100% {gap} %(s)s $x \\\\ // -- ]]> 'q' … Ünï"
KINDS = ("single_choice", "multiple_response", "true_false", "matching", "ordering", "numeric")


class Maker:
    """One package under way."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.dice = random.Random(f"package {seed}")
        self.code = f"GEN-{seed:05d}"
        self.slug = f"gen-{seed:05d}"

    def words(self, most: int = 12) -> str:
        """Something to read that is not empty when stripped."""
        few = self.dice.randint(1, most)
        said = "".join(self.dice.choice(SIGNS) for _ in range(few)) + " " + self.dice.choice(WORDS.split(" "))
        return "字" + said.strip()

    def toml(self, text: str) -> str:
        """A string in one of the ways TOML has for it."""
        ways: list[Callable[[str], str]] = [_basic, _escaped]
        if "'" not in text:
            ways.append(lambda said: f"'{said}'")
        ways.append(lambda said: '"""' + _basic(said)[1:-1] + '"""')
        return self.dice.choice(ways)(text)

    def both(self, most: int = 12) -> str:
        comma = self.dice.choice([", ", ",", " , "])
        return f"{{ zh = {self.toml(self.words(most))}{comma}en = {self.toml('E ' + self.words(most))} }}"

    def remark(self) -> str:
        """A comment, or blank lines, or nothing."""
        said = self.words(6).replace("\n", " ")
        return self.dice.choice(["", "\n", f"# {said}\n", "\n\n   # 注\n", "\t\n"])

    def files(self) -> dict[str, bytes]:
        """The whole package by path."""
        lessons = self.dice.randint(1, 4)
        self.checks = [f"{self.code}-C{number}" for number in range(lessons)]
        found: dict[str, bytes] = {}
        pictures = self._pictures(found)
        for number in range(lessons):
            for language in ("zh", "en"):
                text = self._lesson(number, language, pictures)
                found[f"lessons/{number + 1:02d}-part-{number + 1}.{language}.md"] = self._bytes(text)
        kinds = [KINDS[(self.seed + place) % 3] for place in range(lessons)]
        checks = [self._item(code, "check", kind) for code, kind in zip(self.checks, kinds, strict=True)]
        many = self.dice.randint(17, 24)
        bank = [self._item(f"{self.code}-{n:03d}", "assessment", KINDS[n % 6]) for n in range(many)]
        half = len(bank) // 2
        found["items/checks.toml"] = self._bytes("".join(checks))
        found["items/a.toml"] = self._bytes("".join(bank[:half]))
        found["items/b.toml"] = self._bytes("".join(bank[half:]))
        found["course.toml"] = self._bytes(self._course())
        return dict(sorted(found.items(), key=lambda _: self.dice.random()))

    def _bytes(self, text: str) -> bytes:
        """Sometimes as a desktop writes it: another line end, a mark at the beginning."""
        way = self.dice.randrange(8)
        if way == 0:
            text = text.replace("\n", "\r\n")
        data = text.encode()
        return b"\xef\xbb\xbf" + data if way == 1 else data

    def _course(self) -> str:
        return "".join(
            [
                self.remark(), f'code = "{self.code}"\n', self.remark(), f'slug = "{self.slug}" # {self.seed}\n',
                'centre = "TC-DEMO"\n', 'subject = "emergency"\n', 'audience = [ "nurse" , "village_doctor" ,]\n',
                'hours = "0.5"\n', "prerequisites = [ ]\n", 'languages = ["zh","en"]\n',
                self.dice.choice(['reviewer = "none"\n', f"reviewer = {self.toml(self.words(4))}\n"]),
                "review_by = 2099-11-30\n", f"title = {self.both()}\n", self.remark(), f"summary = {self.both(60)}\n",
                f'\n[[objectives]]\nid = "o1"\n{self.remark()}text = {self.both()}\n',
                f'[[topics]]\nid = "t1"\ntitle = {self.both()}\n', self.remark(),
                f'[[sources]]\nid = "s1"\ntitle = {self.both()}\nissuer = {self.both()}\nyear = 2017\n',
                f'section = {self.both()}\ncertainty = "official"\n',
                self.dice.choice(["", 'url = "https://example.org/a?b=1&c=%20#d"\n']),
                "[assessment]\nminutes = 30\npass_mark = 80\nattempts = 3\ncooldown_minutes = 60\n",
                f'show_answers = "after_pass"\ntitle = {self.both()}\n[[assessment.draw]]\ntopic = "t1"\ncount = 15\n',
                self.remark(),
            ]
        )  # fmt: skip

    def _lesson(self, number: int, language: str, pictures: list[str]) -> str:
        title = self.toml(("E " if language == "en" else "") + self.words(8)).replace('"""', '"')
        said = _plain(self.words(40))
        parts = [f"{said}[^s1]。", f"## {_plain(self.words(6))}", f"::: key {_plain(self.words(5))}\n{said}\n:::"]
        if pictures:
            parts.append(f'![{_plain(self.words(5))}](media/{self.dice.choice(pictures)} "{_plain(self.words(3))}")')
        parts.append(f"| 甲 | 乙 |\n|---|--:|\n| {_plain(self.words(4))} | 140 |")
        parts.append(f"1. {said}\n2. **{_plain(self.words(3))}**")
        parts.append(f"::: check {self.checks[number]}\n:::")
        front = f'title = {title}\nminutes = 7\n{self.remark()}objectives = ["o1"]\nsources = ["s1"]\n'
        gap = "\n" * self.dice.randint(2, 4)
        return f"+++\n{front}+++\n{gap.join(parts)}{self.dice.choice(['', chr(10), chr(10) * 3])}"

    def _pictures(self, found: dict[str, bytes]) -> list[str]:
        names = []
        for number in range(self.dice.randint(0, 3)):
            if self.dice.random() < 0.5:
                names.append(f"draw-{number}.svg")
                found[f"media/draw-{number}.svg"] = (
                    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 120"><rect width="320" height="120"/>'
                    f'<text x="9" y="40">{_plain(self.words(5))}</text></svg>'
                ).encode()
            else:
                names.append(f"photo-{number}.png")
                found[f"media/photo-{number}.png"] = _png(self.dice)
        return names

    def _item(self, code: str, use: str, kind: str) -> str:
        own = {
            "single_choice": self._options(1), "multiple_response": 'scoring = "per_option"\n' + self._options(2),
            "true_false": f"answer = {self.dice.choice(['true', 'false'])}\n",
            "matching": "pairs = [\n" + "".join(
                f"  {{ id = \"{one}\", left = {self._with(one)}, right = {self._with(one)} }},\n" for one in "abc"
            ) + "]\n",
            "ordering": "steps = [\n" + "".join(
                f'  {{ id = "{one}", text = {self._with(one)} }},{self.dice.choice(["", " # 步"])}\n' for one in "abcd"
            ) + "]\n",
            "numeric": f'answer = "{self.dice.randint(1, 300)}.5"\ntolerance = "0.5"\n'
            'unit = { zh = "mmHg", en = "mmHg" }\n',
        }  # fmt: skip
        return (
            f'{self.remark()}[[item]]\ncode = "{code}"\ntype = "{kind}"\nuse = "{use}"\ntopic = "t1"\ndifficulty = 1\n'
            f'objective = "o1"\nsources = ["s1"]\nstem = {self.both(30)}\nexplanation = {self.both(30)}\n{own[kind]}'
        )

    def _with(self, mark: str) -> str:
        """Words that no other option of the question has."""
        return f"{{ zh = {self.toml(f'{self.words(8)} {mark}')}, en = {self.toml(f'E {self.words(8)} {mark}')} }}"

    def _options(self, right: int) -> str:
        rows = []
        for place, mark in enumerate("abcd"):
            truth = ", correct = true" if place < right else ""
            rows.append(f'  {{ id = "{mark}", text = {self._with(mark)}{truth} }},{self.dice.choice(["", " # 选"])}\n')
        return "options = [\n" + "".join(rows) + "]\n"


def _basic(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _escaped(text: str) -> str:
    return '"' + "".join(f"\\U{ord(sign):08X}" if ord(sign) > 0x2FF else _basic(sign)[1:-1] for sign in text) + '"'


def _plain(text: str) -> str:
    """Words that mean nothing in Markdown or XML."""
    return "".join(sign for sign in text if sign not in "<>&|*_[]{}`^~#:!\\'\"$@+=%;/-(): ").strip() or "字"


def _png(dice: random.Random) -> bytes:
    width, height = dice.randint(1, 12), dice.randint(1, 12)
    rows = b"".join(b"\0" + dice.randbytes(3 * width) for _ in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def generated(seed: int) -> dict[str, bytes]:
    """The package of this number."""
    return Maker(seed).files()
