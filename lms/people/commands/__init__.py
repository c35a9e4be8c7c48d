"""Everything that changes people. Access is decided here, for pages, tasks and the shell alike."""

from lms.people.commands.accounts import disable_person, enable_person, invite
from lms.people.commands.codes import address_of, ask_code, send_code, set_password_by_code
from lms.people.commands.register import add_person, edit_person, move_posting
from lms.people.commands.roles import grant_role, withdraw_role
from lms.people.commands.signing_in import (
    change_password,
    choose_language,
    give_consent,
    revoke_other_sessions,
    revoke_session,
    sign_in,
    sign_out,
)
from lms.people.privacy.looking import note_shown, take_file, unmask

__all__ = [
    "add_person",
    "address_of",
    "ask_code",
    "change_password",
    "choose_language",
    "disable_person",
    "edit_person",
    "enable_person",
    "give_consent",
    "grant_role",
    "invite",
    "move_posting",
    "note_shown",
    "revoke_other_sessions",
    "revoke_session",
    "send_code",
    "set_password_by_code",
    "sign_in",
    "sign_out",
    "take_file",
    "unmask",
    "withdraw_role",
]
