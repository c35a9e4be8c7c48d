"""Exact amounts: integer thousandths in the database, Decimal in rules, one place that formats."""

from decimal import Decimal
from functools import lru_cache

Credits = Decimal
THOUSANDTH = Decimal("0.001")


def to_milli(amount: Decimal) -> int:
    """Thousandths of an amount; raises ValueError rather than losing a digit."""
    scaled = amount * 1000
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} is finer than a thousandth")
    return int(scaled)


@lru_cache(maxsize=4096)
def from_milli(milli: int) -> Decimal:
    """The amount of so many thousandths, without trailing zeros."""
    return plain(Decimal(milli) / 1000)


def plain(amount: Decimal) -> Decimal:
    """The same amount without trailing zeros and without an exponent."""
    if amount == amount.to_integral_value():
        return amount.quantize(Decimal(1))
    return amount.normalize()


def format_credits(amount: Decimal) -> str:
    """Credits as they are shown: one decimal, more only where the amount has more; thousands grouped."""
    amount = plain(amount)
    exponent = amount.as_tuple().exponent
    places = max(1, -exponent if isinstance(exponent, int) else 1)
    return f"{amount:,.{places}f}"


def format_hours(amount: Decimal) -> str:
    """Hours as they are shown: whole where they are whole."""
    amount = plain(amount)
    exponent = amount.as_tuple().exponent
    return f"{amount:,.{max(0, -exponent if isinstance(exponent, int) else 0)}f}"
