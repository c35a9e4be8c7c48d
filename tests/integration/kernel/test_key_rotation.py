"""The field key changes while the house serves: two keys side by side, then everything sealed anew."""

import base64
import io
import json
import re
import shutil
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cast import PASSWORD, Cast, Member, id_number
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from houses import build_app
from pages import post_form
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from lms.credits.models import LearnerKey
from lms.kernel import clock, crypto, messages, outbox, resealing, rotation
from lms.kernel.actor import SYSTEM
from lms.kernel.db import dispose, session
from lms.kernel.errors import Conflict, DomainError
from lms.kernel.i18n import translate
from lms.kernel.ids import new_id
from lms.kernel.sealing import sealed_tables
from lms.kernel.uow import unit_of_work
from lms.people import commands, identity
from lms.people.models import Person
from lms.people.privacy import copying
from lms.people.rules import Population

NEXT = base64.b64encode(bytes(range(32))).decode()
THIRD = base64.b64encode(bytes(range(32, 64))).decode()

Process = Callable[..., Flask]


@pytest.fixture
def process(app: Flask, tmp_path: Path) -> Iterator[Process]:
    """Another process on the same database, with keys of its own: the first one seals."""
    made: list[Flask] = []
    settings = app.extensions["xinglin.settings"]

    def start(*keys: str) -> Flask:
        one = build_app(
            tmp_path / str(len(made)), field_key=keys[0], field_keys_other=",".join(keys[1:]), demo=True,
            secret_key=settings.secret_key, database_url=settings.engine_url,
        )  # fmt: skip
        made.append(one)
        return one

    yield start
    for one in made:
        dispose(one)
        one.extensions["celery"].close()


@pytest.fixture
def old(app: Flask) -> str:
    """The key with which the house began."""
    key: str = app.extensions["xinglin.settings"].field_key
    return key


def shell(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["keys", *words])


def answer(app: Flask, *words: str, code: int = 0) -> dict[str, Any]:
    result = shell(app, *words)
    assert result.exit_code == code, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def enters(app: Flask, phone: str, password: str = PASSWORD) -> bool:
    """Whether this phone signs in at this process, through the form."""
    return post_form(app.test_client(), "/sign-in", {"account": phone, "password": password}).status_code == 303


def register(app: Flask, cast: Cast, serial: int) -> str:
    phone = f"000{serial:08d}"
    with app.app_context(), unit_of_work():
        commands.add_person(
            SYSTEM, name="钱多多", workplace_id=cast.places["LB-YL-LX-SM"], phone=phone, id_number=id_number(serial),
            population=Population.VILLAGE_DOCTOR, starts_on=date(2024, 1, 1), password=PASSWORD,
        )  # fmt: skip
    return phone


def force(app: Flask, phone: str) -> None:
    """Put a person's row in without asking whether the number is taken: only the database judges."""
    with app.app_context(), unit_of_work():
        columns = identity.phone_columns(phone, {})
        session().execute(
            insert(Person).values(
                id=new_id(), name="重复", name_folded="重复", name_drawable=True, population="staff",
                created_at=clock.now(), email_mask="", id_number_mask="", **columns,
            )
        )  # fmt: skip


def key_id(text: str) -> str:
    return crypto.key_of(text).id


def test_the_whole_way_from_one_key_to_the_next(app: Flask, cast: Cast, old: str, process: Process) -> None:
    """Each step of the rolling order, with a process of the step before still running."""
    knows, uses, after = process(old, NEXT), process(NEXT, old), process(NEXT)
    phones = [cast.learner.phone]
    for serial, (pair, new) in enumerate(
        [((app, knows), app), ((app, knows), knows), ((knows, uses), knows), ((knows, uses), uses)], 500
    ):
        phones.append(register(new, cast, serial))
        for one in pair:
            assert all(enters(one, phone) for phone in phones)
            with pytest.raises(IntegrityError):
                force(one, phones[-1])
    assert shell(uses, "status").exit_code == 1
    done = answer(uses, "rotate")
    assert done["rows"]["person"] == len(cast.members) + 3  # the last one was sealed with the new key
    assert done["not_needed"] == [key_id(old)]
    phones.append(register(after, cast, 510))
    for one in (uses, after):
        assert all(enters(one, phone) for phone in phones)
        with pytest.raises(IntegrityError):
            force(one, phones[-1])
        with pytest.raises(IntegrityError):
            force(one, phones[0])
    assert answer(after, "forget", key_id(old))["forgotten"]
    assert all(enters(after, phone) for phone in phones)
    now = answer(after, "status")
    assert now["done"]
    assert now["hashed"].keys() == {key_id(NEXT)}
    assert now["sealed"].keys() == {key_id(NEXT)}


