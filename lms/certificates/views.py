"""Pages: my certificates, their files, the public verification, what waits for administrators."""

import re
from io import BytesIO
from uuid import UUID

from flask import request, send_file
from flask.typing import ResponseReturnValue

from lms.certificates import commands, queries, verification
from lms.credits import queries as credits
from lms.kernel import files
from lms.kernel.actor import Role
from lms.kernel.errors import NotFound
from lms.kernel.paging import page_number
from lms.kernel.text import msg
from lms.kernel.web import (
    ANYBODY,
    SIGNED_IN,
    FeatureBlueprint,
    current_actor,
    render,
    roles,
    see_other,
    tell,
)
from lms.people import queries as people

bp = FeatureBlueprint("certificates", __name__)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


@bp.get("/certificates", who=SIGNED_IN)
def certificates() -> ResponseReturnValue:
    """All certificates of the person who is signed in."""
    person_id = current_actor().person_id
    assert person_id is not None
    return render(
        "certificates/certificates.html",
        page=queries.mine(person_id, page_number(request.args.get("page"))),
        waiting=queries.waiting_of(person_id),
        under_review={award.id for award in credits.returned_awards(person_id)},
        person=people.person(person_id),
    )


@bp.get("/certificates/<uuid:certificate_id>.pdf", who=SIGNED_IN)
def download(certificate_id: UUID) -> ResponseReturnValue:
    """The file, byte for byte as it was issued."""
    file = queries.file_of(current_actor(), certificate_id)
    if file is None:
        raise NotFound(msg("这张证书还没有制作好，一般几秒钟就好。请回“证书”页看看。"))
    if not files.exists(file.sha):
        raise FileNotFoundError(file.sha)  # a fault of ours, not a page that does not exist
    response = send_file(
        BytesIO(files.read(file.sha)),
        mimetype="application/pdf",
        download_name=file.download_name,
        etag=file.sha,
        conditional=True,
    )
    # The house's own rule instead of "no-cache", which lets a proxy between keep a doctor's name.
    del response.headers["Cache-Control"]
    return response


@bp.get("/verify/<token>", who=ANYBODY)
def verify(token: str) -> ResponseReturnValue:
    """Whether a certificate is good; whoever holds it may ask, and there is no search."""
    found = verification.of_token(token) if _TOKEN.fullmatch(token) else None
    if found is None:
        return render("certificates/unknown.html"), 404
    # A search engine must not make a list of doctors out of addresses that somebody shared.
    return render("certificates/verify.html", found=found), {"X-Robots-Tag": "noindex"}


@bp.get("/admin/certificates", who=roles(Role.ADMINISTRATOR))
def waiting() -> ResponseReturnValue:
    """Certificates that wait because a character cannot be drawn."""
    return render(
        "certificates/waiting.html",
        page=queries.waiting_in(current_actor(), page_number(request.args.get("page"))),
    )


@bp.post("/admin/certificates/<uuid:certificate_id>/try-again", who=roles(Role.ADMINISTRATOR))
def try_again(certificate_id: UUID) -> ResponseReturnValue:
    """Draw with the name as it stands now."""
    if commands.try_again(current_actor(), certificate_id):
        tell(msg("名字可以印了，证书正在制作。"))
    else:
        tell(msg("名字里还有印不出来的字。请先到人员页改好，再试一次。"), "back")
    return see_other("certificates.waiting")
