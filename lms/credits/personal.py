"""What credits keeps of a person (kernel.personal). The ledger, its leaves and sums never change: at the end they are
nobody's, because the key behind her pseudonym is erased."""

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update

from lms.credits.auditing.models import AuditSample, AwardProposal, ProposalAnswer
from lms.credits.claims.models import Claim, ClaimFile, ClaimStep
from lms.credits.filing import gathering
from lms.credits.filing.models import Filing, FilingAnswer, FilingRow
from lms.credits.filing.rules import REJECTED
from lms.credits.flags.models import Flag, FlagPerson, FlagStep
from lms.credits.history_import.models import HistoryImport, HistoryRow
from lms.credits.ledger.learners import forget_key
from lms.credits.models import AuditDecision, Award, AwardReply, LedgerEntry
from lms.credits.parting import forget_papers, papers_used, remake_filings
from lms.kernel import clock, files
from lms.kernel.audit import GONE
from lms.kernel.crypto import unseal
from lms.kernel.db import session
from lms.kernel.personal import Keeper, OwnFile, Told
from lms.kernel.text import Message, msg

TOLD = {
    "activity": Told("记下的学习活动 Activities on record", left_out=("recorded_by",)),
    "award": Told("学分 Awards", left_out=("authority_path", "search_text", "lot")),
    "refused_activity": Told("没有给学分的活动 Activities that earned nothing"),
    "ledger_entry": Told("学分账 Your ledger", opened={"leaf": lambda leaf: json.loads(leaf or b"null")}),
    "learner_key": Told("公开日志里您的代号 Your pseudonym in the public log"),
    "year_result": Told("每年的达标情况 Your yearly results", left_out=("place_path", "authority_path")),
    "audit_decision": Told("对您学分的审核 Decisions on your awards", parent=("award_id", "award"), left_out=("by",)),
    "award_reply": Told("您对审核的答复 Your replies", by=("by",)),
    "claim": Told("您的申报 Your claims", left_out=("unit_path", "authority_path", "search_text", "fingerprint")),
    "claim_file": Told("申报的材料 Papers of your claims", parent=("claim_id", "claim")),
    "claim_step": Told("申报的经过 What happened to your claims", parent=("claim_id", "claim"), left_out=("by",)),
    "filing_row": Told(
        "上报的行 Lines reported to the regulator",
        left_out=("place_id", "authority_path", "institution_path", "ready_by"),
        opened={"id_number_sealed": lambda sealed: unseal(sealed, gathering.PURPOSE) if sealed else None},
    ),
    "history_row": Told("从别的系统导入的 Imported from other systems"),
}
WITHHELD = {
    "flag": "evidence about several people at once; she reads hers on the page of her flags",
    "flag_person": "says which flags are hers; she reads them on the page of her flags",
    "flag_step": "words of reviewers and of other people about a flag; she reads hers on its page",
    "audit_sample": "which sample an auditor drew: an office's deed, in its protocol",
    "audit_sample_award": "that an award of hers was drawn by lot; what came of it is told with the decisions",
    "award_proposal": "what a first person would decide; the decision, with both names, is told",
    "award_proposal_answer": "what the second person said to it; the decision, with both names, is told",
    "credit_proposal": "who proposed or decided what a course brings: an office's deed, in the audit trail",
    "approval": "who entered an approval of a course: an office's deed, in the audit trail",
    "coming_activity": "who entered or cancelled an activity to come: an office's deed, in the audit trail",
    "rollover": "who entered approvals for a next year together: an office's deed, in the audit trail",
    "filing": "who made a file for a whole place: an office's deed; her lines are told",
    "filing_answer": "a regulator's answer about many people; what it says of her lines is told with them",
    "history_import": "an import of many people; her rows are told",
    "log_pending": "a line on its way into the log, the same as in her ledger",
    "log_leaf": "the public log: her ledger holds the same leaves",
}


def _blocks(person_id: UUID) -> Sequence[Message]:
    found = []
    if _any(select(Claim.id).where(Claim.person_id == person_id, Claim.state.in_(("waiting", "returned")))):
        found.append(msg("有一份申报还没有审完。等审完，或者先撤回，再来注销。"))
    if _any(select(Award.id).where(Award.person_id == person_id, Award.state == "returned")):
        found.append(msg("有一笔学分审核员要您补材料，还没有办完。办完再来注销。"))
    if _any(_proposed(person_id)):
        found.append(msg("有一笔学分在等第二位审核员复核。等复核完再来注销。"))
    flagged = select(Flag.id).join(FlagPerson, FlagPerson.flag_id == Flag.id)
    if _any(flagged.where(FlagPerson.person_id == person_id, Flag.state != "closed")):
        found.append(msg("有一条“请核对”还没有结案。结案以后再来注销。"))
    if _any(select(FilingRow.award_id).where(FilingRow.person_id == person_id, FilingRow.state == REJECTED)):
        found.append(msg("上报主管部门的一行被退回，还没有改好。单位改好重报以后再来注销。"))
    if _any(select(HistoryRow.line).where(HistoryRow.person_id == person_id, HistoryRow.state == "waiting")):
        found.append(msg("正在导入历史学分，里面有您的。过一会儿再来注销。"))
    return found


def _proposed(person_id: UUID) -> Select[UUID]:
    """Proposals about her awards that wait for the second person; one about an award that moved on is over."""
    return (
        select(AwardProposal.id)
        .join(Award, and_(Award.id == AwardProposal.award_id, Award.version == AwardProposal.award_version))
        .outerjoin(ProposalAnswer, ProposalAnswer.proposal_id == AwardProposal.id)
        .where(Award.person_id == person_id, ProposalAnswer.proposal_id.is_(None))
    )


