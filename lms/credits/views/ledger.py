"""How the ledger and its public log stand, for administrators."""

from flask.typing import ResponseReturnValue

from lms.credits.log import standing
from lms.credits.views.blueprint import bp
from lms.kernel.actor import Role
from lms.kernel.web import render, roles


@bp.get("/admin/ledger", who=roles(Role.ADMINISTRATOR))
def ledger() -> ResponseReturnValue:
    return render("credits/ledger.html", ledger=standing.ledger_standing(), log=standing.log_standing())
