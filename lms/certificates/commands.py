"""Everything that writes certificates: issue, draw once, revoke, try a waiting one again."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import TextClause, select, update

from lms.certificates import access, drafts
from lms.certificates.coverage import missing_characters
from lms.certificates.drafts import Draft, Paper
from lms.certificates.facts import CertificateFacts, certificate_number, from_json, to_json
from lms.certificates.models import LIVE_AWARD, LIVE_COMPLETION, Certificate
from lms.kernel import audit, bulk, clock, outbox
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import SYSTEM, Actor
from lms.kernel.db import session
from lms.kernel.ids import new_id, new_token
from lms.kernel.settings import Settings
from lms.kernel.text import msg
from lms.people import notices
from lms.people import queries as people

DRAW = "certificates.draw"
_RETRIES_AT_ONCE = 500
TOLD_DAYS = 60
"""For so many days a new certificate is news."""


def issue_for_award(award_id: UUID, enrolment_id: UUID | None) -> None:
    """Issue the certificate of an award, unless a live one exists; with the award, or not at all.

    A passed course that brought no more credit (a cap was reached) gets a completion.
    """
    if not issue_for_awards([award_id]) and enrolment_id is not None:
        issue_for_completion(enrolment_id)


def issue_for_awards(award_ids: Collection[UUID]) -> bool:
    """Issue the certificates of awards, each unless a live one exists; the same few statements however many.

    False if none of them grants anything.
    """
    found = drafts.of_awards(award_ids, _paper)
    _issue(found, on="award_id", where=LIVE_AWARD)
    return bool(found)


def issue_for_completion(enrolment_id: UUID) -> None:
    """Issue the certificate of a finished course without credit, unless a live one exists."""
    _issue([drafts.of_enrolment(enrolment_id, _paper())], on="enrolment_id", where=LIVE_COMPLETION)


def _paper() -> Paper:
    settings: Settings = current_app.extensions["xinglin.settings"]
    token, today = new_token(), clock.today()
    return Paper(
        number=certificate_number(today.year, secrets.randbits(40)),
        token=token,
        verify_url=f"{settings.address}/verify/{token}",
        issued_on=today,
        demo=settings.is_demo,
    )


def _issue(found: Sequence[Draft], on: str, where: TextClause) -> None:
    made = bulk.put_once(Certificate, [_row(draft) for draft in found], on=[on], where=where)
    _send_to_be_drawn([row["id"] for row in made if row["state"] == "queued"])


def _row(draft: Draft) -> dict[str, Any]:
    facts = draft.facts
    return {
        "id": new_id(),
        "number": facts.number,
        "token": facts.verify_url.rpartition("/")[2],
        "person_id": draft.person_id,
        "award_id": draft.award_id,
        "enrolment_id": draft.enrolment_id,
        "kind": facts.kind,
        "titles": draft.titles,
        "masked_name": draft.masked_name,
        "authority_path": draft.authority_path,
        "place_path": draft.place_path,
        "facts": to_json(facts),
        "state": "waiting" if missing_characters("".join(facts.texts())) else "queued",
        "issued_on": facts.issued_on,
        "issued_at": clock.now(),
    }


def _send_to_be_drawn(certificate_ids: Sequence[UUID], news_since: date | None = None) -> None:
    more = {"news_since": news_since.isoformat()} if news_since else {}
    outbox.send_all(DRAW, {f"{DRAW}:{one}": {"certificate_id": str(one), **more} for one in certificate_ids})


def facts_to_draw(certificate_id: UUID) -> CertificateFacts | None:
    """The facts of a certificate that has no file yet, locked for this unit of work; else None."""
    plain = session().scalar(
        select(Certificate.facts)
        .where(Certificate.id == certificate_id, Certificate.file_sha.is_(None))
        .with_for_update()
    )
    return None if plain is None else from_json(plain)


def keep_file(certificate_id: UUID, sha: str, news_since: date | None = None) -> bool:
    """Bind the drawn file, and tell whose it is; False when another one was bound before, which then stays for good.

    `news_since`: the day from which it counts as news, if not the day on which it was issued.
    """
    bound = session().execute(
        update(Certificate)
        .where(Certificate.id == certificate_id, Certificate.file_sha.is_(None))
        .values(file_sha=sha, state="issued", drawn_at=clock.now())
        .returning(Certificate.person_id, Certificate.titles, Certificate.issued_on, Certificate.revoked_at)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if bound is not None and bound.revoked_at is None:
        _tell_her(certificate_id, bound.person_id, bound.titles, news_since or bound.issued_on)
    return bound is not None


def _tell_her(certificate_id: UUID, person_id: UUID, titles: Mapping[str, str], since: date) -> None:
    """That her certificate is ready, while it is news, counted from the day `since`."""
    until = since + timedelta(days=TOLD_DAYS)
    if until < clock.today():
        return
    sentence = msg("“{title}”的证书好了，可以下载。", title=titles)
    key = f"certificate:{certificate_id}"
    notices.post(person_id, notices.Kind.CERTIFICATE, key, sentence, "/certificates", until)


def revoke_for_award(award_id: UUID) -> None:
    """Revoke the live certificate of a reversed award. Its file stays as it is."""
    revoked = session().execute(
        update(Certificate)
        .where(Certificate.award_id == award_id, Certificate.revoked_at.is_(None))
        .values(revoked_at=clock.now())
        .returning(Certificate.id, Certificate.person_id)
    )
    for certificate_id, person_id in revoked.all():
        notices.settle(person_id, f"certificate:{certificate_id}")
        audit.record(SYSTEM, "certificate.revoked", "certificate", certificate_id, award=str(award_id))


def try_again(actor: Actor, certificate_id: UUID) -> bool:
    """Take the name of a waiting certificate anew; True if it can now be drawn (and will be).

    Raises NotFound unless an administrator of the person's place asks.
    """
    row = require_found(
        session()
        .execute(
            select(Certificate.person_id, Certificate.place_path, Certificate.state).where(
                Certificate.id == certificate_id
            )
        )
        .first()
    )
    require_in_place(access.may_administer(actor, row.place_path))
    if row.state != "waiting":
        return True
    drawable = _take_name_anew([certificate_id])
    audit.record(actor, "certificate.tried_again", "certificate", certificate_id, drawable=bool(drawable))
    return bool(drawable)


def try_waiting_again() -> int:
    """Release all waiting certificates whose names were corrected; how many (the clock's job)."""
    waiting = session().scalars(
        select(Certificate.id)
        .where(Certificate.state == "waiting", Certificate.revoked_at.is_(None))
        .order_by(Certificate.issued_at)
        .limit(_RETRIES_AT_ONCE)
    )
    return _take_name_anew(list(waiting))


def _take_name_anew(certificate_ids: list[UUID]) -> int:
    rows = (
        session()
        .execute(
            select(Certificate.id, Certificate.person_id, Certificate.facts)
            .where(Certificate.id.in_(certificate_ids), Certificate.state == "waiting")
            .order_by(Certificate.id)
            .with_for_update()
        )
        .all()
    )
    if not rows:
        return 0
    persons = people.cards({row.person_id for row in rows})
    released = 0
    for row in rows:
        person = persons[row.person_id]
        if person.closed:
            continue
        facts = replace(from_json(row.facts), person_name=person.name)
        if missing_characters("".join(facts.texts())):
            continue
        session().execute(
            update(Certificate)
            .where(Certificate.id == row.id, Certificate.state == "waiting")
            .values(state="queued", facts=to_json(facts), masked_name=person.masked_name)
        )
        # It was issued long ago, perhaps, and is news all the same once it is drawn.
        _send_to_be_drawn([row.id], clock.today())
        released += 1
    return released
