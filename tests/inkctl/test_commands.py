"""The command line where nothing runs."""

import json
from io import StringIO
from pathlib import Path

import pytest

from inkctl.__main__ import main
from inkctl.home import Home


@pytest.fixture(autouse=True)
def here(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKSTREAM_HOME", str(home.folder))


def test_status_lists_everything_as_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["status", "--json"])

    rows = json.loads(capsys.readouterr().out)
    assert 0 == code
    assert ["kafka", "mongod", "auth_service", "posts_service", "comments_service", "query_service", "door"] == [
        row["name"] for row in rows
    ]
    assert [{"name", "pid", "port", "state"}] * 7 == [set(row) for row in rows]
    assert {"stopped"} == {row["state"] for row in rows}


def test_down_where_nothing_runs_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["down"])
    assert "Nothing runs" in capsys.readouterr().out


def test_a_failure_says_what_why_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert 1 == main(["logs", "nobody"])

    said = capsys.readouterr().err.splitlines()
    assert ["Failed:", "Why:", "What to do:"] == [line.partition(":")[0] + ":" for line in said]


def test_logs_show_the_last_words(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.logs.mkdir()
    (home.logs / "kafka.log").write_text("one\ntwo\n")

    assert 0 == main(["logs", "kafka"])
    assert "one\ntwo\n" == capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [["up", "--port", "0"], ["up", "--replicas", "kafka=2"], ["up", "--replicas", "posts_service=0"], ["fly"], []]
)
def test_what_is_called_wrongly_is_told_by_code_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        main(words)

    assert 2 == ending.value.code
    assert capsys.readouterr().err


def test_a_reset_that_nobody_confirms_deletes_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home.secrets.write_text("{}")
    monkeypatch.setattr("sys.stdin", _Terminal("no"))

    code = main(["reset"])

    assert (1, True) == (code, home.secrets.exists())
    assert str(home.folder) in capsys.readouterr().out


def test_a_reset_that_nobody_can_be_asked_about_is_refused(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.secrets.write_text("{}")
    monkeypatch.setattr("sys.stdin", StringIO())

    assert (1, True) == (main(["reset"]), home.secrets.exists())


def test_a_reset_deletes_what_is_ours_and_nothing_else(home: Home) -> None:
    (home.kafka / "data").mkdir(parents=True)
    home.secrets.write_text("{}")
    (home.folder / "diary.txt").write_text("not ours")

    code = main(["reset", "--yes"])

    assert (0, False, False, True) == (code, home.kafka.exists(), home.secrets.exists(), (home.folder / "diary.txt").exists())


def test_a_running_inkstream_is_not_reset(home: Home) -> None:
    home.secrets.write_text("{}")

    with home.held():
        code = main(["reset", "--yes"])

    assert (1, True) == (code, home.secrets.exists())


class _Terminal:
    """Somebody who answers."""

    def __init__(self, answer: str) -> None:
        self._answer = answer

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return f"{self._answer}\n"


def test_an_import_says_what_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "posts").mkdir()
    words = ["import", "markdown", "--as", "ada"]

    assert 1 == main([*words, str(tmp_path / "nowhere")])
    assert "nowhere is no folder" in capsys.readouterr().err
    assert 1 == main([*words, str(tmp_path / "posts")])
    assert "holds no Markdown files" in capsys.readouterr().err
    (tmp_path / "posts" / "one.md").write_text("One.")
    assert 1 == main([*words, str(tmp_path / "posts")])
    assert "none was ever started" in capsys.readouterr().err
