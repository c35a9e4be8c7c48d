"""What files that name many people say of somebody who was erased; and what the shell wrote down before it wrote."""

import importlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cast import Cast, id_number
from credit_stage import FACE, award_of, reading, writing
from filing_stage import Office, accepted, refused
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from test_history_import import NATIONAL, as_csv, send

from lms.credits import parting, schedule
from lms.credits.filing import handing_out, making
from lms.credits.filing.models import Filing, FilingAnswer, FilingRow
from lms.credits.history_import import importing
from lms.credits.history_import.models import HistoryImport
from lms.kernel import clock, files, outbox
from lms.kernel.actor import SYSTEM
from lms.kernel.audit import GONE
from lms.kernel.db import session
from lms.people import commands as people
from lms.people.privacy import closing
from lms.people.privacy.models import Look

WorkOff = Callable[[Flask], int]
WHOLE = {"full_numbers": "y", "reason": "省卫健委要求"}


@pytest.fixture
def office(app: Flask, cast: Cast, sign_in: Callable[..., FlaskClient], work_off: WorkOff) -> Office:
    award_of(app, cast, cast.learner, **FACE)
    return Office(app, cast, sign_in(app.test_client(), cast.admin), work_off)


def erase(app: Flask, person_id: UUID) -> None:
    with writing(app):
        closing.close(SYSTEM, person_id, "office")
        closing.erase(SYSTEM, person_id)


def stored(app: Flask) -> set[str]:
    with reading(app):
        return set(files.names())


def test_answers_of_later_filings_and_those_not_entered_go_too(
    app: Flask, cast: Cast, office: Office, work_off: WorkOff
) -> None:
    """She stands in the whole of every later filing, though only the first had a change of hers."""
    office.make(**WHOLE)
    award_of(app, cast, cast.colleague)
    later = office.make(**WHOLE)
    [mine] = [row for row in office.rows(later, "full.csv") if row["name"] == cast.learner.name]
    before = stored(app)
    said = office.answer(later, [accepted(mine["row"])]).location
    assert office.enter(said).status_code == 303
    rehearsal = office.answer(later, [refused(mine["row"], f"{cast.learner.name} {id_number(1)}")]).location
    answers = stored(app) - before
    assert len(answers) == 2
    erase(app, cast.learner.person_id)
    work_off(app)
    assert not stored(app) & answers
    assert office.browser.get(said).status_code == 200
    assert office.browser.get(rehearsal).status_code == 404
    with reading(app):
        assert session().scalars(select(FilingAnswer.state)).all() == ["applied"]


def test_a_filing_that_is_being_made_is_made_anew_once_it_is_done(
    app: Flask, cast: Cast, office: Office, work_off: WorkOff
) -> None:
    """Its lines were read while she was still there; what came in afterwards is cleared as well."""
    office.make(**WHOLE)
    award_of(app, cast, cast.learner)
    page = office.ask(**WHOLE).location
    with app.app_context():
        [gather] = [row for name, row in outbox.due_rows() if name == making.GATHER]
        outbox.work(gather)
        [write] = [row for name, row in outbox.due_rows() if name == making.WRITE]
    erase(app, cast.learner.person_id)
    filing_id = UUID(page.rpartition("/")[2])
    with app.app_context():
        while waiting := [row for name, row in outbox.due_rows() if name != making.WRITE]:
            for row in waiting:
                outbox.work(row)
        with writing(app):
            # As a batch that had begun before she was erased, and ended after.
            late = update(FilingRow).where(FilingRow.filing_id == filing_id).values(name=cast.learner.name)
            session().execute(late)
        outbox.work(write)
    assert cast.learner.name in office.file(page, "delta.csv").decode()
    with clock.held_at(clock.now() + timedelta(minutes=1)):
        work_off(app)
    assert [row["name"] for row in office.rows(page)] == [GONE]
    assert cast.learner.name not in office.file(page, "full.csv").decode()


