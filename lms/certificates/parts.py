"""What certificates show on the pages of lower features."""

from collections.abc import Collection
from uuid import UUID

from flask import url_for

from lms.certificates import queries
from lms.certificates.agreement import certificates_and_lines
from lms.certificates.coverage import missing_characters
from lms.certificates.facts import Kind
from lms.certificates.queries import CertificateCard, Standing
from lms.courses import parts as course_parts
from lms.courses.parts import Outcome
from lms.courses.queries import EnrolmentCard
from lms.credits import parts as credit_parts
from lms.credits.log.verifying import more_checks
from lms.credits.parts import AwardLink
from lms.kernel.quantities import format_credits, format_hours
from lms.kernel.text import N_, Message, msg
from lms.people import parts as people_parts
from lms.people.parts import MenuEntry


def fill() -> None:
    """Fill the slots that people and courses offer, and the list of administration pages."""
    people_parts.name_can_be_drawn.fill(_can_be_drawn)
    course_parts.course_outcomes.fill(_outcomes)
    credit_parts.award_links.fill(_award_links)
    more_checks["I1 certificates"] = certificates_and_lines
    if not any(entry.address == _WAITING.address for entry in people_parts.admin_menu):
        people_parts.admin_menu.append(_WAITING)


_WAITING = MenuEntry(
    "/admin/certificates",
    "certificate",
    N_("待制作的证书"),
    N_("名字里有生僻字、还印不出来的证书"),
)


def _can_be_drawn(name: str) -> bool:
    return not missing_characters(name)


def _outcomes(card: EnrolmentCard) -> list[Outcome]:
    if card.finished_at is None:
        return []
    found = queries.of_enrolment(card.id)
    if found is None:
        return []
    return [*_booked(found), Outcome(_label(found), _address(found))]


def _booked(card: CertificateCard) -> list[Outcome]:
    """What came onto her account, as long as it is there."""
    if card.credits is None or card.standing is Standing.REVOKED:
        return []
    said = msg(
        "{credits} 学分、{hours} 学时已记入您的学分账",
        credits=format_credits(card.credits),
        hours=format_hours(card.hours),
    )
    return [Outcome(said, url_for("credits.statement"))]


def _label(card: CertificateCard) -> Message:
    if card.standing is Standing.WAITING:
        return msg("证书要等一等：名字里有字还印不出来")
    if card.standing is Standing.QUEUED:
        return msg("证书正在制作，一般几秒钟就好")
    if card.kind is Kind.CREDIT and card.credits is not None:
        return msg("学分证书（{credits} 学分）", credits=format_credits(card.credits))
    return msg("结业证书")


def _address(card: CertificateCard) -> str:
    if card.standing is Standing.ISSUED:
        return url_for("certificates.download", certificate_id=card.id)
    return url_for("certificates.certificates")


def _award_links(award_ids: Collection[UUID]) -> dict[UUID, AwardLink]:
    """The file where there is a good one, else the page that says how it stands."""
    links = {}
    for award_id, card in queries.of_awards(award_ids).items():
        if card.standing is Standing.ISSUED:
            url = url_for("certificates.download", certificate_id=card.id)
        else:
            url = url_for("certificates.verify", token=card.token)
        label = msg("已撤销的证书") if card.standing is Standing.REVOKED else msg("证书")
        links[award_id] = AwardLink(label, url)
    return links
