"""Lines of the ledger as transfers with leaves, through the doors by which they are entered."""

import json
import sqlite3
from typing import Any

import pytest
from credit_stage import CODE, approve, ledger, ledger_sum, pass_course, publish_course, reading, state, writing
from log_stage import LogHouse, hashed, learner_of
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError

from lms.credits import commands
from lms.credits.ledger.learners import known
from lms.credits.models import LearnerKey, LedgerEntry
from lms.kernel import clock
from lms.kernel.db import session
from lms.kernel.errors import Conflict
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.people import queries as people


def lines(house: LogHouse) -> list[Any]:
    with reading(house.app):
        rows = session().scalars(
            select(LedgerEntry).order_by(LedgerEntry.person_id, LedgerEntry.person_sequence)
        ).all()
        session().expunge_all()
        return list(rows)


def decide(house: LogHouse, award_id: Any, deed: Any, reason: str, member: str = "county_auditor") -> None:
    actor = getattr(house.cast, member).actor
    version = state(house.app, award_id)[1]
    with writing(house.app):
        deed(actor, award_id, version=version, reason_code=reason, text="登记了两次。")


def test_it_works(log_house: LogHouse) -> None:
    award_id = log_house.award()
    (line,) = lines(log_house)
    told = json.loads(line.leaf)
    assert line.debit == told["debit"] == "issuer:unit_lecture"
    assert line.credit == told["credit"] == f"learner:{learner_of(told)}/2026/{line.credit_class}"
    assert told["award"] == f"{award_id}/1"
    assert (told["learner_seq"], told["previous"]) == (1, "A" * 43)
    assert told["amount_milli"] == line.amount_milli > 0
    assert log_house.sql("SELECT COUNT(*) FROM log_pending") == [(1,)]


def test_a_leaf_names_nobody(log_house: LogHouse) -> None:
    log_house.award()
    (line,) = lines(log_house)
    learner = log_house.cast.learner
    with reading(log_house.app):
        card = people.person(learner.person_id)
    assert card is not None
    for secret in (card.name, card.id_number_mask, learner.phone, str(learner.person_id), learner.person_id.hex):
        assert secret.encode() not in line.leaf


def test_who_holds_the_key_knows_whose_a_leaf_is_and_what_name_it_binds(log_house: LogHouse) -> None:
    log_house.award()
    (line,) = lines(log_house)
    told = json.loads(line.leaf)
    with reading(log_house.app):
        sealed = session().scalar(select(LearnerKey.key_sealed))
        assert sealed is not None
        owner = known(log_house.cast.learner.person_id, sealed)
        card = people.person(log_house.cast.learner.person_id)
    assert card is not None
    assert owner.pseudonym == learner_of(told)
    salt = owner.subject_salt(line.id)
    assert len(salt) == 16
    assert told["subject"] == hashed(salt + card.name.encode() + card.id_number_mask.encode())
    assert told["subject"] != hashed(salt + "王秀英".encode() + card.id_number_mask.encode())


def test_each_leaf_names_the_one_before_it(log_house: LogHouse) -> None:
    log_house.awards(6)
    by_learner: dict[str, list[Any]] = {}
    for line in lines(log_house):
        by_learner.setdefault(learner_of(json.loads(line.leaf)), []).append(line)
    assert sorted(map(len, by_learner.values())) == [3, 3]
    for chain in by_learner.values():
        previous = "A" * 43
        for number, line in enumerate(chain, 1):
            told = json.loads(line.leaf)
            assert (told["learner_seq"], told["previous"]) == (number, previous)
            previous = hashed(b"\x00" + line.leaf)


def test_reversing_and_restoring_is_a_chain_of_lines(log_house: LogHouse) -> None:
    award_id = log_house.award()
    member = log_house.cast.learner
    amount = ledger_sum(log_house.app, member)
    decide(log_house, award_id, commands.reverse_award, "duplicate")
    assert ledger_sum(log_house.app, member) == 0
    decide(log_house, award_id, commands.approve_award, "in_order", "province_auditor")
    assert ledger_sum(log_house.app, member) == amount
    decide(log_house, award_id, commands.reverse_award, "duplicate", "province_auditor")
    one, back, again, last = lines(log_house)
    told = [json.loads(line.leaf) for line in (one, back, again, last)]
    assert [leaf["award"] for leaf in told] == [
        f"{award_id}/1", f"{award_id}/1/reversal", f"{award_id}/2", f"{award_id}/2/reversal",
    ]  # fmt: skip
    assert [line.reverses for line in (one, back, again, last)] == [None, 1, None, 3]
    assert (back.debit, back.credit) == (one.credit, one.debit)
    assert [one["amount_milli"] for one in told] == [amount] * 4
    # A reversal is of the very certificate that it takes back; a new award is for a new one.
    assert told[0]["subject"] == told[1]["subject"] != told[2]["subject"] == told[3]["subject"]
    assert ledger(log_house.app, member) == [(1, amount), (2, -amount), (3, amount), (4, -amount)]
    assert log_house.write()
    assert log_house.verify()["exit"] == 0