def test_a_filing_that_was_given_up_keeps_nobody_waiting(
    app: Flask, cast: Cast, office: Office, work_off: WorkOff, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(outbox, "MOST_TRIES", 1)
        patched.setattr(making, "written", broken)
        office.make()
    erase(app, cast.learner.person_id)
    work_off(app)
    with reading(app):
        assert {row.state for row in outbox.rows_of(parting.REMAKE)} == {"done"}


def broken(*_of: object) -> None:
    raise OSError(28, "No space left on device")


def test_an_answer_is_known_again_after_the_files_were_made_anew(
    app: Flask, cast: Cast, office: Office, work_off: WorkOff
) -> None:
    page = office.make()
    with reading(app):
        [filing_id] = session().scalars(select(Filing.id))
        before = making.files_of(session().get_one(Filing, filing_id))
    rows = [accepted(office.rows(page)[0]["row"])]
    first = office.answer(page, rows).location
    for _ in range(2):
        with writing(app):
            outbox.send(
                parting.REMAKE, key=str(clock.now()), filing_id=str(filing_id), person_id=str(cast.colleague.person_id)
            )
        work_off(app)
    with reading(app):
        after = making.files_of(session().get_one(Filing, filing_id))
    assert {one["stored"] for one in before.values()}.isdisjoint(one["stored"] for one in after.values())
    assert office.answer(page, rows).location == first


def test_a_rehearsed_import_goes_by_itself(app: Flask, office: Office, work_off: WorkOff) -> None:
    work_off(app)
    before = stored(app)
    page = send(office.browser, as_csv([NATIONAL])).location
    [job] = [one for one in schedule.JOBS if one.name == "credits.rehearsals"]
    late = clock.now() + importing.REHEARSED
    for day, there in ((late - timedelta(hours=1), 1), (late + timedelta(hours=1), 0)):
        with clock.held_at(day):
            with writing(app):
                job.run()
            work_off(app)
        with reading(app):
            assert len(session().scalars(select(HistoryImport.id)).all()) == there
        assert len(stored(app) - before) == there
    assert office.browser.get(page).status_code == 404


def shell_files(app: Flask, out: Path) -> object:
    words = ["credits", "file", "--place", "LB-YL", "--from", "2026-01-01", "--until", "2026-12-31", "--json"]
    return app.test_cli_runner().invoke(args=[*words, "--id-numbers", "省卫健委要求", "--out", str(out)])


def test_the_shell_writes_no_number_of_which_there_is_no_look(
    app: Flask, cast: Cast, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full after some files: what was written was written down before."""
    write, written = handing_out._write, list[Path]()

    def until_full(target: Path, pieces: object) -> str:
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        written.append(target)
        return write(target, pieces)  # type: ignore[arg-type]

    monkeypatch.setattr(handing_out, "_write", until_full)
    assert shell_files(app, tmp_path).exit_code == 1  # type: ignore[attr-defined]
    assert id_number(1).encode() in written[0].read_bytes()
    with reading(app):
        assert set(session().scalars(select(Look.person_id))) == {cast.learner.person_id}


def test_what_cannot_be_written_down_is_not_written(
    app: Flask, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "note_shown", broken)
    assert shell_files(app, tmp_path / "out").exit_code == 1  # type: ignore[attr-defined]
    assert not (tmp_path / "out").exists()


def test_the_way_back_passes_over_answers_that_were_destroyed(
    app: Flask, cast: Cast, office: Office, work_off: WorkOff
) -> None:
    page = office.make()
    said = office.answer(page, [accepted(office.rows(page)[0]["row"])]).location
    office.enter(said)
    erase(app, cast.learner.person_id)
    work_off(app)
    migration = importlib.import_module("lms.migrations.versions.0010_field_keys")
    with writing(app):
        [before] = session().scalars(select(FilingAnswer.file_hash))
        for by_the_filing in (False, True):
            migration._hash_answers(session().connection(), by_the_filing=by_the_filing)
        assert session().scalars(select(FilingAnswer.file_hash)).all() == [before]