def test_two_processes_of_different_keys_cannot_both_register_a_number(
    cast: Cast, old: str, process: Process
) -> None:
    apps = [process(old, NEXT), process(NEXT, old)] * 4
    for serial in range(520, 524):
        barrier, done, refused = threading.Barrier(len(apps)), list[str](), list[DomainError]()

        def run(one: Flask, serial: int = serial, barrier: threading.Barrier = barrier) -> None:
            barrier.wait(30)
            try:
                done.append(register(one, cast, serial))  # noqa: B023
            except DomainError as error:
                refused.append(error)  # noqa: B023

        threads = [threading.Thread(target=run, args=(one,)) for one in apps]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert (len(done), len(refused)) == (1, len(apps) - 1)


def everything_sealed(app: Flask) -> None:
    """A row at least in every column that is sealed. What no feature of the cast has made is made here."""
    with app.app_context():
        with unit_of_work():
            messages.send_mail("doctor@demo.example", "杏林\n\n你好")
        app.extensions["xinglin.runner"].drain()


def test_everything_is_sealed_anew_and_reads_as_before(app: Flask, cast: Cast, old: str, process: Process) -> None:
    everything_sealed(app)
    uses, after = process(NEXT, old), process(NEXT)

    def plain(one: Flask) -> dict[str, list[str]]:
        found = {}
        with one.app_context(), unit_of_work(write=False):
            for table in sealed_tables():
                for column in table.sealed:
                    rows = session().scalars(
                        select(column.value).where(column.value.is_not(None)).order_by(*table.table.primary_key)
                    )
                    found[str(column.column)] = [crypto.unseal(column.read(row), column.purpose) for row in rows]
        return found

    before = plain(app)
    filled = {name for name, rows in before.items() if rows}
    assert {"person.phone_sealed", "person.id_number_sealed", "sent_message.sealed", "outbox.payload"} <= filled
    answer(uses, "rotate")
    assert plain(after) == before
    assert answer(uses, "rotate")["rows"] == dict.fromkeys(answer(uses, "rotate")["rows"], 0)


def test_a_value_of_an_unknown_key_is_named_and_nothing_is_lost(cast: Cast, old: str, process: Process) -> None:
    register(process(NEXT, old), cast, 530)
    result = shell(process(old), "rotate")
    assert result.exit_code == 1
    assert key_id(NEXT) in result.stderr
    assert enters(process(NEXT, old), "00000000530")


def test_values_of_the_first_version_open_and_are_sealed_anew(
    app: Flask, cast: Cast, old: str, process: Process
) -> None:
    with app.app_context(), unit_of_work():
        first = crypto.sealed_unnamed("执证 0001", "person.licence_number")
        session().execute(update(Person).where(Person.id == cast.learner.person_id).values(licence_number_sealed=first))
        assert identity.opened("licence_number", first) == "执证 0001"
    uses = process(NEXT, old)
    assert answer(uses, "status", code=1)["sealed"]["unnamed"] == 1
    answer(uses, "rotate")
    with process(NEXT).app_context(), unit_of_work(write=False):
        sealed = session().scalar(select(Person.licence_number_sealed).where(Person.id == cast.learner.person_id))
        assert identity.opened("licence_number", sealed) == "执证 0001"


