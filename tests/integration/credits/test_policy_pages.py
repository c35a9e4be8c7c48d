"""The pages on policies: open to anybody, in both languages, light, and made from the data."""

import gzip
import re
from collections.abc import Callable
from html import unescape

import pytest
from cast import Cast, Member
from flask import Flask
from flask.testing import FlaskClient

from lms.credits import policies
from lms.credits.rules.checking import groups
from lms.credits.rules.policy import Status
from lms.kernel import clock

KNOWN = [known.policy for known in policies.library()]
LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
CHINESE = re.compile(r"[\u3400-\u9fff]+")
WHY = {
    Status.UNCONFIRMED: "还没有读到正式的文件",
    Status.DISPUTED: "哪一种对还没有定",
    Status.HISTORY: "以前的记录",
}
OWN = {"中文", "杏林"}  # the button that turns an English page Chinese, and the house's name
LIST = "/credits/policies"
SignIn = Callable[[FlaskClient, Member], FlaskClient]


def read(client: FlaskClient, address: str, language: str = "zh") -> str:
    answer = client.get(address, headers={"Accept-Language": language})
    assert answer.status_code == 200, (address, answer.status)
    return answer.text


def text_of(page: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", page))


@LANGUAGES
def test_the_list_names_every_policy_with_its_state(client: FlaskClient, language: str) -> None:
    page = read(client, LIST, language)
    for policy in KNOWN:
        assert f'href="{LIST}/{policy.id}"' in page
        assert policy.title.both()[language] in text_of(page)
    states = {"zh": ("执行", "没有核实", "有争议", "以前的"), "en": ("In force", "Unconfirmed", "Disputed", "Former")}
    for word in states[language]:
        assert word in text_of(page)


@LANGUAGES
def test_a_page_holds_every_line_with_its_citation_and_label(client: FlaskClient, language: str) -> None:
    labels = {"zh": ("各地做法", "暂定"), "en": ("local practice", "provisional")}[language]
    for policy in KNOWN:
        page = read(client, f"{LIST}/{policy.id}", language)
        shown = text_of(page)
        lines = [line for group in groups(policy).values() for line in group]
        missing = [line.id for line in lines if line.grounds.citation.both()[language] not in shown]
        assert not missing, policy.id
        assert all(remark.text.both()[language] in shown for remark in policy.remarks)
        found = sum(len(re.findall(f"</svg>{word}</span>", page)) for word in labels)
        assert found == sum(line.grounds.certainty.labelled for line in lines), policy.id
        assert policy.version in shown
        assert language == "zh" or not set(CHINESE.findall(shown)) - OWN


def test_what_is_not_in_force_says_on_top_that_it_decides_nobodys_credits(client: FlaskClient) -> None:
    for policy in KNOWN:
        page = read(client, f"{LIST}/{policy.id}")
        top = text_of(page[page.index('<div class="note') : page.index('<dl class="kv">')])
        if policy.status is Status.IN_FORCE:
            assert "正在执行" in top
            continue
        assert "不决定任何人的学分" in top
        assert WHY[policy.status] in top
        governing = policies.governing(policy.jurisdiction, clock.today().year)
        assert governing is not None
        assert governing.title.zh in top
        assert f'href="{LIST}/{governing.id}"' in page


def test_the_readings_of_a_disputed_policy_lead_to_each_other(client: FlaskClient) -> None:
    assert f'href="{LIST}/CN-HA-2025-text"' in read(client, f"{LIST}/CN-HA-2025-code")
    assert f'href="{LIST}/CN-HA-2025-code"' in read(client, f"{LIST}/CN-HA-2025-text")


def test_a_page_says_the_numbers_and_works_an_example(client: FlaskClient) -> None:
    page = text_of(read(client, f"{LIST}/CN-2025"))
    for words in ("一年至少 25 学分。", "一年至少 90 学时。", "每 3 学时计 1 学分。", "6 学时 → 2 学分"):
        assert words in page
    old = text_of(read(client, f"{LIST}/CN-2006", "en"))
    for words in ("Class I credits", "At least 5 credits a year, of which at most 10 credits count.", "2006 to 2024"):
        assert words in old


def test_an_unknown_policy_is_not_found(client: FlaskClient) -> None:
    for name in ("CN-1999", "cn-2025", "..%2FCN-2025", "CN-2025.toml"):
        assert client.get(f"{LIST}/{name}").status_code == 404


@LANGUAGES
def test_pages_are_light(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn, count_sql: Callable[[], object], language: str
) -> None:
    """No statement for nobody, the one that loads the session for a doctor; few bytes on the wire."""
    doctor = sign_in(app.test_client(), cast.learner)
    for address in (LIST, *(f"{LIST}/{one.id}" for one in KNOWN)):
        for browser, most in ((client, 0), (doctor, 1)):
            headers = {"Accept-Language": language, "Accept-Encoding": "gzip"}
            browser.get(address, headers=headers)
            with count_sql() as statements:  # type: ignore[attr-defined]
                answer = browser.get(address, headers=headers)
            assert len(statements) <= most, statements
            body = answer.data if answer.headers.get("Content-Encoding") == "gzip" else gzip.compress(answer.data)
            assert len(body) <= 6_000, (address, len(body))


def test_the_administrator_finds_the_list(app: Flask, cast: Cast, client: FlaskClient, sign_in: SignIn) -> None:
    sign_in(client, cast.admin)
    page = client.get("/admin").text
    assert f'href="{LIST}"' in page
    assert "学分规则" in page
