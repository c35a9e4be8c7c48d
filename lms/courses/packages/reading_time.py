"""How long a lesson takes: its words at a reading speed, its films and sound as long as they are. Self-checks and
hand-outs are not counted."""

import re
from dataclasses import dataclass

LETTERS_A_MINUTE, WORDS_A_MINUTE = 400, 240
"""Chinese characters, and words or figures in Latin script, that somebody reads in a minute."""
FASTER = 1.5
"""Some read half as fast again; only what is too long for them, too, is held against an author."""
SLACK = 30
"""Seconds that nobody counts: minutes are declared in whole numbers."""

LETTER = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
WORD = re.compile(r"[A-Za-z0-9][\w'’.%/-]*")


@dataclass(frozen=True, slots=True)
class Length:
    """What a lesson in one language holds: characters, words, seconds of film and sound."""

    letters: int = 0
    words: int = 0
    seconds: int = 0

    def __add__(self, other: "Length") -> "Length":
        return Length(self.letters + other.letters, self.words + other.words, self.seconds + other.seconds)

    @property
    def reading(self) -> float:
        """Seconds of reading."""
        return 60 * (self.letters / LETTERS_A_MINUTE + self.words / WORDS_A_MINUTE)

    @property
    def minutes(self) -> int:
        """Whole minutes, rounded up, one at least."""
        return max(1, -int(-(self.reading + self.seconds) // 60))

    @property
    def least(self) -> float:
        """Seconds for who reads fast; films play no faster."""
        return self.reading / FASTER + self.seconds

    def longer_than(self, minutes: int) -> bool:
        """Whether it takes clearly more than so many minutes."""
        return self.least > 60 * minutes + SLACK


def length_of(text: str) -> Length:
    """The length of some text."""
    return Length(len(LETTER.findall(text)), len(WORD.findall(text)))