def _any(query: Select[Any]) -> bool:
    return session().scalar(query.limit(1)) is not None


def _weight(person_id: UUID) -> int | None:
    """The last year in which there is credit of hers, or in which she did something about somebody's."""
    entered = session().scalar(select(func.max(LedgerEntry.credit_year)).where(LedgerEntry.person_id == person_id))
    deeds = (session().scalar(select(func.max(at)).where(*hers)) for at, hers in _deeds(person_id))
    years = [clock.year_of(at) for at in deeds if at is not None]
    return max([*years, *([] if entered is None else [entered])], default=None)


def _deeds(person_id: UUID) -> Sequence[tuple[Any, tuple[ColumnElement[bool], ...]]]:
    """What an office did under her name: the column that says when, and which rows are hers. Nobody washes her name
    off them by closing her own account."""
    return (
        (AuditDecision.at, (or_(AuditDecision.by == person_id, AuditDecision.proposed_by == person_id),)),
        (ClaimStep.at, (ClaimStep.by == person_id, ClaimStep.level > 0)),
        (AuditSample.drawn_at, (AuditSample.drawn_by == person_id,)),
        (AwardProposal.at, (AwardProposal.by == person_id,)),
        (ProposalAnswer.at, (ProposalAnswer.by == person_id,)),
        (FlagStep.at, (FlagStep.by == person_id, FlagStep.action != "reply")),
        *((made.made_at, (made.made_by == person_id,)) for made in (Filing, FilingAnswer, HistoryImport)),
    )


def _files(person_id: UUID) -> Iterable[OwnFile]:
    rows = session().execute(
        select(ClaimFile.id, ClaimFile.name, ClaimFile.sha, ClaimFile.claim_id)
        .join(Claim, Claim.id == ClaimFile.claim_id)
        .where(Claim.person_id == person_id)
        .order_by(ClaimFile.added_at, ClaimFile.id)
    )
    return [
        OwnFile(f"claims/{row.claim_id}/{row.id}-{_safe(row.name)}", row.sha) for row in rows if files.exists(row.sha)
    ]


def _safe(name: str) -> str:
    return "".join(c if c.isalnum() or c in "._-" else "_" for c in name)[-60:]


def _claims(person_id: UUID) -> Select[UUID]:
    return select(Claim.id).where(Claim.person_id == person_id)


def _close(person_id: UUID) -> None:
    """Nothing finds her by name any more; what she had not handed in goes."""
    session().execute(update(Award).where(Award.person_id == person_id).values(search_text=""))
    session().execute(update(Claim).where(Claim.person_id == person_id).values(search_text=""))
    own = ClaimStep.claim_id.in_(_claims(person_id))
    session().execute(update(ClaimStep).where(own, ClaimStep.by == person_id).values(by_name=GONE))
    session().execute(update(FlagStep).where(FlagStep.action == "reply", FlagStep.by == person_id).values(by_name=GONE))
    drafts = select(Claim.id).where(Claim.person_id == person_id, Claim.state == "draft")
    forget_papers(person_id, list(session().scalars(drafts)))


def _erase(person_id: UUID) -> None:
    forget_key(person_id)
    claims = list(session().scalars(select(Claim.id).where(Claim.person_id == person_id)))
    forget_papers(person_id, claims)
    hers = ClaimStep.claim_id.in_(_claims(person_id))
    session().execute(update(ClaimStep).where(hers).values(reason_text="", content={}))
    session().execute(update(ClaimStep).where(ClaimStep.by == person_id).values(by_name=GONE))
    awards = select(Award.id).where(Award.person_id == person_id)
    session().execute(update(AuditDecision).where(AuditDecision.award_id.in_(awards)).values(reason_text=""))
    session().execute(update(AuditDecision).where(AuditDecision.by == person_id).values(by_name=GONE))
    session().execute(
        update(AuditDecision).where(AuditDecision.proposed_by == person_id).values(proposed_by_name=GONE)
    )
    session().execute(update(AuditSample).where(AuditSample.drawn_by == person_id).values(drawn_by_name=GONE))
    _erase_proposals(person_id, awards)
    session().execute(update(AwardReply).where(AwardReply.by == person_id).values(text=""))
    flags = select(FlagPerson.flag_id).where(FlagPerson.person_id == person_id)
    session().execute(update(FlagStep).where(FlagStep.flag_id.in_(flags)).values(text=""))
    session().execute(update(FlagStep).where(FlagStep.by == person_id).values(by_name=GONE, text=""))
    session().execute(update(HistoryRow).where(HistoryRow.person_id == person_id).values(note=""))
    for made in (Filing, FilingAnswer, HistoryImport):
        session().execute(update(made).where(made.made_by == person_id).values(made_by_name=GONE))
    remake_filings(person_id)


def _erase_proposals(person_id: UUID, awards: Select[UUID]) -> None:
    """Words about her awards, and her own words and name."""
    about = select(AwardProposal.id).where(AwardProposal.award_id.in_(awards))
    session().execute(update(AwardProposal).where(AwardProposal.award_id.in_(awards)).values(reason_text=""))
    session().execute(update(ProposalAnswer).where(ProposalAnswer.proposal_id.in_(about)).values(text=""))
    session().execute(update(AwardProposal).where(AwardProposal.by == person_id).values(by_name=GONE))
    session().execute(update(ProposalAnswer).where(ProposalAnswer.by == person_id).values(by_name=GONE))


KEEPER = Keeper(
    told=TOLD, withheld=WITHHELD, files=_files, blocks=_blocks, weight=_weight, close=_close, erase=_erase,
    uses=papers_used,
)  # fmt: skip
