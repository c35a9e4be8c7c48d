"""Who may open what: one row for every endpoint of the URL map, for every member of the cast.

A row names who is let in (a page is shown; a deed is taken or judged by its content), from whom the
thing is hidden (404: it lies in another place or belongs to somebody else), and how its address and
form are filled from the things of the matrix's scene, all of which belong to the learner or to her
county. Everybody else is forbidden (403); nobody at all is sent to sign in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MEMBERS = ("learner", "colleague", "author", "reviewer", "county_auditor", "province_auditor", "admin", "stranger")
NOBODY = "nobody"
EVERYBODY = (NOBODY, *MEMBERS)


@dataclass(frozen=True)
class Row:
    """What one endpoint answers to whom; `address` and `form` name things of the scene by {name}."""

    let_in: frozenset[str]
    hidden: frozenset[str] = frozenset()
    address: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    missing: bool = False  # the page is switched off: 404 for everybody

    def expected(self, member: str) -> str:
        """One of: in, 404, 403, sign-in."""
        if self.missing or member in self.hidden:
            return "404"
        if member in self.let_in:
            return "in"
        return "sign-in" if member == NOBODY else "403"


def _row(let_in: tuple[str, ...], hidden: tuple[str, ...], address: dict[str, str], form: dict[str, str]) -> Row:
    return Row(frozenset(let_in), frozenset(hidden), address, form)


def anybody(form: dict[str, str] | None = None, **address: str) -> Row:
    """Open to all."""
    return _row(EVERYBODY, (), address, form or {})


def signed_in(form: dict[str, str] | None = None, **address: str) -> Row:
    """Whoever is signed in, about herself."""
    return _row(MEMBERS, (), address, form or {})


def own(*, also: str = "", form: dict[str, str] | None = None, **address: str) -> Row:
    """The learner's own thing; `also` sees it by office, from all others it is hidden."""
    let_in = ("learner", *also.split())
    return _row(let_in, tuple(m for m in MEMBERS if m not in let_in), address, form or {})


def office(let_in: str, *, form: dict[str, str] | None = None, hidden: str = "", **address: str) -> Row:
    """Whoever holds a role; `hidden` from those who hold it elsewhere."""
    return _row(tuple(let_in.split()), tuple(hidden.split()), address, form or {})


ADMIN: dict[str, Any] = {"let_in": "admin", "hidden": "stranger"}  # her county's things
DOCTORS, OTHERS = "learner colleague stranger", "author reviewer county_auditor province_auditor admin"
ADMINS = "admin stranger"  # her own county's list, page or form
STUDIO: dict[str, Any] = {"let_in": "author reviewer", "hidden": "stranger", "draft_id": "{draft}"}
WRITER: dict[str, Any] = {"let_in": "author", "hidden": "stranger", "draft_id": "{draft}"}
AUDITOR: dict[str, Any] = {
    "let_in": "county_auditor province_auditor",
    "hidden": "stranger",
    "award_id": "{award}",
}
SAMPLE: dict[str, Any] = {"let_in": "county_auditor province_auditor", "hidden": "stranger", "sample_id": "{sample}"}
CLAIMS: dict[str, Any] = {"let_in": "county_auditor province_auditor", "hidden": "stranger", "claim_id": "{claim}"}
RECORDS: dict[str, Any] = {"let_in": "county_auditor province_auditor", "hidden": "stranger", "record_id": "{record}"}
FLAG: dict[str, Any] = {"let_in": "county_auditor province_auditor", "hidden": "stranger", "flag_id": "{flag}"}
UNIT: dict[str, Any] = {
    "let_in": "county_auditor province_auditor admin",
    "hidden": "stranger",
    "person_id": "{learner}",
}
OFFICE: dict[str, Any] = {"let_in": "county_auditor province_auditor admin", "hidden": "stranger"}
PERSON = ADMIN | {"person_id": "{learner}"}
PLACE = ADMIN | {"organisation_id": "{clinic}"}
SUPERVISOR: dict[str, Any] = {
    "let_in": "reviewer",
    "hidden": "learner colleague author county_auditor province_auditor admin stranger",
}
PLANNER: dict[str, Any] = {"let_in": "reviewer county_auditor province_auditor", "hidden": "stranger"}
HISTORY = ADMIN | {"import_id": "{history}"}
OFFICES = "reviewer county_auditor province_auditor"  # who hands in tables of records or rotations
BATCH = {"let_in": "admin", "hidden": f"stranger {OFFICES}", "batch_id": "{batch}"}
COMING = ADMIN | {"coming_id": "{coming}"}
FILER = ADMIN | {"filing_id": "{filing}"}

