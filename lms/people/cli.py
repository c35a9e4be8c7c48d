"""Shell commands of people."""

import click
from flask.cli import AppGroup

from lms.kernel.actor import SYSTEM
from lms.kernel.cli import fail, json_answer
from lms.kernel.errors import DomainError, Invalid
from lms.kernel.i18n import translate
from lms.kernel.text import msg
from lms.kernel.uow import unit_of_work
from lms.organisations import commands as organisations
from lms.organisations import queries as organisation_queries
from lms.organisations.rules import Kind
from lms.people import commands
from lms.people.notices import sending

people = AppGroup("people", help="Accounts.")


@people.command("invite")
@click.option("--name", required=True, help="The administrator's name.")
@click.option("--phone", help="Mobile number she signs in with.")
@click.option("--email", help="Mail address she signs in with.")
@click.option("--at", "code", required=True, help="Code of the organisation she administers.")
@click.option("--province", help="Name of the province to found when no organisation has the code.")
@click.option("--region", help="ISO 3166-2 code of that province, such as CN-HE.")
def invite(
    name: str,
    phone: str | None,
    email: str | None,
    code: str,
    province: str | None,
    region: str | None,
) -> None:
    """Register an administrator and print the code with which she sets her password.

    The very first one also founds the province: --at LB --province 岭北省 --region CN-HE.
    """
    try:
        with unit_of_work():
            if province and organisation_queries.by_code(code.upper()) is None:
                organisations.add_organisation(
                    SYSTEM,
                    kind=Kind.PROVINCE,
                    name=province,
                    code=code,
                    parent_id=None,
                    region_code=region,
                )
            if organisation_queries.by_code(code.upper()) is None:
                raise Invalid(
                    fields={
                        "at": msg(
                            "没有代码是 {code} 的机构。第一位管理员请加上 --province 和 --region，先把省建起来。",
                            code=code,
                        )
                    }
                )
            _, code_id, secret = commands.invite(name=name, organisation_code=code.upper(), phone=phone, email=email)
            address = commands.address_of(code_id)
    except DomainError as refusal:
        fields = refusal.fields if isinstance(refusal, Invalid) else {}
        named = "\n".join(f"{field}: {translate(sentence)}" for field, sentence in fields.items())
        fail(named or refusal)
    click.echo(f"{address}\n{secret}")


notices = AppGroup("notices", help="What people are told.")


@notices.command("send")
def send() -> None:
    """Have everybody told who may be told something now, without waiting for the clock; how many people."""
    with unit_of_work():
        found = sending.send_due()
    json_answer({"people": found})


GROUPS = [people, notices]
