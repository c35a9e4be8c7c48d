"""Proving once more that it is herself: a phone that lies about signed in must neither dump nor close an account."""

from datetime import timedelta

from sqlalchemy import select

from lms.kernel.access import require_signed_in
from lms.kernel.actor import Actor
from lms.kernel.db import session
from lms.kernel.errors import Invalid, TooMany
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work
from lms.people import passwords, throttle
from lms.people.models import Person

SPAN = timedelta(minutes=10)
MOST_TRIES = 5


def prove(actor: Actor, password: str) -> None:
    """Raise Invalid for a password that is not hers, TooMany after five wrong ones; opens its own units of work, so
    that a refused try is counted and no lock is held while the password is judged."""
    require_signed_in(actor)
    with unit_of_work():
        allowed = throttle.take("prove", str(actor.person_id), MOST_TRIES, SPAN)
        stored = session().scalar(select(Person.password_hash).where(Person.id == actor.person_id))
    if not allowed:
        raise TooMany(msg("试的次数多了。请过 10 分钟再试。"))
    if not passwords.is_right(password, stored):
        raise Invalid(fields={"password": msg("密码不对。忘了可以退出，用验证码设新的。")})
    with unit_of_work():
        throttle.forget("prove", str(actor.person_id))
