"""Why something was decided so: codes and numbers, which `words` turns into sentences."""

from dataclasses import dataclass
from decimal import Decimal

from lms.kernel.quantities import plain

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code, the line of the policy it rests on, and the numbers of the sentence."""

    code: str
    rule: str = ""
    params: tuple[tuple[str, str], ...] = ()


def said(amount: Decimal) -> str:
    """An amount as reasons keep it: exact, without trailing zeros."""
    return str(plain(amount))
