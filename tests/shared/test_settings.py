from __future__ import annotations

from pathlib import Path

import pytest

from muster_cli.operate import _hidden
from muster_cli.parts import texts
from muster_cli.up import _environment
from muster_shared.settings import IN_FILE, PREFIX, SECRETS, SettingsError, load

KEY, OLDER = "k" * 40, "o" * 40
VALUES = {
    "ingest_database_url": "postgresql://u:p@h:5432/i",
    "report_database_url": "postgresql://u:p@h:5432/r",
    "notify_database_url": "postgresql://u:p@h:5432/n",
    "redis_url": "redis://:p@h:6379/0",
    "smtp_url": "smtp://u:p@h:25",
    "secret_key": KEY,
    "oidc_client_secret": "s",
}


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_may_stand_in_a_file(tmp_path: Path, name: str) -> None:
    variable, path = PREFIX + name.upper(), tmp_path / "secret"
    path.write_text(f"{VALUES[name]}\n")
    in_file = load({"MUSTER_DATA_DIR": str(tmp_path), variable + IN_FILE: str(path)})
    outright = load({"MUSTER_DATA_DIR": str(tmp_path), variable: VALUES[name]})
    assert getattr(in_file, name)
    assert in_file == outright


@pytest.mark.parametrize(
    ("content", "wrong"),
    [(None, "cannot be read: No such file"), (b" \n", "is empty"), (b"\xff\xfe", "not text"), (b"x" * 70_000, "large")],
)
def test_a_file_that_holds_no_secret_stops_the_start(tmp_path: Path, content: bytes | None, wrong: str) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=f"^MUSTER_SMTP_URL_FILE: .*{wrong}") as raised:
        load({"MUSTER_SMTP_URL_FILE": str(path)})
    assert "\n" not in str(raised.value)


def test_a_bad_value_in_a_file_is_named_and_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("hunter2")
    with pytest.raises(SettingsError, match="MUSTER_SECRET_KEY: too short") as raised:
        load({"MUSTER_SECRET_KEY_FILE": str(path)})
    assert "hunter2" not in str(raised.value)


def test_a_secret_said_outright_and_by_its_file_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    with pytest.raises(SettingsError, match="both set"):
        load({"MUSTER_SECRET_KEY_FILE": str(tmp_path / "key"), "MUSTER_SECRET_KEY": KEY})


def test_only_secrets_may_stand_in_files(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="unknown setting MUSTER_PORT_FILE"):
        load({"MUSTER_PORT_FILE": str(tmp_path / "port")})


def test_a_secret_of_a_file_reaches_the_processes_of_an_instance(tmp_path: Path) -> None:
    (tmp_path / "redis").write_text(VALUES["redis_url"])
    told = {"MUSTER_DATA_DIR": str(tmp_path), "MUSTER_REDIS_URL_FILE": str(tmp_path / "redis")}
    assert load(_environment(load(told), told)).redis_url == VALUES["redis_url"]


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_is_shown_by_the_doctor(name: str) -> None:
    assert _hidden(name, VALUES[name]) == "(set, not shown)"


@pytest.mark.parametrize("between", [",", "\n", " ,\n "])
def test_several_keys_are_told_newest_first(tmp_path: Path, between: str) -> None:
    found = load({"MUSTER_DATA_DIR": str(tmp_path), "MUSTER_SECRET_KEY": f"{KEY}{between}{OLDER}\n"})
    assert found.signing_key() == KEY
    assert found.signing_keys() == (KEY, OLDER)
    assert load({"MUSTER_SECRET_KEY": texts(found)["secret_key"]}).signing_keys() == (KEY, OLDER)


@pytest.mark.parametrize(("keys", "wrong"), [(f"{KEY},short", "too short"), (f"{KEY},{KEY}", "twice")])
def test_keys_that_are_short_or_repeated_stop_the_start(keys: str, wrong: str) -> None:
    with pytest.raises(SettingsError, match=wrong):
        load({"MUSTER_SECRET_KEY": keys})


def test_the_key_of_a_data_folder_is_made_once_and_may_be_joined_by_an_older_one(tmp_path: Path) -> None:
    known = load({"MUSTER_DATA_DIR": str(tmp_path)})
    made = known.signing_key()
    assert known.signing_keys() == (made,)
    (tmp_path / "secret.key").write_text(f"{KEY}\n{made}\n")
    assert known.signing_keys() == (KEY, made)


def test_a_provider_needs_the_name_and_the_secret_that_muster_has_there() -> None:
    whole = {"ISSUER": "https://login.example.org/", "CLIENT_ID": "muster", "CLIENT_SECRET": "s"}
    told = {f"MUSTER_OIDC_{name}": value for name, value in whole.items()}
    assert load(told).oidc_issuer == "https://login.example.org"
    for missing in ("MUSTER_OIDC_CLIENT_ID", "MUSTER_OIDC_CLIENT_SECRET"):
        with pytest.raises(SettingsError, match="MUSTER_OIDC_ISSUER needs"):
            load({**told, missing: ""})


@pytest.mark.parametrize("issuer", ["http://login.example.org", "login.example.org", "https://", "file:///etc/passwd"])
def test_a_provider_is_spoken_to_over_tls(issuer: str) -> None:
    with pytest.raises(SettingsError, match="MUSTER_OIDC_ISSUER: not an address of a provider"):
        load({"MUSTER_OIDC_ISSUER": issuer})
