from pathlib import Path

import pytest

from servicekit.environment import SettingsError
from servicekit.settings import Settings
from tests.servicekit.toy import ENVIRONMENT, KEY


def test_the_environment_becomes_settings() -> None:
    settings = Settings.from_environment(ENVIRONMENT | {"INKSTREAM_LEASE_MS": "500", "PATH": "/bin"})

    assert (500, 0, "https://blog.example", True) == (settings.lease_ms, settings.port, settings.public_url, settings.secure)
    assert bytes(range(32)) == settings.kek.get_secret_value()


def test_a_value_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "mongo").write_text("mongodb://elsewhere/\n")
    environ = {name: value for name, value in ENVIRONMENT.items() if name != "INKSTREAM_MONGO"}

    settings = Settings.from_environment(environ | {"INKSTREAM_MONGO_FILE": str(tmp_path / "mongo")})

    assert "mongodb://elsewhere/" == settings.mongo.get_secret_value()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"INKSTREAM_REPLICA_FILE is wrong: .*none"):
        Settings.from_environment(ENVIRONMENT | {"INKSTREAM_REPLICA_FILE": str(tmp_path / "none")})


def test_what_is_missing_is_named_with_its_meaning() -> None:
    environ = {name: value for name, value in ENVIRONMENT.items() if name != "INKSTREAM_KAFKA"} | {"INKSTREAM_PUBLIC_URL": ""}

    with pytest.raises(SettingsError) as raised:
        Settings.from_environment(environ)

    lines = str(raised.value).splitlines()
    assert "INKSTREAM_KAFKA is missing. Set it to Kafka's bootstrap servers, as host:port, separated by commas." == lines[0]
    assert lines[1].startswith("INKSTREAM_PUBLIC_URL is missing.")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("INKSTREAM_PORT", "eighty"),
        ("INKSTREAM_PORT", "99999"),
        ("INKSTREAM_KEK", "too-short"),
        ("INKSTREAM_LOOKUP_KEY", KEY + "AAAA"),
        ("INKSTREAM_PUBLIC_URL", "ftp://somewhere"),
        ("INKSTREAM_COMPRESSION", "rar"),
        ("INKSTREAM_TRUSTED_PROXIES", "10.0.0.0/8 nowhere"),
    ],
)
def test_what_is_wrong_is_named_and_not_repeated(variable: str, value: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_environment(ENVIRONMENT | {variable: value})

    assert str(raised.value).startswith(f"{variable} is wrong: ")
    assert value not in str(raised.value)


def test_secrets_do_not_show() -> None:
    shown = repr(Settings.from_environment(ENVIRONMENT))

    assert "secret" not in shown
    assert repr(bytes(range(32))) not in shown
    assert KEY not in shown


def test_each_process_has_a_name_of_its_own() -> None:
    assert Settings.from_environment(ENVIRONMENT).replica != Settings.from_environment(ENVIRONMENT).replica


def test_the_table_says_what_every_variable_means() -> None:
    table = Settings.table()

    assert ("INKSTREAM_LEASE_MS", "3000") in [row[:2] for row in table]
    assert ("INKSTREAM_KEK", "required") in [row[:2] for row in table]
    assert all(meaning for _, _, meaning in table)
