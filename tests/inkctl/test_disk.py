"""A full disk is named before it does harm."""

from pathlib import Path

import pytest

from inkctl import disk
from inkctl.failures import Failed


def test_a_start_without_room_is_refused_with_the_folder_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "free_bytes", lambda _folder: 20 * disk.MEGABYTE)

    with pytest.raises(Failed, match="is full: 20 MB are free") as failure:
        disk.refuse_full(tmp_path)

    assert str(tmp_path) in failure.value.why


def test_where_there_is_room_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "free_bytes", lambda _folder: disk.TO_START)

    disk.refuse_full(tmp_path)

    assert disk.complaint(tmp_path) is None