EDITIONS: dict[str, Any] = {"let_in": "author reviewer", "hidden": "stranger", "slug": "{course}"}
EDITOR: dict[str, Any] = {"let_in": "author", "hidden": "stranger", "slug": "{course}"}

EDITION = {"let_in": "author reviewer", "hidden": "stranger", "slug": "{course}", "number": "1"}
REHEARSED = {"let_in": "author", "hidden": "stranger", "rehearsal_id": "{rehearsal}"}
ROOM = {"let_in": "author", "hidden": "stranger", "draft_id": "{room}"}
ROOM_LESSON = ROOM | {"slug": "{room_lesson}"}
ROOM_QUESTION = ROOM | {"code": "{room_question}"}
ROOM_FILE = ROOM | {"file_id": "{room_file}"}
TABLE: dict[str, Row] = {
    # the open door
    "home.welcome": anybody(),
    "health.healthz": anybody(),
    "health.readyz": anybody(),
    "health.metrics": Row(frozenset(), missing=True),
    "people.privacy": anybody(),
    "people.sign_in": anybody(),
    "people.sign_in_now": anybody(form={"account": "00000000001", "password": "wrong"}),
    "people.ask_code": anybody(),
    "people.ask_code_now": anybody(form={"account": "00000000777"}),
    "people.enter_code": anybody(code_id="{code}"),
    "people.enter_code_now": anybody(code_id="{code}", form={"code": "000000", "password": "a new password"}),
    "people.choose_language": anybody(form={"language": "en", "back": "/"}),
    "people.sign_out": anybody(),
    "courses.catalogue": anybody(),
    "courses.course": anybody(slug="{course}"),
    "courses.learning_paths": anybody(),
    "courses.pocket_card": anybody(slug="tested"),
    "courses.medium": anybody(name="{picture}"),
    "certificates.verify": anybody(token="{token}"),
    "credits.policy_list": anybody(),
    "credits.policy": anybody(policy_id="CN-2025"),
    # herself
    "home.today": signed_in(),
    "people.account": signed_in(),
    "people.notices": signed_in(),
    "people.open_notice": own(notice_id="{notice}"),
    "people.read_notices": signed_in(),
    "people.notice_preferences": signed_in(),
    "people.choose_notices": signed_in(form={"digest": "daily", "quiet_from": "21:00", "quiet_until": "07:00"}),
    "people.my_looks": signed_in(),
    "people.my_data": signed_in(),
    "people.ask_copy": signed_in(form={"password": "wrong"}),
    "people.fetch_copy": signed_in(form={"password": "wrong"}, copy_id="{new}"),
    "people.close_page": signed_in(),
    "people.close_account": signed_in(form={"agree": "y", "password": "wrong"}),
    "people.password": signed_in(),
    "people.change_password": signed_in(form={"old": "wrong", "new": "another password"}),
    "people.consent": signed_in(),
    "people.give_consent": signed_in(form={"agree": "y"}),
    "people.revoke_other_sessions": signed_in(),
    "people.revoke_session": own(session_id="{session}"),
    "credits.statement": signed_in(),
    "credits.statement_file": signed_in(ending="xlsx"),
    "credits.transcript": signed_in(),
    "credits.transcript_file": signed_in(ending="csv"),
    "certificates.certificates": signed_in(),
    # her files on their way
    "uploads.begin": signed_in(
        form={"id": "{new}", "purpose": "evidence", "name": "x", "size": "1", "sha": "0" * 64, "chosen_sha": "0" * 64}
    ),
    "uploads.status": own(upload_id="{upload}"),
    "uploads.chunk": own(upload_id="{upload}", offset="0"),
    "uploads.finish": own(upload_id="{upload}"),
    "uploads.withdraw": own(upload_id="{upload}"),
    # her learning
    "courses.enrol": signed_in(slug="{course}"),
    "courses.lesson": own(enrolment_id="{enrolment}", slug="{lesson}"),
    "courses.finish": own(enrolment_id="{enrolment}", slug="{lesson}"),
    "courses.check": own(
        enrolment_id="{enrolment}", slug="{lesson}", form={"code": "TST-C01", "answer_id": "{new}", "choice": "1"}
    ),
    "improving.lesson_feedback": own(enrolment_id="{enrolment}", slug="{lesson}"),
    "improving.say_of_lesson": own(enrolment_id="{enrolment}", slug="{lesson}", form={"rating": "4"}),
    "improving.take_page": own(survey_id="{asked}"),
    "improving.take_survey": own(survey_id="{asked}", form={"q0": ""}),
    "improving.knowledge_test": own(enrolment_id="{tested}", occasion="before"),
    "improving.take_knowledge_test": own(enrolment_id="{tested}", occasion="before", form={"decline": ""}),
    "improving.course_feedback": own(slug="{course}"),
    "improving.say_of_course": own(slug="{course}", form={"rating": "4"}),
    "assessments.start_page": own(enrolment="{enrolment}"),
    "assessments.start": own(enrolment="{enrolment}"),
    "assessments.attempt": own(attempt="{attempt}"),
    "assessments.questions": own(attempt="{attempt}"),
    "assessments.save": own(attempt="{attempt}", form={"position": "1", "answer_id": "{new}", "choice": "1"}),
    "assessments.submit": own(attempt="{attempt}"),
    "assessments.result": own(attempt="{passed}"),
    # her credits and certificates
    "credits.award": own(award_id="{award}"),
    "credits.own_flags": signed_in(),
    "credits.own_flag": own(flag_id="{flag}"),
    "credits.answer_flag": own(flag_id="{flag}", form={"text": "电脑是卫生室的。", "reply_id": "{new}"}),
    "credits.reply": own(award_id="{award}", form={"text": "签到表照片已补。", "reply_id": "{new}"}),
    "certificates.download": own(also="county_auditor province_auditor admin", certificate_id="{certificate}"),
    # her records
    "pathways.records": signed_in(),
    "pathways.new_record": signed_in(),
    "pathways.hand_in_record": signed_in(form={"record_id": "{new}", "kind": "renewal"}),
    "pathways.record": own(record_id="{record}"),
    "pathways.hand_in_record_again": own(record_id="{record}", form={"version": "999"}),
    "pathways.withdraw_record": own(record_id="{record}", form={"version": "999"}),
    "pathways.record_paper": own(
        also="county_auditor province_auditor", record_id="{record}", file_id="{record_paper}"
    ),
    "pathways.record_paper_small": own(
        also="county_auditor province_auditor", record_id="{record}", file_id="{record_paper}"
    ),
    # her claims
    "credits.claims": signed_in(),
    "credits.new_claim": signed_in(),
    "credits.begin_claim": signed_in(form={"claim_id": "{new}", "kind": "unit_lecture"}),
    "credits.claim": own(claim_id="{claim}"),
    "credits.save_claim": own(claim_id="{claim}", form={"version": "1"}),
    "credits.hand_in_claim": own(claim_id="{claim}", form={"version": "999", "truth": "y"}),
    "credits.withdraw_claim": own(claim_id="{claim}", form={"version": "999"}),
    "credits.answer_claim": own(claim_id="{claim}", form={"version": "1", "text": "请再看一次。"}),
    "credits.claim_paper": own(also="county_auditor province_auditor", claim_id="{claim}", file_id="{paper}"),
    "credits.claim_paper_small": own(also="county_auditor province_auditor", claim_id="{claim}", file_id="{paper}"),
    # her practice, and who signs and plans it (the reviewer is a supervisor too)
    "teaching.log": signed_in(),
    "teaching.enter_practice": signed_in(form={"entry_id": "{new}", "kind": "ward"}),
    "teaching.practice_entry": own(entry_id="{practice}"),
    "teaching.change_practice": own(entry_id="{practice}", form={"version": "999"}),
    "teaching.withdraw_practice": own(entry_id="{practice}", form={"version": "999"}),
    "teaching.signing": signed_in(),
    "teaching.sign_practice": office(**SUPERVISOR, form={"entry": "{practice}:999"}),
    "teaching.signing_entry": office(**SUPERVISOR, entry_id="{practice}"),
    "teaching.return_practice": office(**SUPERVISOR, entry_id="{practice}", form={"version": "999", "reason": "半天"}),
    "teaching.own_rotations": signed_in(),
    "teaching.rotation": office(
        "learner reviewer county_auditor province_auditor", hidden="colleague author admin stranger",
        rotation_id="{rotation}",
    ),
    "teaching.finish_rotation": office(**SUPERVISOR, rotation_id="{rotation}", form={"version": "999", "exam": "pass"}),
    "teaching.return_rotation": office(**SUPERVISOR, rotation_id="{rotation}", form={"version": "9", "reason": "没来"}),
    "teaching.planning": office("reviewer county_auditor province_auditor stranger"),
    "teaching.new_rotation": office(**PLANNER, person_id="{learner}"),
    "teaching.plan_rotation": office(**PLANNER, person_id="{learner}", form={"rotation_id": "{new}"}),
    "teaching.change_rotation_page": office(**PLANNER, rotation_id="{rotation}"),
    "teaching.change_rotation": office(**PLANNER, rotation_id="{rotation}", form={"version": "999"}),
    "teaching.cancel_rotation": office(**PLANNER, rotation_id="{rotation}", form={"version": "999"}),
    # what she keeps up, and the ways she may go: open to her kind of staff, whoever she is
    "pathways.pathways": signed_in(),
    "pathways.pathway": office(DOCTORS, hidden=OTHERS, pathway_id="rural-gp-assistant"),
    "pathways.follow": office(DOCTORS, hidden=OTHERS, pathway_id="rural-gp-assistant"),
    "pathways.stop": office(DOCTORS, hidden=OTHERS, pathway_id="rural-gp-assistant"),
    # the studio
    "courses.studio_drafts": office("author reviewer stranger"),
    "courses.studio_courses": office("author reviewer stranger"),
    "courses.curriculum": office("author reviewer stranger"),
    "courses.studio_course": office("author reviewer", hidden="stranger", slug="{course}"),
    "credits.course_credit": office("author reviewer", hidden="stranger", slug="{course}"),
    "credits.propose_credit": office("author", hidden="stranger", slug="{course}", form={"hours": ""}),
    "credits.withdraw_proposed_credit": office("author", hidden="stranger", slug="{course}", proposal_id="{proposal}"),
    "improving.course_results": office("author reviewer", hidden="stranger", slug="{course}"),
    "improving.course_results_file": office("author reviewer", hidden="stranger", slug="{course}"),
    "improving.count_course": office("author reviewer", hidden="stranger", slug="{course}"),
    "improving.course_words": office("author reviewer", hidden="stranger", slug="{course}"),
    "improving.answer_words": office("author", hidden="stranger", feedback_id="{feedback}", form={"text": "谢谢。"}),
    "improving.course_surveys": office("author reviewer", hidden="stranger", slug="{course}"),
    "improving.make_survey": office("author", hidden="stranger", slug="{course}", form={"title_zh": ""}),
    "improving.survey": office("author reviewer", hidden="stranger", survey_id="{survey}"),
    "improving.survey_file": office("author reviewer", hidden="stranger", survey_id="{survey}"),
    "improving.add_question": office("author", hidden="stranger", survey_id="{survey}", form={"text_zh": ""}),
    "improving.keep_typed": office("author", hidden="stranger", survey_id="{survey}", form={"form": "add"}),
    "improving.drop_typed": office("author", hidden="stranger", survey_id="{survey}", form={"form": "add"}),
    "improving.question_page": office("author", hidden="stranger", survey_id="{survey}", place="0"),
    "improving.change_question": office(
        "author", hidden="stranger", survey_id="{survey}", place="0", form={"text_zh": ""}
    ),
    "improving.order_questions": office("author", hidden="stranger", survey_id="{survey}", form={"do": "out:9"}),
    "improving.publish_survey": office("author", hidden="stranger", survey_id="{survey}", form={"version": "0"}),
    "improving.close_survey": office("author", hidden="stranger", survey_id="{survey}", form={"version": "0"}),
    "courses.studio_draft": office(**STUDIO),
    "courses.studio_preview": office(**STUDIO, slug="{lesson}"),
    "courses.studio_preview_card": office(**STUDIO),
    "courses.studio_upload_page": office("author stranger"),
    "courses.studio_upload": office("author stranger"),
    "courses.studio_rehearse": office("author stranger"),
    "courses.studio_take": office("author stranger"),
    "courses.studio_draft_package": office(**STUDIO),
    "courses.studio_edition_package": office(**EDITION),
    "books.draft": office(**STUDIO),
    "books.ask_draft": office(**STUDIO, form={"book": "zh.epub"}),
    "books.draft_file": office(**STUDIO, name="zh.epub"),
    "books.edition": office(**EDITION),
    "books.ask_edition": office(**EDITION, form={"book": "zh.epub"}),
    "books.edition_file": office(**EDITION, name="zh.epub"),
    "books.own": own(enrolment_id="{enrolment}"),
    "books.ask_own": own(enrolment_id="{enrolment}", form={"book": "zh.epub"}),
    "books.own_file": own(enrolment_id="{enrolment}", name="zh.epub"),
    "courses.studio_submit": office(**WRITER),
    "courses.studio_publish": office(**WRITER),
    "courses.studio_withdraw": office(**WRITER),
    # her own upload: the author sees the page, and that somebody else has to judge it
    "courses.studio_approve": office(**STUDIO | {"let_in": "reviewer"}, form={"note": "写得清楚", "seen": "-"}),
    "courses.studio_changes": office(**STUDIO | {"let_in": "reviewer"}, form={"note": "请补出处", "seen": "-"}),
    "courses.studio_review": office(**STUDIO),
    "courses.studio_comment": office(
        **STUDIO | {"let_in": "reviewer"},
        form={"file": "course.toml", "quote": "量准血压", "text": "写明量几次", "comment_id": "{new}"},
    ),
    "courses.studio_answer_comment": office(**STUDIO, comment_id="{review_comment}", form={"reply_id": "{new}"}),
    "courses.studio_reopen_comment": office(**STUDIO | {"let_in": "reviewer"}, comment_id="{review_comment}"),
    "courses.studio_take_back": office(**WRITER),
    "courses.studio_problems": office(**ROOM_LESSON),
    "courses.studio_import_page": office("author stranger"),
    "courses.studio_import": office("author stranger"),
    "courses.studio_import_rehearsal": office(**REHEARSED),
    "courses.studio_import_take": office(**REHEARSED),
    "courses.studio_import_drop": office("author stranger", rehearsal_id="{unwanted}"),
    "courses.studio_new": office("author stranger"),
    "courses.studio_start": office("author stranger", form={"title": ""}),
    "courses.studio_revise": office("author", hidden="stranger", slug="{course}"),
    "courses.studio_take_up": office(**WRITER),
    "courses.studio_unsaved": office(**ROOM),
    "courses.studio_keep_typed": office(**ROOM, form={"form": "paste"}),
    "courses.studio_drop_typed": office(**ROOM, form={"form": "paste", "typed": "{new}"}),
    "courses.studio_settings": office(**ROOM, page="goals"),
    "courses.studio_set": office(**ROOM, page="goals", form={"base": "{room_file}.w"}),
    "courses.studio_add_lesson": office(**ROOM, form={"title": "再摸脚"}),
    "courses.studio_lesson": office(**ROOM_LESSON),
    "courses.studio_lesson_facts": office(**ROOM_LESSON, form={"title": "先看脚", "minutes": "6"}),
    "courses.studio_move_lesson": office(**ROOM_LESSON, form={"to": "1"}),
    "courses.studio_remove_lesson": office(**ROOM_LESSON, form={"sure": ""}),
    "courses.studio_file": office(**ROOM_FILE),
    "courses.studio_media": office(**ROOM),
    "courses.studio_add_media": office(**ROOM),
    "courses.studio_remove_media": office(**ROOM, form={"name": "kept.pdf"}),
    "courses.studio_retry_media": office(**ROOM, form={"id": "{new}"}),
    "courses.studio_captions": office(**ROOM, form={"name": "kept.film", "language": "zh"}),
    "courses.studio_place_media": office(**ROOM, form={"lesson": "{room_file}", "name": "kept.pdf", "said": ""}),
    "courses.studio_save": office(
        **ROOM_FILE, form={"base": "{room_file}.w", "save_id": "{room_file}", "text": "坐下。"}
    ),
    "courses.studio_here": office(**ROOM_FILE, form={"base": "{room_file}.w"}),
    "courses.studio_seen": office(**ROOM_FILE),
    "courses.studio_try": office(**ROOM_FILE, form={"text": "坐下。"}),
    "courses.studio_disputed": office(**ROOM_FILE),
    "courses.studio_settle": office(**ROOM_FILE, form={"base": "{room_file}.w"}),
    "courses.studio_questions": office(**ROOM),
    "courses.studio_add_question": office(**ROOM, form={"type": "true_false", "stem": ""}),
    "courses.studio_save_question": office(**ROOM_QUESTION, form={"stem": ""}),
    "courses.studio_remove_question": office(**ROOM_QUESTION, form={"sure": ""}),
    "courses.studio_copy_question": office(**ROOM_QUESTION),
    "courses.studio_move_question": office(**ROOM_QUESTION, form={"to": "up"}),
    "courses.studio_paste_page": office(**ROOM),
    "courses.studio_paste": office(**ROOM, form={"text": ""}),
    # editions in use
    "courses.studio_editions": office(**EDITIONS),
    "courses.studio_difference": office(**EDITIONS),
    "courses.studio_draft_difference": office(**STUDIO),
    "courses.studio_draft_move": office(**STUDIO),
    "courses.studio_move_preview": office(**EDITIONS),
    "courses.studio_move": office(**EDITOR, form={"move_id": "{new}", "from": "1", "to": "1"}),
    "courses.studio_move_back": office(**EDITOR, move_id="{move}"),
    "courses.studio_roll_back": office(**EDITOR, form={"number": "999"}),
    "courses.studio_retire_page": office(**EDITOR),
    "courses.studio_standing": office(**EDITOR, form={"deed": "pause"}),
    "courses.studio_notice": office(**EDITOR, number="1"),
    "courses.studio_mark_notice": office(**EDITOR, number="1", form={"text_zh": "", "text_en": ""}),
    "courses.studio_unmark_notice": office(**EDITOR, number="1"),
    "courses.studio_look": office(**EDITIONS, number="1"),
    "courses.studio_look_lesson": office(**EDITIONS, number="1", lesson="{lesson}"),
    "courses.studio_look_card": office(**EDITIONS, number="1"),
    "courses.read_notice": signed_in(edition_id="{edition}"),
    "assessments.look": office(**EDITIONS, number="1"),
    "assessments.look_at_draft": office(**STUDIO),
    # auditing
    "credits.audit_queue": office("county_auditor province_auditor stranger"),
    "credits.approve_awards": office("county_auditor province_auditor stranger"),
    "credits.audit_award": office(**AUDITOR),
    "credits.decide": office(
        **AUDITOR, form={"action": "return", "version": "1", "reason_code": "evidence", "text": "请补签到表。"}
    ),
    "credits.withdraw": office(**AUDITOR, form={"version": "999"}),
    "credits.second": office(**AUDITOR, form={"action": "confirm", "version": "999"}),
    "credits.samples": office("county_auditor province_auditor stranger"),
    "credits.draw_sample": office("county_auditor province_auditor stranger", form={"seed": ""}),
    "credits.sample": office(**SAMPLE),
    "credits.sample_protocol": office(**SAMPLE),
    "credits.sample_file": office(**SAMPLE, form={"ending": "csv"}),
    "credits.claim_queue": office("county_auditor province_auditor stranger"),
    "credits.approve_claims": office("county_auditor province_auditor stranger"),
    "credits.audit_claim": office(**CLAIMS),
    "credits.decide_claim": office(**CLAIMS, form={"action": "approve", "version": "999"}),
    "pathways.record_queue": office("county_auditor province_auditor stranger"),
    "pathways.audit_record": office(**RECORDS),
    "pathways.decide_record": office(**RECORDS, form={"action": "verify", "version": "999"}),
    "pathways.end_record": office(**RECORDS, form={"version": "999"}),
    "pathways.new_entry": office("county_auditor province_auditor stranger"),
    "pathways.enter_record": office(
        "county_auditor province_auditor", hidden="stranger", form={"person": "{learner}", "kind": "assessment"}
    ),
    "credits.flag_queue": office("county_auditor province_auditor stranger"),
    "credits.flag": office(**FLAG),
    "credits.review_flag": office(**FLAG, form={"action": "ask", "version": "1", "text": "请说明。"}),
    "credits.person_statement": office(**UNIT),
    "credits.person_transcript": office(**UNIT),
    "credits.export_person": office(**UNIT, form={"year": "2026", "ending": "xlsx"}),
    # compliance: her own places' overview; the learner's county, clinic and year
    "credits.compliance_areas": office("county_auditor province_auditor admin stranger"),
    "credits.compliance_overview": office(**OFFICE, organisation_id="{clinic}"),
    "credits.compliance_people": office(**OFFICE, organisation_id="{clinic}"),
    "credits.compliance_person": office(**OFFICE, person_id="{learner}"),
    "pathways.own_plan": signed_in(),
    "credits.coming_for_her": signed_in(),
    # pathways: her own places; the learner's county, clinic and standing
    "pathways.county_places": office("county_auditor province_auditor admin stranger"),
    "pathways.county_funnel": office(**OFFICE, organisation_id="{clinic}"),
    "pathways.county_people": office(**OFFICE, organisation_id="{clinic}", way="village-doctor-duties"),
    "pathways.export_county_people": office(**OFFICE, organisation_id="{clinic}", way="village-doctor-duties"),
    "pathways.county_person": office(**OFFICE, person_id="{learner}"),
    # to the regulator: her own list and form; her county's filing and the answer to it
    "credits.filings": office("county_auditor province_auditor admin stranger"),
    "credits.make_filing": office(ADMINS, form={"place": ""}),
    "credits.filing": office(**OFFICE, filing_id="{filing}"),
    "credits.try_filing_again": office(**FILER),
    "credits.hand_out_filing": office(**FILER, form={"name": "full.csv"}),
    "credits.rehearse_answer": office(**FILER),
    "credits.filing_answer": office(**FILER, answer_id="{answer}"),
    "credits.apply_answer": office(**FILER, answer_id="{answer}"),
    "credits.refused_rows": office("county_auditor province_auditor admin stranger"),
    "credits.mark_ready": office(**OFFICE, filing_id="{filing}", award_id="{award}"),
    # history: her own list, form and template; an import that the county's administrator made
    "credits.history": office(ADMINS),
    "credits.history_template": office(ADMINS),
    "credits.rehearse_history": office(ADMINS, form={"system": ""}),
    "credits.history_import": office(**HISTORY),
    "credits.start_history": office(**HISTORY),
    "credits.undo_history": office(**HISTORY),
    # rosters: her own list, form and templates of what her roles allow; a batch that the county's administrator made
    "people.rosters": office(f"{OFFICES} {ADMINS}"),
    "people.roster_template": office(ADMINS, hidden=OFFICES, kind="people", ending="xlsx"),
    "people.rehearse_roster": office(f"{OFFICES} {ADMINS}", form={"kind": ""}),
    "people.roster_batch": office(**BATCH),
    "people.roster_faults": office(**BATCH),
    "people.commit_roster": office(**BATCH),
    "people.undo_roster": office(**BATCH),
    "people.rehearse_undo_roster": office(**BATCH),
    "people.try_roster_again": office(**BATCH),
    # administration: lists and forms of one's own county
    "people.administration": office(ADMINS),
    "people.roster": office(ADMINS),
    "people.find_person": office(ADMINS, form={"number": "00000000001"}),
    "people.new_person": office(ADMINS),
    "people.add_person": office(ADMINS, form={"name": ""}),
    "people.outbox": office(ADMINS),
    "organisations.tree": office(ADMINS),
    "certificates.waiting": office(ADMINS),
    "credits.approvals": office(ADMINS),
    "credits.approve_course": office(ADMINS, form={"course_code": ""}),
    "credits.rollover": office(ADMINS),
    "credits.roll_over": office(ADMINS, form={"step": "preview"}),
    "credits.rollover_done": office(**ADMIN, rollover_id="{rollover}"),
    "credits.undo_rollover": office(**ADMIN, rollover_id="{rollover}"),
    "credits.activities": office(ADMINS),
    "credits.attendance_list": office(ADMINS),
    "credits.coming_activities": office(ADMINS),
    "credits.new_coming": office(ADMINS),
    "credits.enter_coming": office(ADMINS, form={"place": ""}),
    "credits.coming_activity": office(**COMING),
    "credits.change_coming": office(**COMING, form={"place": ""}),
    "credits.cancel_coming": office(**COMING, form={"version": "1"}),
    "credits.record_list": office(ADMINS, form={"place": ""}),
    "credits.ledger": office(ADMINS),
    "credits.find_person": office(ADMINS, form={"number": "00000000001"}),
    # administration: one person, one place, one thing
    "people.person_file": office(**PERSON),
    "people.edit_person": office(**PERSON),
    "people.save_person": office(**PERSON, form={"name": "赵桂芳", "population": "village_doctor"}),
    "people.posting": office(**PERSON),
    "people.move_posting": office(**PERSON, form={"workplace": "", "on": ""}),
    "people.send_code": office(**PERSON),
    "people.looks": office(ADMINS),
    "people.unmask": office(**PERSON, form={"field": "phone", "purpose": "contact", "note": "核对登记信息"}),
    "people.grant_role": office(**PERSON, form={"role": "reviewer", "place": "TC-DEMO"}),
    "people.withdraw_role": office(**PERSON, grant_id="{grant}"),
    "people.disable_person": office(**PERSON),
    "people.enable_person": office(**PERSON),
    "credits.activity": office(**PERSON),
    "credits.record_activity": office(**PERSON, form={"kind": "unit_lecture"}),
    "organisations.organisation": office(**PLACE),
    "organisations.edit_organisation": office(**PLACE),
    "organisations.save_organisation": office(**PLACE, form={"name": "石门沟村卫生室"}),
    "organisations.new_organisation": office(**PLACE),
    "organisations.add_organisation": office(**PLACE, form={"name": ""}),
    "credits.proposed_credit": office(**ADMIN, proposal_id="{proposal}"),
    "credits.read_proposed": office(**ADMIN, proposal_id="{proposal}"),
    "credits.read_proposed_lesson": office(**ADMIN, proposal_id="{proposal}", lesson="{lesson}"),
    "credits.read_proposed_card": office(**ADMIN, proposal_id="{proposal}"),
    "credits.approve_proposed_credit": office(**ADMIN, proposal_id="{proposal}", form={"project_number": ""}),
    "credits.refuse_proposed_credit": office(**ADMIN, proposal_id="{proposal}", form={"answer": ""}),
    "credits.end_approval": office(**ADMIN, approval_id="{approval}"),
    "certificates.try_again": office(**ADMIN, certificate_id="{certificate}"),
}

