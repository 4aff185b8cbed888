"""What each process is told."""

import json
from pathlib import Path

import pytest

from inkctl import keyring, ports
from inkctl.failures import Failed
from inkctl.home import Home
from inkctl.installation import Installation
from inkctl.names import SERVICES, port_names
from inkctl.parts.cache import ROOT
from inkctl.reloading import touched


@pytest.fixture
def installation(home: Home) -> Installation:
    secrets, _ = keyring.load_or_make(home)
    return Installation(home, ports.assign(home.ports, port_names({"posts_service": 2}), door=8080), secrets)


def test_the_key_of_credentials_is_told_to_auth_alone(installation: Installation) -> None:
    told = {service for service in SERVICES if "INKSTREAM_CREDENTIALS_KEK" in installation.settings(service)}

    assert {"auth_service"} == told
    assert "INKSTREAM_CREDENTIALS_KEK" in installation.settings()


def test_every_service_is_told_where_the_engines_are(installation: Installation) -> None:
    settings = installation.settings("posts_service")

    assert f"127.0.0.1:{installation.ports['kafka']}" == settings["INKSTREAM_KAFKA"]
    assert f"127.0.0.1:{installation.ports['mongod']}" in settings["INKSTREAM_MONGO"]
    assert "http://127.0.0.1:8080" == settings["INKSTREAM_PUBLIC_URL"]


def test_a_command_finds_what_was_started(installation: Installation) -> None:
    (installation.home.kafka / "data").mkdir(parents=True)

    assert installation == Installation.existing(installation.home)


def test_where_nothing_was_ever_started_a_command_says_so(home: Home) -> None:
    with pytest.raises(Failed, match="none was ever started"):
        Installation.existing(home)


def test_a_second_replica_has_a_port_of_its_own(installation: Installation) -> None:
    kept = json.loads(installation.home.ports.read_text())

    assert kept["posts_service"] != kept["posts_service.2"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("eventlog/log.py", {"auth_service", "posts_service", "posts_service.2"}),
        ("posts_service/domain.py", {"posts_service", "posts_service.2"}),
        ("inkctl/door/app.py", {"door"}),
        ("inkctl/run.py", set()),
    ],
)
def test_changed_code_restarts_those_that_run_it(path: str, expected: set[str]) -> None:
    running = ["kafka", "auth_service", "posts_service", "posts_service.2", "door"]

    assert expected == touched(ROOT / Path(path), running)
