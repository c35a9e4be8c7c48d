"""Everything that writes certificates: issue, draw once, revoke, try a waiting one again."""

import secrets
from dataclasses import replace
from uuid import UUID

from flask import current_app
from sqlalchemy import select, update

from lms.certificates import access, drafts
from lms.certificates.coverage import missing_characters
from lms.certificates.drafts import Draft, Paper
from lms.certificates.facts import CertificateFacts, certificate_number, from_json, to_json
from lms.certificates.models import LIVE_AWARD, LIVE_COMPLETION, Certificate
from lms.kernel import audit, clock, outbox
from lms.kernel.access import require_found, require_in_place
from lms.kernel.actor import SYSTEM, Actor
from lms.kernel.db import insert_once, session
from lms.kernel.ids import new_id, new_token
from lms.kernel.settings import Settings
from lms.people import queries as people

DRAW = "certificates.draw"
_RETRIES_AT_ONCE = 500


def issue_for_award(award_id: UUID, enrolment_id: UUID | None) -> None:
    """Issue the certificate of an award, unless a live one exists; with the award, or not at all.

    A passed course that brought no more credit (a cap was reached) gets a completion.
    """
    draft = drafts.of_award(award_id, enrolment_id, _paper())
    if draft is not None:
        _issue(draft)
    elif enrolment_id is not None:
        issue_for_completion(enrolment_id)


def issue_for_completion(enrolment_id: UUID) -> None:
    """Issue the certificate of a finished course without credit, unless a live one exists."""
    _issue(drafts.of_enrolment(enrolment_id, _paper()))


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


def _issue(draft: Draft) -> None:
    certificate_id, facts = new_id(), draft.facts
    waits = bool(missing_characters("".join(facts.texts())))
    by_award = draft.award_id is not None
    made = insert_once(
        Certificate,
        {
            "id": certificate_id,
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
            "state": "waiting" if waits else "queued",
            "issued_on": facts.issued_on,
            "issued_at": clock.now(),
        },
        on=["award_id"] if by_award else ["enrolment_id"],
        where=LIVE_AWARD if by_award else LIVE_COMPLETION,
    )
    if made and not waits:
        _send_to_be_drawn(certificate_id)


def _send_to_be_drawn(certificate_id: UUID) -> None:
    outbox.send(DRAW, key=f"{DRAW}:{certificate_id}", certificate_id=str(certificate_id))


def facts_to_draw(certificate_id: UUID) -> CertificateFacts | None:
    """The facts of a certificate that has no file yet, locked for this unit of work; else None."""
    plain = session().scalar(
        select(Certificate.facts)
        .where(Certificate.id == certificate_id, Certificate.file_sha.is_(None))
        .with_for_update()
    )
    return None if plain is None else from_json(plain)


def keep_file(certificate_id: UUID, sha: str) -> bool:
    """Bind the drawn file; False when another one was bound before, which then stays for good."""
    bound = session().execute(
        update(Certificate)
        .where(Certificate.id == certificate_id, Certificate.file_sha.is_(None))
        .values(file_sha=sha, state="issued", drawn_at=clock.now())
    )
    return bool(bound.rowcount == 1)  # type: ignore[attr-defined]


def revoke_for_award(award_id: UUID) -> None:
    """Revoke the live certificate of a reversed award. Its file stays as it is."""
    revoked = session().execute(
        update(Certificate)
        .where(Certificate.award_id == award_id, Certificate.revoked_at.is_(None))
        .values(revoked_at=clock.now())
        .returning(Certificate.id)
    )
    for certificate_id in revoked.scalars():
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
        _send_to_be_drawn(row.id)
        released += 1
    return released
