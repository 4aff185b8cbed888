"""What `inkctl log` refuses before it starts anything."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from eventlog.archive.manifest import Kind
from eventlog.memory import MemoryLog
from events.sealing import kek_id
from inkctl.__main__ import main
from inkctl.home import Home
from inkctl.keyring import NAMES
from servicekit.keys import DataKeys
from tests.kit.backup import HERE, export, fill

KEK, OTHER_KEK = bytes([1]) * 32, bytes([2]) * 32


@pytest.fixture(autouse=True)
def here(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKSTREAM_HOME", str(home.folder))
    monkeypatch.delenv("INKSTREAM_KAFKA", raising=False)
    put_secrets(home, KEK)


@pytest.fixture
async def facts(tmp_path: Path) -> Path:
    """A backup of facts, older than that of the keys."""
    log = MemoryLog()
    await fill(log, HERE, "one")
    await export(log, tmp_path / "facts")
    return tmp_path / "facts"


@pytest.fixture
async def keys(tmp_path: Path) -> Path:
    """A backup of the keys of an installation whose facts went up to one."""
    log = MemoryLog()
    await fill(log, HERE, "one")
    await DataKeys(log, ["keys"], keks=[KEK], own="keys", clock=lambda: datetime.now(UTC)).make("user:1", uuid4())
    await export(log, tmp_path / "keys", Kind.KEYS)
    return tmp_path / "keys"


@pytest.fixture
async def old_keys(tmp_path: Path) -> Path:
    """A backup of the keys from before there was any fact."""
    await export(MemoryLog(), tmp_path / "old keys", Kind.KEYS)
    return tmp_path / "old keys"


def put_secrets(home: Home, kek: bytes) -> None:
    home.secrets.write_text(json.dumps(dict.fromkeys(NAMES, base64.urlsafe_b64encode(kek).decode())))


def said(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Why the command line fails."""
    assert 1 == main(words)
    return capsys.readouterr().err


def test_the_help_says_that_backups_of_keys_have_to_expire(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["log", "export", "--help"])

    assert "delete the old ones after some weeks" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("action", ["export", "import"])
def test_a_folder_has_to_be_named(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        main(["log", action])

    assert 2 == ending.value.code
    assert "name a folder for the facts" in capsys.readouterr().err


def test_nothing_is_exported_where_there_is_no_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "none was ever started" in said(["log", "export", str(tmp_path / "new")], capsys)


def test_nothing_is_exported_into_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")

    assert "file is no folder" in said(["log", "export", str(tmp_path / "file")], capsys)


def test_facts_are_not_imported_without_keys(facts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no backup of keys is named" in said(["log", "import", str(facts)], capsys)


def test_facts_are_not_imported_with_keys_from_before(facts: Path, old_keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    why = said(["log", "import", str(facts), "--keys", str(old_keys)], capsys)

    assert "in 1 partitions, such as posts/3 from offset 0 on, facts may need keys that are not there" in why


def test_nothing_is_imported_where_inkstream_runs(home: Home, facts: Path, keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with home.held():
        why = said(["log", "import", str(facts), "--keys", str(keys)], capsys)

    assert f"an Inkstream runs in {home.folder}" in why
    assert "inkctl down" in why


def test_nothing_is_imported_without_the_secrets(home: Home, facts: Path, keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home.secrets.unlink()

    why = said(["log", "import", str(facts), "--keys", str(keys)], capsys)

    assert f"{home.secrets} is missing" in why
    assert not home.has_data()


def test_keys_are_not_imported_beside_other_secrets(home: Home, facts: Path, keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put_secrets(home, OTHER_KEK)

    why = said(["log", "import", str(facts), "--keys", str(keys)], capsys)

    assert f"the keys are wrapped under {kek_id(KEK)}, and the INKSTREAM_KEK in {home.secrets} is {kek_id(OTHER_KEK)}" in why


def test_a_damaged_file_is_named_before_anything_is_started(
    home: Home, facts: Path, keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    segment = facts / "posts/3/00000000000000000000.avro"
    segment.write_bytes(segment.read_bytes()[:-1])

    assert f"{segment} is damaged" in said(["log", "import", str(facts), "--keys", str(keys)], capsys)
    assert not home.has_data()


def test_a_kafka_that_does_not_answer_is_named(
    facts: Path, keys: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INKSTREAM_KAFKA", "127.0.0.1:1")

    assert "it does not answer at 127.0.0.1:1" in said(["log", "import", str(facts), "--keys", str(keys)], capsys)
