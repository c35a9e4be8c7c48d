"""Identity numbers, names, masks, passwords."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel.actor import Role
from lms.people import rules

TODAY = date(2026, 11, 21)


def numbered(region: str, born: str, serial: int) -> str:
    digits = f"{region}{born}{serial:03d}"
    return digits + rules.check_character(digits)


def test_the_textbook_number_checks() -> None:
    assert rules.is_id_number("11010519491231002X", TODAY)


def test_the_region_is_not_judged() -> None:
    assert rules.is_id_number(numbered("000000", "19750612", 2), TODAY)


@pytest.mark.parametrize(
    "number",
    [
        "110105194912310021",
        "11010519491231002x",
        "1101051949123100",
        "",
        "１１０１０５１９４９１２３１００２Ｘ",
        numbered("110105", "19990230", 1),
        numbered("110105", "20991231", 1),
        numbered("110105", "18991231", 1),
    ],
)
def test_it_refuses_wrong_numbers(number: str) -> None:
    assert not rules.is_id_number(number, TODAY)


@given(
    st.dates(date(1940, 1, 1), date(2005, 12, 31)),
    st.integers(0, 999),
    st.integers(0, 16),
    st.integers(1, 9),
)
def test_one_wrong_digit_is_always_noticed(born: date, serial: int, place: int, shift: int) -> None:
    number = numbered("000000", f"{born:%Y%m%d}", serial)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert rules.is_id_number(number, TODAY)
    assert not rules.is_id_number(wrong, TODAY)


def test_masks_show_the_ends_only() -> None:
    assert rules.mask_id_number("00000019750612002X") == "000000********002X"
    assert rules.mask_phone("00000000001") == "000****0001"
    assert rules.mask_email("zhao@example.org") == "z***@example.org"


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("赵桂芳", "赵＊芳"),
        ("李春", "李＊"),
        ("欧阳春生", "欧＊＊生"),
        ("买买提·艾力", "买＊＊·艾＊"),
        ("赵", "赵＊"),
        ("Smith", "S＊＊＊＊"),
    ],
)
def test_names_are_masked(name: str, masked: str) -> None:
    assert rules.mask_name(name) == masked


@pytest.mark.parametrize("name", ["赵桂芳", "买买提·艾力", "𠮷野", "Aygül", "O'Brien", "王\ue000", "㛃"])
def test_it_takes_names_of_all_kinds(name: str) -> None:
    assert rules.is_name(name)


@pytest.mark.parametrize("name", ["", "赵桂芳1", "<b>", "·", "赵" * 51, "a@b", "赵\u200b桂芳"])
def test_it_refuses_what_is_no_name(name: str) -> None:
    assert not rules.is_name(name)


def test_many_middle_dots_become_one() -> None:
    assert rules.plain_name("买买提•艾力") == "买买提·艾力"
    assert rules.plain_name("  赵　桂芳 ") == "赵 桂芳"


def test_phones_are_plain() -> None:
    assert rules.plain_phone("+86 000-0000 0001") == "00000000001"
    assert rules.is_phone("00000000001")
    assert not rules.is_phone("0000000001")
    assert not rules.is_phone("00000000a01")


@pytest.mark.parametrize("password", ["xinglin-demo", "春眠不觉晓处处闻", "Tr0ub4dor"])
def test_it_takes_passwords(password: str) -> None:
    assert rules.is_password(password, ("00000000001",))


@pytest.mark.parametrize("password", ["short", "12345678", "PassWord1", "aaaaaaaaaa", "x00000000001", "a" * 129])
def test_it_refuses_weak_passwords(password: str) -> None:
    assert not rules.is_password(password, ("00000000001", ""))


def test_every_role_and_population_has_a_name() -> None:
    assert set(rules.ROLE_NAMES) == set(Role)
    assert set(rules.POPULATION_NAMES) == set(rules.Population)


def test_devices_are_named_shortly() -> None:
    agent = "Mozilla/5.0 (Linux; Android 9) AppleWebKit/537.36 Chrome/66.0 Mobile Safari/537.36"
    assert rules.device_name(agent) == "Android · Chrome"
    assert rules.device_name("curl/8") == ""
