"""Every column that names a person is indexed: taking back a roster of fifty thousand looks up each of them in each."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

COLUMNS = {
    "activity": ("recorded_by",),
    "approval": ("ended_by", "entered_by",),
    "audit_decision": ("by",),
    "award_proposal": ("by",),
    "award_proposal_answer": ("by",),
    "award_reply": ("by",),
    "claim_step": ("by",),
    "clinical_notice": ("made_by",),
    "credit_proposal": ("decided_by", "proposed_by",),
    "draft": ("reviewed_by", "uploaded_by",),
    "draft_file": ("changed_by",),
    "draft_presence": ("person_id",),
    "draft_save": ("person_id",),
    "edition_move": ("made_by",),
    "edition_rolled_back": ("made_by",),
    "feedback": ("answered_by",),
    "filing": ("made_by",),
    "filing_answer": ("made_by",),
    "filing_row": ("ready_by",),
    "flag_step": ("by",),
    "history_row": ("person_id",),
    "person_record": ("told_by",),
    "practice_step": ("by",),
    "record_step": ("by",),
    "review": ("by",),
    "review_comment": ("by", "resolved_by",),
    "review_reply": ("by",),
    "role_grant": ("granted_by",),
    "rotation": ("made_by",),
    "rotation_step": ("by",),
    "survey": ("made_by",),
    "transcode": ("made_by",),
}


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        for column in columns:
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    for table, columns in COLUMNS.items():
        for column in columns:
            op.drop_index(op.f(f"ix_{table}_{column}"), table)
