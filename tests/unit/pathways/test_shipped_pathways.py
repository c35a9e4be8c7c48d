"""The pathways that come with the house: each line has its ground, each named thing is there."""

import re
from pathlib import Path

import pytest
from county_programme import TEMPLATE, WORDS, county_programme

from lms.credits.rules.reading import FaultyFileError
from lms.credits.saying import PLACE_NAMES
from lms.pathways import catalogue
from lms.pathways.rules.loading import PLACEHOLDERS, load_pathway
from lms.pathways.rules.pathway import Pathway, Verifier
from lms.pathways.rules.places import NATION, PROVINCES
from lms.pathways.rules.records import Kind
from lms.pathways.rules.schema import SCHEMAS

FILES = sorted(catalogue.FOLDER.glob("*.toml"))


def shipped(file: Path) -> Pathway:
    return load_pathway(file.read_bytes(), file.name)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_file_can_be_used_and_bears_its_name(file: Path) -> None:
    found = shipped(file)
    assert found.requirements
    assert found.id == file.stem


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_requirement_says_where_it_comes_from(file: Path) -> None:
    found = shipped(file)
    for line in (*found.requirements, *found.modules):
        assert all(line.grounds.citation.both().values())
        assert found.source(line.grounds.source).title.en


@pytest.mark.parametrize("key", ["source", "citation", "certainty"])
def test_a_requirement_or_a_module_without_a_ground_is_refused(key: str) -> None:
    """Each of them, not only the first."""
    head, *lines = re.split(r"(?=\[\[(?:requirements|modules)\]\])", county_programme())
    assert len(lines) == 3
    for number, name in enumerate(["requirements[0]", "requirements[1]", "modules[0]"]):
        bare = "\n".join(one for one in lines[number].split("\n") if not one.startswith(f"{key} = "))
        text = "".join((head, *lines[:number], bare, *lines[number + 1 :]))
        assert faults_of(text) == {f"{name}.{key}"}


def faults_of(text: str, *beside: str) -> set[str]:
    """The keys of all faults; empty for what can be used."""
    try:
        load_pathway(text.encode(), "county.toml", beside)
    except FaultyFileError as refusal:
        return {fault.key for fault in refusal.faults}
    return set()


def test_a_programme_that_a_county_filled_in_can_be_used() -> None:
    found = load_pathway(county_programme("yunling-plan").encode(), "yunling.toml")
    assert (found.id, found.jurisdiction) == ("yunling-plan", "LB-YL")


def test_a_template_that_is_not_filled_in_is_refused_line_by_line() -> None:
    """A copy of which only the id was changed: every word of the template, and the programme that no form offers."""
    text = TEMPLATE.read_text(encoding="utf-8").replace('id = "county-programme"', 'id = "yunling-plan"', 1)
    grounds = {"requirements[0].citation", "requirements[1].citation", "modules[0].citation"}
    words = {"title", "summary", "sources[0].title", "sources[0].issuer", "requirements[0].title", "modules[0].title"}
    named = {f"{key}.{language}" for key in grounds | words for language in ("zh", "en")}
    assert faults_of(text) == {*named, "jurisdiction", "requirements[1].where.programme"}


def test_the_words_of_the_template_are_those_that_are_refused() -> None:
    assert set(WORDS) - {"本县的代码"} == PLACEHOLDERS
    text = TEMPLATE.read_text(encoding="utf-8")
    assert all(f'"{word}"' in text for word in PLACEHOLDERS)


def test_one_word_of_the_template_that_was_left_is_named() -> None:
    for word, own in WORDS.items():
        text = county_programme().replace(f'"{own}"', f'"{word}"', 1)
        (key,) = faults_of(text)
        assert key == "jurisdiction" or key.endswith((".zh", ".en"))


def test_a_line_asks_for_its_own_programme_or_for_another_of_the_house() -> None:
    key, line = "requirements[1].where.programme", 'programme = ["county-programme"]'
    other = county_programme().replace(line, 'programme = ["gp-transfer-2010"]')
    assert faults_of(other) == {key}
    assert faults_of(other, "gp-transfer-2010") == set()
    both = county_programme().replace(line, 'programme = ["county-programme", "nowhere"]')
    assert faults_of(both, "gp-transfer-2010") == {key}


def test_a_programme_without_modules_is_in_no_form() -> None:
    text = county_programme()
    bare = text[: text.index("[[modules]]")].replace('shape = "modules"', 'shape = "year_pass"')
    assert faults_of(bare) == {"requirements[1].where.programme"}
    assert faults_of(bare, "county-programme") == {"requirements[1].where.programme"}


def test_a_programme_is_looked_for_in_every_way_of_a_line() -> None:
    way = '[[requirements.ways]]\nshape = "held"\nkind = "{}"\n'
    ways = way.format("diploma") + way.format("final_assessment") + 'where = { programme = ["nowhere"] }\n'
    line = 'kind = "final_assessment"\nwhere = { programme = ["county-programme"], result = ["pass"] }\n'
    text = county_programme().replace('shape = "held"\n' + line, 'shape = "any_of"\n' + ways)
    assert faults_of(text) == {"requirements[1].ways[1].where.programme"}


@pytest.mark.parametrize("place", ["CN", "CN-HE", "130123", "LB-YL"])
def test_a_place_is_the_nation_a_province_or_one_of_the_house(place: str) -> None:
    assert faults_of(county_programme(place=place)) == set()


@pytest.mark.parametrize("place", ["CN-ZZ", "cn-he", "云岭县", "LB YL", "-", " "])
def test_a_place_that_nobody_knows_is_refused(place: str) -> None:
    assert faults_of(county_programme(place=place)) == {"jurisdiction"}


def test_the_provinces_are_those_that_have_a_name() -> None:
    assert PROVINCES | {NATION} == set(PLACE_NAMES)


def test_a_duty_is_the_nations() -> None:
    """Duties are judged on the first page, where nobody asks where a doctor works."""
    duty = county_programme().replace('id = "county-programme"', 'id = "county-programme"\nduty = true', 1)
    assert faults_of(duty) == {"duty"}
    assert faults_of(duty.replace('"LB-YL"', '"CN"')) == set()


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
        ('["village_doctor"]', '["farmer"]', "populations"),
    ],
)
def test_a_fault_is_named_with_its_key(before: str, after: str, key: str) -> None:
    text = county_programme()
    assert before in text
    with pytest.raises(FaultyFileError) as refused:
        load_pathway(text.replace(before, after, 1).encode(), "county.toml")
    assert key in {fault.key for fault in refused.value.faults}


def test_requirements_that_need_each_other_are_refused() -> None:
    text = county_programme()
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