def test_two_runs_at_once_do_no_harm(app: Flask, cast: Cast, old: str, process: Process) -> None:
    for serial in range(540, 560):
        register(app, cast, serial)
    results: list[Result] = []
    apps = [process(NEXT, old), process(NEXT, old)]
    threads = [threading.Thread(target=lambda one=one: results.append(shell(one, "rotate"))) for one in apps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert [result.exit_code for result in results] == [0, 0], [result.output for result in results]
    assert answer(apps[0], "status")["not_needed"] == [key_id(old)]
    assert all(enters(apps[0], f"000{serial:08d}") for serial in (540, 559))


def test_what_is_erased_meanwhile_stays_erased(app: Flask, cast: Cast, old: str, process: Process) -> None:
    with app.app_context(), unit_of_work():
        session().execute(
            insert(LearnerKey).values(
                person_id=cast.learner.person_id, learner="0" * 22, key_sealed=None, made_at=clock.now()
            )
        )
        # Somebody took the number away and left its hashes: they go too.
        session().execute(update(Person).where(Person.id == cast.stranger.person_id).values(id_number_sealed=None))
    answer(process(NEXT, old), "rotate")
    with app.app_context(), unit_of_work(write=False):
        assert session().scalar(select(func.count(LearnerKey.key_sealed))) == 0
        hashes = select(Person.id_number_hash, Person.id_number_hash_other).where(Person.id == cast.stranger.person_id)
        assert tuple(session().execute(hashes).one()) == (None, None)


def rewrite(app: Flask, person_id: UUID, plain: str) -> None:
    """Seal a person's licence number with this process's key, as its pages would."""
    with app.app_context(), unit_of_work():
        sealed = crypto.seal(plain, "person.licence_number")
        session().execute(update(Person).where(Person.id == person_id).values(licence_number_sealed=sealed))


def each_pass(one: Flask, write: Callable[[int], None]) -> rotation.Rotated:
    """Seal anew with somebody who writes each time when the walk through the people's table has ended."""
    passes = iter(range(1, 100))

    def hear(table: str, _rows: int) -> None:
        if table == "person":
            write(next(passes))

    with one.app_context():
        return rotation.rotate(hear)


def test_a_process_that_seals_with_the_old_key_once_a_pass_is_told_of(cast: Cast, old: str, process: Process) -> None:
    """Each pass mends what it finds, and nothing is left under the old key when it ends: still it is not done."""
    knows, uses = process(old, NEXT), process(NEXT, old)
    learner = cast.learner.person_id
    with pytest.raises(Conflict) as raised:
        each_pass(uses, lambda one: rewrite(knows, learner, f"执证 {one}"))
    with uses.app_context():
        told = translate(raised.value.message)
    assert f"person {learner} (another key)" in told
    rewrite(uses, learner, "执证")
    assert answer(uses, "rotate")["passes"] == 1


def test_one_that_has_stopped_does_not_keep_it_from_ending(cast: Cast, old: str, process: Process) -> None:
    knows, uses = process(old, NEXT), process(NEXT, old)
    learner = cast.learner.person_id

    def write(number: int) -> None:
        (rewrite(knows, learner, "执证") if number < 4 else None)

    done = each_pass(uses, write)
    assert done.passes == 5  # what was written after the third pass went by was found in the fourth
    assert answer(uses, "status")["not_needed"] == [key_id(old)]


def test_people_who_write_with_the_new_key_do_not_keep_it_from_ending(
    cast: Cast, old: str, process: Process
) -> None:
    """Nor do hashes that somebody spoils again and again: they are mended, and say nothing about keys."""
    uses = process(NEXT, old)

    def write(number: int) -> None:
        rewrite(uses, cast.learner.person_id, f"执证 {number}")
        with uses.app_context(), unit_of_work():
            session().execute(
                update(Person).where(Person.id == cast.learner.person_id).values(phone_hash_other=f"{number:064d}")
            )

    assert each_pass(uses, write).passes == 2
    assert answer(uses, "rotate")["rows"]["person"] == 1
    assert answer(uses, "rotate")["rows"]["person"] == 0


def test_a_pass_ends_although_somebody_is_registered_after_each_batch(cast: Cast, old: str, process: Process) -> None:
    """With a pause between batches it would run after the newest row for ever."""
    uses = process(NEXT, old)
    registered: list[str] = []

    def write(_number: int) -> None:
        if len(registered) < 10:
            registered.append(register(uses, cast, 590 + len(registered)))

    assert each_pass(uses, write).passes == len(registered) == 2


def test_rows_are_counted_that_were_changed(
    cast: Cast, old: str, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who writes between the reading of a batch and its writing wins, and is not counted."""
    uses = process(NEXT, old)
    change, written = resealing.Walk._change, []

    def slow(self: resealing.Walk, row: Any) -> Any:
        if self.table.table.name == "person" and not written:
            written.append(row)
            sealed = crypto.seal("执证", "person.licence_number")
            session().execute(
                update(Person).where(Person.id == cast.learner.person_id).values(licence_number_sealed=sealed)
            )
        return change(self, row)

    monkeypatch.setattr(resealing.Walk, "_change", slow)
    with uses.app_context():
        done = rotation.rotate()
        with unit_of_work(write=False):
            sealed = session().scalar(select(Person.licence_number_sealed).where(Person.id == cast.learner.person_id))
            assert identity.opened("licence_number", sealed) == "执证"
    assert done.rows["person"] == len(cast.members)
    assert done.passes == 3  # the first lost to the writer, the second sealed the rest of that row


def test_a_batch_that_the_database_took_back_is_done_again(
    cast: Cast, old: str, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    uses = process(NEXT, old)
    failed: list[str] = []
    step = resealing.Walk._step

    def deadlocked(self: resealing.Walk) -> Any:
        batch = step(self)
        if batch is not None and self.table.table.name not in failed:
            failed.append(self.table.table.name)
            raise OperationalError("UPDATE", {}, Exception("deadlock detected"))
        return batch

    monkeypatch.setattr(resealing.Walk, "_step", deadlocked)
    with uses.app_context():
        done = rotation.rotate()
    assert "person" in failed
    assert (done.rows["person"], done.passes) == (len(cast.members), 2)


def test_the_old_key_is_not_forgotten_while_it_is_needed(cast: Cast, old: str, process: Process) -> None:
    uses, after = process(NEXT, old), process(NEXT)
    register(uses, cast, 560)
    assert "设置里还有" in shell(uses, "forget", key_id(old)).stderr
    assert "还有用" in shell(after, "forget", key_id(old)).stderr
    assert enters(uses, cast.learner.phone)


def test_a_third_key_waits_for_the_first_to_be_forgotten(cast: Cast, old: str, process: Process) -> None:
    answer(process(NEXT, old), "rotate")
    hasty = process(THIRD, NEXT)
    assert "没有收尾" in shell(hasty, "rotate").stderr
    phone = register(hasty, cast, 570)
    with pytest.raises(IntegrityError):
        force(process(NEXT, old), phone)
    assert answer(process(NEXT, THIRD), "forget", key_id(old))["forgotten"]
    answer(hasty, "rotate")
    assert enters(process(THIRD), phone)


def test_a_message_on_its_way_is_sealed_by_the_process_that_delivers_it(
    app: Flask, cast: Cast, old: str, process: Process, work_off: Callable[[Flask], int]
) -> None:
    """A backlog that was sealed with the old key, not yet sealed anew, leaves nothing under it where messages stay."""
    with app.app_context(), unit_of_work():
        for number in range(3):
            messages.send_sms(f"000{number:08d}", "你好")
    uses = process(NEXT, old)
    work_off(uses)
    with uses.app_context(), unit_of_work(write=False):
        assert len(messages.kept()) == 3
        stored = session().scalars(select(messages.SentMessage.sealed)).all()
    assert {one[2:10] for one in stored} == {key_id(NEXT)}


def test_a_code_and_a_familiar_browser_outlive_the_key(
    app: Flask, cast: Cast, old: str, process: Process, work_off: Callable[[Flask], int],
    sign_in: Callable[[FlaskClient, Member], FlaskClient],
) -> None:
    browser = sign_in(app.test_client(), cast.learner)
    page = post_form(browser, "/sign-in/code", {"account": cast.learner.phone}).location
    work_off(app)
    uses = process(NEXT, old)
    answer(uses, "rotate")
    after = process(NEXT)
    with after.app_context(), unit_of_work(write=False):
        [(_, _, _, text)] = messages.kept()
    code = re.search(r"验证码 (\d+)", text)
    assert code
    with browser.session_transaction() as kept:
        cookie = dict(kept)
    moved = after.test_client()
    with moved.session_transaction() as kept:
        kept.update({name: value for name, value in cookie.items() if name != "_user_id"})
    for _ in range(6):  # somebody guesses elsewhere, until the account's tries are used up there
        post_form(after.test_client(), "/sign-in", {"account": cast.learner.phone, "password": "wrong"})
    assert not enters(after, cast.learner.phone)
    again = post_form(moved, "/sign-in", {"account": cast.learner.phone, "password": PASSWORD})
    assert again.status_code == 303
    done = post_form(after.test_client(), page, {"code": code[1], "password": "杏花春雨江南岸边"})
    assert (done.status_code, done.location) == (303, "/today")


def test_a_backup_in_the_middle_names_both_keys(
    app: Flask, cast: Cast, old: str, process: Process, tmp_path: Path
) -> None:
    everything_sealed(app)
    uses = process(NEXT, old)
    register(uses, cast, 580)
    result = uses.test_cli_runner().invoke(args=["backup", str(tmp_path / "copy")])
    assert result.exit_code == 0, result.output
    manifest = json.loads((tmp_path / "copy" / "manifest.json").read_text())
    with uses.app_context():
        prints = {key.hash("the field key of a backup", "backup") for key in crypto.ring().keys}
    assert set(manifest["field_keys"]) == prints
    answer(uses, "rotate")
    result = uses.test_cli_runner().invoke(args=["backup", str(tmp_path / "later")])
    assert result.exit_code == 0, result.output
    assert len(json.loads((tmp_path / "later" / "manifest.json").read_text())["field_keys"]) == 1


def test_a_house_that_keeps_its_key_in_the_data_folder(tmp_path: Path) -> None:
    """new, use, forget, each followed by a restart; nobody else may ever read the file."""

    def started() -> Flask:
        return build_app(tmp_path)

    first = started().extensions["xinglin.settings"].field_key
    app = started()
    assert "keys new" in shell(app, "use").stderr
    made = answer(app, "new")
    assert made["kept"]
    assert shell(started(), "new").exit_code == 1
    known = started().extensions["xinglin.settings"]
    assert (known.field_key, key_id(known.field_keys_other)) == (first, made["id"])
    assert answer(started(), "use") == {"current": made["id"]}
    uses = started().extensions["xinglin.settings"]
    assert (key_id(uses.field_key), uses.field_keys_other) == (made["id"], first)
    file = tmp_path / "field_key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir() if "field_key" in one.name] == ["field_key"]


def test_where_the_environment_names_the_key_a_new_one_is_only_shown(cast: Cast, old: str, process: Process) -> None:
    app = process(old)
    made = answer(app, "new")
    assert len(base64.b64decode(made["key"])) == 32
    assert not made["kept"]
    assert "环境变量" in shell(app, "use").stderr


def test_a_copy_that_is_being_made_outlives_the_key(app: Flask, cast: Cast, old: str, process: Process) -> None:
    """Asked for and begun under one key, finished by a process that knows only the next."""
    with app.app_context():
        with unit_of_work():
            copy_id = copying.ask(cast.learner.actor)
        for _ in range(2):
            [step] = [row for name, row in outbox.due_rows() if name == copying.STEP]
            assert outbox.work(step)
    assert answer(process(NEXT, old), "rotate")["rows"]["own_copy"] == 1
    after = process(NEXT)
    folders = [one.extensions["xinglin.settings"].data / "files" for one in (app, after)]
    shutil.copytree(*folders, dirs_exist_ok=True)
    with after.app_context():
        after.extensions["xinglin.runner"].drain()
        with unit_of_work():
            whole = b"".join(copying.fetch(cast.learner.actor, copy_id).blocks())
    with zipfile.ZipFile(io.BytesIO(whole)) as copy:
        assert cast.learner.name in copy.read("data/person.json").decode()
        assert "data/award.json" in copy.namelist()
