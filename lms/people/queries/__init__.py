"""What may be read about people. Identity numbers and phones leave here masked only."""

from lms.people.queries.browsers import BrowserUse, Colleague, audited_by, authorities, browser_uses
from lms.people.queries.cards import (
    PersonCard,
    PostedPerson,
    PostingCard,
    by_account,
    cards,
    current_posting,
    person,
    posted_people,
    postings,
)
from lms.people.queries.closed import Kept, closed_among, is_closed, kept_identities
from lms.people.queries.filed import by_id_numbers, whole_id_numbers, workplaces
from lms.people.queries.holders import Holder, holders
from lms.people.queries.placements import fences, names, placements
from lms.people.queries.roster import (
    Filters,
    GrantCard,
    PersonFile,
    PersonRow,
    find_exactly,
    grants_of,
    people_in,
    person_file,
    working_below,
)
from lms.people.queries.sign_ins import SessionCard, sessions_of

__all__ = [
    "BrowserUse",
    "Colleague",
    "Filters",
    "GrantCard",
    "Holder",
    "Kept",
    "PersonCard",
    "PersonFile",
    "PersonRow",
    "PostedPerson",
    "PostingCard",
    "SessionCard",
    "audited_by",
    "authorities",
    "browser_uses",
    "by_account",
    "by_id_numbers",
    "cards",
    "closed_among",
    "current_posting",
    "fences",
    "find_exactly",
    "grants_of",
    "holders",
    "is_closed",
    "kept_identities",
    "names",
    "people_in",
    "person",
    "person_file",
    "placements",
    "posted_people",
    "postings",
    "sessions_of",
    "whole_id_numbers",
    "working_below",
    "workplaces",
]
