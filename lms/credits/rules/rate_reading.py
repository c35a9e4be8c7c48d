"""Read the rate of a conversion: each shape has its own keys, and every fault is named with its key."""

from collections.abc import Callable
from decimal import Decimal

from lms.credits.rules.grounds import ROLES, UNITS
from lms.credits.rules.rates import NOTHING, ByRole, Choice, Deemed, Fixed, Linear, Ranks, Rate, Rounding, Step, Steps
from lms.credits.rules.reading import Table, UnreadableError, amount, member, one_of, positive, several, text, whole
from lms.kernel.text import msg

SPARE = Decimal(1)


def rate(line: Table) -> Rate:
    """The rate of a conversion by its `shape`; an unknown shape has been noted by the caller."""
    return SHAPES.get(str(line.value.get("shape")), _fixed)(line)


def roles(line: Table, found: Rate) -> tuple[str, ...]:
    """The roles a conversion is for: where a rate goes by role, those it names."""
    if isinstance(found, ByRole):
        return tuple(role for role, _ in found.rates)
    if isinstance(found, Ranks):
        return tuple(role for role in ROLES if role in found.roles)
    none: tuple[str, ...] = ()
    return line.take("roles", several(one_of(ROLES)), none)


def _linear(line: Table) -> Linear:
    return _proportion(line, line.take("unit", one_of(UNITS), "hours"))


def _proportion(line: Table, unit: str) -> Linear:
    return Linear(
        unit=unit,
        quantity=line.take("quantity", positive, SPARE),
        credits=line.take("credits", positive, SPARE),
        rounding=line.take("rounding", member(Rounding), Rounding.FLOOR),
        decimals=line.take("decimals", _decimals, 0),
    )


def _fixed(line: Table) -> Fixed:
    return Fixed(line.take("credits", positive, SPARE))


def _by_role(line: Table) -> ByRole:
    return _roles_of(line, "rates")


def _roles_of(line: Table, name: str) -> ByRole:
    table = line.table(name)
    found = tuple((role, table.take(role, positive, SPARE)) for role in ROLES if role in table.value)
    if name in line.value and not found:
        line.fault(name, msg("至少要写一种身份的学分"))
    table.finish()
    return ByRole(found)


def _ranks(line: Table) -> Ranks:
    table = line.table("rates")
    found = tuple((name, _roles_of(table, name)) for name in table.value)
    if "rates" in line.value and not found:
        line.fault("rates", msg("至少要写一种选择的学分"))
    spare = line.take("default", _maybe_text, None, optional=True)
    if spare is not None and spare not in table.value:
        line.fault("default", msg("rates 里没有“{id}”", id=spare))
    return Ranks(found, spare)


def _choice(line: Table) -> Choice:
    table = line.table("rates")
    found = tuple((name, table.take(name, positive, SPARE)) for name in table.value)
    if "rates" in line.value and not found:
        line.fault("rates", msg("至少要写一种选择的学分"))
    return Choice(found)


def _steps(line: Table) -> Steps:
    unit = line.take("unit", one_of(UNITS), "hours")
    steps = tuple(_step(one) for one in line.tables("steps", optional=False))
    onward = None
    if "onward" in line.value:
        table = line.table("onward")
        onward = _proportion(table, unit)
        table.finish()
    if line.value.get("steps") == []:
        line.fault("steps", msg("要写成一个列表，至少一项"))
    found = Steps(unit, steps, onward)
    if not found.ascending:
        line.fault("steps", msg("分档要从小到大写，学分也要一档比一档多"))
    return found


def _step(table: Table) -> Step:
    if ("from" in table.value) == ("above" in table.value):
        table.fault("from", msg("from（满多少）和 above（超过多少）要写一个，只写一个"))
    above = "above" in table.value
    bound = table.take("above" if above else "from", amount, NOTHING, optional=True)
    step = Step(bound, above, table.take("credits", positive, SPARE))
    table.finish()
    return step


def _deemed(line: Table) -> Deemed:
    credits = line.take("credits", positive, SPARE)
    if "unit" not in line.value and "quantity" not in line.value:
        return Deemed(credits)
    return Deemed(credits, line.take("unit", one_of(UNITS), "months"), line.take("quantity", positive, SPARE))


def _maybe_text(value: object) -> str | None:
    return text(value)


def _decimals(value: object) -> int:
    found = whole(value)
    if not 0 <= found <= 3:
        raise UnreadableError(msg("小数位数要在 0 到 3 之间"))
    return found


SHAPES: dict[str, Callable[[Table], Rate]] = {
    "linear": _linear,
    "fixed": _fixed,
    "by_role": _by_role,
    "choice": _choice,
    "ranks": _ranks,
    "steps": _steps,
    "deemed": _deemed,
}
