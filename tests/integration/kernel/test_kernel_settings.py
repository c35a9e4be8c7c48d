"""Settings: typed, refused all together, secrets made once."""

import stat
from pathlib import Path

import pytest

from lms.kernel.settings import BadSettings, load_settings


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    environment = {
        "XINGLIN_DATA": str(tmp_path),
        "XINGLIN_DATABSE_URL": "postgresql://mistyped",
        "XINGLIN_LOG_LEVEL": "LOUD",
        "XINGLIN_SECRET_KEY": "short",
        "XINGLIN_FIELD_KEY": "not base64!",
        "XINGLIN_PUBLIC_URL": "https://xinglin.example/",
        "PORT": "70000",
    }
    with pytest.raises(BadSettings) as refusal:
        load_settings(environment)
    text = str(refusal.value)
    for name in (
        "XINGLIN_DATABSE_URL: unknown setting", "XINGLIN_LOG_LEVEL", "XINGLIN_SECRET_KEY",
        "XINGLIN_FIELD_KEY", "XINGLIN_PUBLIC_URL", "XINGLIN_PORT",
    ):
        assert name in text
    assert len(text.splitlines()) == 6


def test_a_bad_secret_is_not_repeated_in_the_refusal(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as refusal:
        load_settings({"XINGLIN_DATA": str(tmp_path), "XINGLIN_SECRET_KEY": "my-secret-word"})
    assert "my-secret-word" not in str(refusal.value)


def test_an_unknown_name_is_refused_and_others_names_are_not_ours(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="XINGLIN_COLOUR: unknown setting"):
        load_settings({"XINGLIN_DATA": str(tmp_path), "XINGLIN_COLOUR": "green"})
    assert load_settings({"XINGLIN_DATA": str(tmp_path), "COLOUR": "green"}).port == 8000


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    first = load_settings({}, data=tmp_path)
    second = load_settings({}, data=tmp_path)
    assert (first.secret_key, first.field_key) == (second.secret_key, second.field_key)
    assert len(first.secret_key) >= 32
    for name in ("secret_key", "field_key"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_a_given_secret_leaves_no_file(tmp_path: Path) -> None:
    assert load_settings({"XINGLIN_SECRET_KEY": "s" * 32}, data=tmp_path).secret_key == "s" * 32
    assert not (tmp_path / "secret_key").exists()


def test_port_has_no_prefix(tmp_path: Path) -> None:
    assert load_settings({"PORT": "8123"}, data=tmp_path).address == "http://127.0.0.1:8123"


BUCKET = {
    "XINGLIN_STORAGE": "s3://xinglin-files/county",
    "XINGLIN_STORAGE_ENDPOINT": "https://store.example:9000",
    "XINGLIN_STORAGE_REGION": "cn-north-1",
    "XINGLIN_STORAGE_KEY_ID": "reader",
    "XINGLIN_STORAGE_SECRET": "the-secret-of-the-bucket",
}


def test_a_bucket_is_described_whole(tmp_path: Path) -> None:
    assert load_settings(BUCKET, data=tmp_path).storage == "s3://xinglin-files/county"


def test_every_fault_of_a_bucket_is_named_with_the_others(tmp_path: Path) -> None:
    environment = BUCKET | {
        "XINGLIN_STORAGE": "s3://UPPER_case/",
        "XINGLIN_STORAGE_ENDPOINT": "store.example/path",
        "XINGLIN_STORAGE_REGION": "",
        "XINGLIN_LOG_LEVEL": "LOUD",
    }
    del environment["XINGLIN_STORAGE_KEY_ID"]
    with pytest.raises(BadSettings) as refusal:
        load_settings(environment, data=tmp_path)
    told = str(refusal.value)
    for name in ("STORAGE:", "STORAGE_ENDPOINT:", "STORAGE_REGION:", "STORAGE_KEY_ID:", "LOG_LEVEL:"):
        assert f"XINGLIN_{name}" in told
    assert len(told.splitlines()) == 5
    assert "the-secret-of-the-bucket" not in told


def test_settings_of_a_bucket_that_nobody_named_are_refused(tmp_path: Path) -> None:
    del (environment := dict(BUCKET))["XINGLIN_STORAGE"]
    with pytest.raises(BadSettings, match="XINGLIN_STORAGE_SECRET: of no use without XINGLIN_STORAGE"):
        load_settings(environment, data=tmp_path)
