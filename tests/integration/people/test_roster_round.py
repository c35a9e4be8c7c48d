"""The short form of `make roster`: three hundred people from five kinds of file, there and back."""

from collections.abc import Callable

from cast import Cast
from flask import Flask
from roster_files import roster
from roster_round import PLACES, there_and_back


def test_every_file_leaves_the_same_people_and_taken_back_nothing(
    app: Flask, cast: Cast, work_off: Callable[[Flask], int]
) -> None:
    def work(app: Flask) -> dict[str, int]:
        return {"tasks": work_off(app)}

    there_and_back(app, cast, roster(300, PLACES), work, done=("xlsx", "gb18030"))
