"""The pathways that come with the house: each line has its ground, each named thing is there."""

from pathlib import Path

import pytest

from lms.credits.rules.reading import FaultyFileError
from lms.pathways import catalogue
from lms.pathways.rules.loading import load_pathway
from lms.pathways.rules.pathway import Pathway, Verifier
from lms.pathways.rules.records import Kind
from lms.pathways.rules.schema import SCHEMAS

FILES = sorted(catalogue.FOLDER.rglob("*.toml"))


def shipped(file: Path) -> Pathway:
    return load_pathway(file.read_bytes(), file.name)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_file_can_be_used_and_bears_its_name(file: Path) -> None:
    found = shipped(file)
    assert found.requirements
    assert file.parent.name == "templates" or found.id == file.stem


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_requirement_says_where_it_comes_from(file: Path) -> None:
    found = shipped(file)
    for line in (*found.requirements, *found.modules):
        assert all(line.grounds.citation.both().values())
        assert found.source(line.grounds.source).title.en


@pytest.mark.parametrize("key", ["source", "citation", "certainty"])
def test_a_requirement_without_a_ground_is_refused(key: str) -> None:
    text = (catalogue.FOLDER / "templates" / "county.toml").read_text(encoding="utf-8")
    head, line = text.split("[[requirements]]", 1)
    bare = "\n".join(one for one in line.split("\n") if not one.startswith(f"{key} = "))
    with pytest.raises(FaultyFileError) as refused:
        load_pathway(f"{head}[[requirements]]{bare}".encode(), "county.toml")
    assert f"requirements[0].{key}" in {fault.key for fault in refused.value.faults}


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ('stage = "train"', 'stage = "nowhere"', "requirements[0].stage"),
        ('needs = ["T1"]', 'needs = ["T9"]', "requirements[1].needs"),
        ('shape = "held"', 'shape = "hold"', "requirements[1].shape"),
        ('kind = "final_assessment"', 'kind = "final"', "requirements[1].kind"),
        ('result = ["pass"]', 'result = ["passed"]', "requirements[1].where.result"),
        ('programme = ["county-programme"], ', 'colour = ["red"], ', "requirements[1].where.colour"),
        ('amount = "40"', 'amount = "0"', "modules[0].amount"),
        ('id = "county-programme"', 'id = "County programme"', "id"),
        ('id = "county-programme"', 'id = "records"', "id"),
    ],
)
def test_a_fault_is_named_with_its_key(before: str, after: str, key: str) -> None:
    text = (catalogue.FOLDER / "templates" / "county.toml").read_text(encoding="utf-8")
    assert before in text
    with pytest.raises(FaultyFileError) as refused:
        load_pathway(text.replace(before, after, 1).encode(), "county.toml")
    assert key in {fault.key for fault in refused.value.faults}


def test_requirements_that_need_each_other_are_refused() -> None:
    text = (catalogue.FOLDER / "templates" / "county.toml").read_text(encoding="utf-8")
    circle = text.replace('shape = "modules"', 'needs = ["T2"]\nshape = "modules"')
    with pytest.raises(FaultyFileError):
        load_pathway(circle.encode(), "county.toml")


def test_what_is_remembered_only_is_labelled() -> None:
    """Facts that nobody has read in a text yet never stand as law (domain.md: [M])."""
    rural = catalogue.library()["rural-gp-assistant"]
    doubtful = {one.code for one in rural.requirements if one.grounds.certainty.labelled}
    assert doubtful == {"V1", "E3", "L3"}


def test_every_kind_of_record_has_a_form_and_is_asked_somewhere() -> None:
    assert set(SCHEMAS) == set(Kind)
    asked = {kind for one in catalogue.library().values() for line in one.requirements for kind in line.shape.kinds()}
    assert set(Kind) - asked == {Kind.BAN}


def test_what_the_practical_examination_asks_the_written_one_asks_too() -> None:
    """Both are steps of one examination: who is banned, or has not what is asked, enters neither."""
    seen = 0
    for pathway in catalogue.library().values():
        lines = {line.shape.kinds()[0]: line for line in pathway.requirements if len(line.shape.kinds()) == 1}
        if Kind.EXAM_WRITTEN in lines:
            practical, written = lines[Kind.EXAM_PRACTICAL], lines[Kind.EXAM_WRITTEN]
            assert set(written.needs) == {*practical.needs, practical.code}, pathway.id
            seen += 1
    assert seen == 4


def test_credits_alone_are_counted_by_the_house() -> None:
    for pathway in catalogue.library().values():
        by_house = {one.shape_name for one in pathway.requirements if Verifier.HOUSE in one.by}
        assert by_house <= {"year_pass"}
