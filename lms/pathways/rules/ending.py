"""The last day of what was verified and goes on: a job, a service, a registration. Pure."""

from datetime import date

from lms.kernel.text import Message, msg
from lms.pathways.rules.checking import NEEDED
from lms.pathways.rules.schema import Schema


def fault(schema: Schema, on: date, before: date | None, until: date | None, today: date) -> Message | None:
    """Why a last day cannot be; None if it can. `before`: the one on record; without `until` it is taken back."""
    if until is None:
        return NEEDED if before is None else None
    if until < on:
        return msg("这一天早于“{first}”。请照材料核对两个日期。", first=msg(schema.on))
    if until > today:
        return msg("这一天还没有到。到了那一天再登记。")
    return msg("登记的就是这一天，没有改动。") if until == before else None
