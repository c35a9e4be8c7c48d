"""Three hundred generated courses out, in and out again, the same bytes: `make packages`. Prints one line of JSON."""

import json
import os
import time

import pytest
from cast import Cast
from course_generator import generated
from course_packages import zipped
from flask import Flask
from package_round import there_and_back

MANY = int(os.environ.get("TORTURE_PACKAGES", "300"))


@pytest.mark.timeout(3600)
def test_generated_courses_go_out_and_in_without_a_byte_changed(app: Flask, cast: Cast, sign_in) -> None:
    author, began = sign_in(app.test_client(), cast.author), time.monotonic()
    for seed in range(1000, 1000 + MANY):
        files = generated(seed)
        there_and_back(author, files, zipped(files, folder="outer/" if seed % 2 else ""))
    print(json.dumps({"packages": MANY, "identical": MANY, "seconds": round(time.monotonic() - began, 1)}))
