"""One supervisor holds a home folder; how others find and reach it."""

from pathlib import Path

import pytest

from inkctl.failures import Failed
from inkctl.home import LONGEST_SOCKET_PATH, Home


def test_a_second_supervisor_is_refused_and_told_of_the_first(home: Home) -> None:
    with home.held(), pytest.raises(Failed, match=r"already runs in .* \(process \d+\)"), home.held():
        pass


def test_a_home_is_free_again_once_its_supervisor_has_ended(home: Home) -> None:
    with home.held():
        assert home.is_held()

    assert not home.is_held()
    with home.held():
        pass


def test_a_lock_left_by_a_killed_supervisor_holds_nobody_up(home: Home) -> None:
    (home.folder / "lock").write_text("4711")

    assert not home.is_held()
    with home.held():
        pass


def test_the_folder_is_chosen_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("INKSTREAM_HOME", str(tmp_path / "elsewhere"))

    assert Home(tmp_path / "elsewhere") == Home.here()


def test_the_control_socket_fits_however_deep_the_home_is(tmp_path: Path) -> None:
    deep = Home(tmp_path / ("d" * 120))
    other = Home(tmp_path / ("e" * 120))

    assert len(str(deep.control)) <= LONGEST_SOCKET_PATH
    assert deep.control != other.control
