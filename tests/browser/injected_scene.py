"""What the matrix's scene lacks: forms that stand on a page only when something has happened before."""

import io
from datetime import date
from decimal import Decimal
from uuid import UUID

from injections import payloads
from matrix_scene import Scene, learning_finished
from uploaded import jpeg

from lms.courses.media.records import put_file
from lms.credits.claims import deciding, drafting
from lms.credits.claims.drafting import Papers, Written
from lms.improving import surveys
from lms.improving.questions import question
from lms.kernel.cleaning.kinds import EVIDENCE
from lms.kernel.ids import new_id
from lms.kernel.uow import unit_of_work
from lms.pathways.records import handing_in, verifying
from lms.pathways.rules.checking import Told
from lms.pathways.rules.records import Kind
from lms.uploads.receiving import receive


def more(scene: Scene) -> list[tuple[str, str]]:
    """A claim that is still a draft and one that was refused, their photos named by payloads; a survey that asks for
    words, one of something and several. Who sees them where, and other pages that differ from those of the table."""
    cast, said = scene.cast, payloads()
    room = f"/studio/drafts/{scene.things['room']}"
    seeds = [("admin", "/admin/activities/list?place=LB-YL-LX-SM")]
    filing = scene.app.url_map.bind("localhost").build("credits.filing", {"filing_id": UUID(scene.things["filing"])})
    seeds.append(("admin", filing))
    judged = f"/studio/drafts/{scene.things['draft']}"
    passage = f"{judged}/review?file=lessons/01-part-1.zh.md&at=2"
    seeds += [("reviewer", judged), ("reviewer", passage), ("author", room)]
    seeds += [("author", f"{room}/questions?edit={scene.things['room_question']}")]
    seeds += [("learner", "/credits/claims/new?kind=unit_lecture")]
    seeds += [("learner", f"/pathways/records/new?kind={kind}") for kind in ("diploma", "practice", "exam_written")]
    ban = f"/audit/records/new?person={cast.learner.person_id}&kind=ban"
    seeds += [("county_auditor", ban), ("learner", f"/pathways/records/{_rejected(scene)}")]
    seeds += [("author", f"{room}/settings/{page}") for page in ("course", "goals", "sources", "exam", "terms")]
    with scene.app.app_context():
        for at, state in enumerate(("draft", "refused")):
            claim_id = new_id()
            name = f"{said[at * 70]}.jpg".replace("/", "_")
            photo = receive(cast.learner.actor, EVIDENCE, name, io.BytesIO(jpeg((160 + at, 120))))
            written = Written("unit_lecture", title=f"讲座 {at}", place="卫生院", on_date=date(2026, 5, 2 + at),
                              quantity=Decimal(1), hours=Decimal(2))  # fmt: skip
            seeds.append(("learner", f"/credits/claims/{claim_id}"))
            with unit_of_work():
                drafting.begin(cast.learner.actor, claim_id, written, Papers([photo]))
            if state == "refused":
                with unit_of_work():
                    drafting.hand_in(cast.learner.actor, claim_id, version=1, true=True)
                with unit_of_work():
                    deciding.decide(cast.county_auditor.actor, claim_id, "refuse", version=2,
                                    reason_code="other", text="看不清")  # fmt: skip
        with unit_of_work():
            put_file(UUID(scene.things["room"]), "media/kept.film.toml", cast.author.person_id, text='kind = "film"\n')
            author = cast.author.actor
            asked = [
                question(kind, {"zh": kind, "en": kind}, {"zh": "甲\n乙", "en": "A\nB"} if kind != "text" else {})
                for kind in ("text", "one", "several")
            ]
            words = surveys.make(author, learning_finished(cast), "evaluation", {"zh": "问", "en": "Ask"})
            surveys.change(author, words, 1, asked)
            surveys.publish(author, words, 2)
            seeds.append(("learner", f"/surveys/{words}"))
    return seeds


def _rejected(scene: Scene) -> UUID:
    """A training that came back to her."""
    doctor, record_id = scene.cast.learner.actor, new_id()
    told = Told(Kind.TRAINING, date(2026, 5, 9), None, {"title": "急救", "place": "县医院"})
    with scene.app.app_context():
        photo = receive(doctor, EVIDENCE, "证.jpg", io.BytesIO(jpeg((160, 140))))
        with unit_of_work():
            handing_in.hand_in(doctor, record_id, told, handing_in.Papers([photo]), true=True)
        with unit_of_work():
            verifying.decide(scene.cast.county_auditor.actor, record_id, "reject", version=1, reason="看不清")
    return record_id