def test_a_replayed_enrolment_adds_nothing(log_house: LogHouse, tmp_path: Any) -> None:
    edition_id = publish_course(log_house.app, tmp_path)
    approve(log_house.app, log_house.cast)
    member = log_house.cast.learner
    enrolment_id = pass_course(log_house.app, member, edition_id)
    (line,) = lines(log_house)
    assert line.debit == f"issuer:{CODE}"
    for _time in range(3):
        with writing(log_house.app):
            commands.award_course(enrolment_id, member.person_id, CODE, clock.today())
    assert [one.id for one in lines(log_house)] == [line.id]
    assert log_house.sql("SELECT COUNT(*) FROM log_pending") == [(1,)]


def test_a_transaction_that_is_rolled_back_leaves_nothing_waiting(log_house: LogHouse) -> None:
    with log_house.app.app_context(), unit_of_work() as unit:
        log_house.award_now(log_house.cast.learner)
        unit.doom()
    assert log_house.sql("SELECT COUNT(*) FROM ledger_entry") == [(0,)]
    assert log_house.sql("SELECT COUNT(*) FROM log_pending") == [(0,)]
    assert log_house.sql("SELECT COUNT(*) FROM learner_key") == [(0,)]


@pytest.mark.parametrize("table", ["ledger_entry", "log_origin", "log_leaf", "log_node", "log_checkpoint",
                                   "log_signature"])  # fmt: skip
def test_the_database_refuses_to_change_or_remove(log_house: LogHouse, table: str) -> None:
    log_house.awards(260 if table == "log_node" else 1)
    log_house.write()
    column = "id" if table == "ledger_entry" else "number" if table == "log_origin" else "log"
    verbs = [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"]
    if log_house.app.extensions["xinglin.settings"].database_url:
        verbs.append(f"TRUNCATE {table} CASCADE")
    for verb in verbs:
        with pytest.raises(DBAPIError, match="append-only"), writing(log_house.app):
            session().execute(text(verb))


@pytest.mark.parametrize(
    "change",
    ["amount_milli = 0", "amount_milli = -amount_milli", "debit = credit", "debit = credit, credit = debit",
     "credit = 'issuer:other'"],
)  # fmt: skip
def test_the_database_refuses_a_line_that_is_no_transfer(log_house: LogHouse, change: str) -> None:
    log_house.award()
    with pytest.raises((DBAPIError, sqlite3.IntegrityError), match=r"(?i)check"):
        log_house.force(f"UPDATE ledger_entry SET {change}")


def test_the_database_refuses_a_second_reversal(log_house: LogHouse) -> None:
    """Whatever number and id it comes under."""
    award_id = log_house.award()
    decide(log_house, award_id, commands.reverse_award, "duplicate")
    with reading(log_house.app):
        back = session().execute(select(LedgerEntry.__table__).where(LedgerEntry.reverses.is_not(None)))
        values = dict(back.mappings().one())
    for number, why in ((2, "unique"), (3, "check"), (4, "check")):
        forged = values | {"id": new_id(), "sequence": number, "person_sequence": 3}
        with pytest.raises(DBAPIError, match=f"(?i){why}"), writing(log_house.app):
            session().execute(insert(LedgerEntry).values(forged))
    # It would take back the reversal itself, or a line that is not there.
    for number, why in ((3, "check"), (6, "foreign key")):
        forged = values | {"id": new_id(), "sequence": number, "reverses": number - 1, "person_sequence": 3}
        with pytest.raises(DBAPIError, match=f"(?i){why}"), writing(log_house.app):
            session().execute(insert(LedgerEntry).values(forged))


def test_an_erased_key_leaves_the_lines_and_takes_no_more(log_house: LogHouse) -> None:
    log_house.award()
    with writing(log_house.app):
        session().execute(update(LearnerKey).values(key_sealed=None))
    with pytest.raises(Conflict):
        log_house.award()
    assert len(lines(log_house)) == 1
    assert log_house.write()
    assert log_house.verify()["exit"] == 0


def test_the_state_of_an_award_is_untouched_by_the_log(log_house: LogHouse) -> None:
    award_id = log_house.award()
    before = state(log_house.app, award_id)
    log_house.write()
    assert state(log_house.app, award_id) == before
