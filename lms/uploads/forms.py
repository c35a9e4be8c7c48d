"""What a form with a file field sent: files (without a script) and uploads that the script has made."""

from uuid import UUID

from flask import request

from lms.kernel.actor import Actor
from lms.kernel.cleaning.kinds import Purpose
from lms.kernel.errors import Invalid
from lms.kernel.text import msg
from lms.uploads.receiving import receive


def sent_uploads(actor: Actor, field: str, purpose: Purpose) -> list[UUID]:
    """Uploads of a form's field, in order, each once; to be taken in the unit of work that uses them.

    Files are received and cleaned here, so the view must be one with `own_units`. Raises Invalid with
    the first file's name and what is wrong with it; files before it wait for a week and are forgotten.
    """
    found: list[UUID] = []
    for text in request.form.getlist(f"{field}_upload"):
        try:
            found.append(UUID(text))
        except ValueError:
            raise Invalid(msg("这一页不完整。请重新打开这一页，再选一次文件。")) from None
    for file in request.files.getlist(field):
        if not file.filename:
            continue
        try:
            found.append(receive(actor, purpose, file.filename, file.stream))  # type: ignore[arg-type]
        except Invalid as refused:
            raise Invalid(
                fields={field: msg("“{name}”：{why}", name=file.filename, why=refused.message)}
            ) from None
    return list(dict.fromkeys(found))
