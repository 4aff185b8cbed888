"""What is missing for mongod is said by the name under which it can be installed."""

import sys
from pathlib import Path

import pytest

from inkctl.failures import Failed
from inkctl.parts import mongod


def test_the_one_on_path_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "mongod"
    own.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert own == mongod.find_mongod()


def test_a_missing_library_is_named_by_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(mongod, "missing_libraries", lambda _program: ["libcurl.so.4"])

    with pytest.raises(Failed, match=r"lacks libcurl\.so\.4") as failure:
        mongod.find_mongod()

    assert failure.value.cure.endswith("apt-get install libcurl4")


def test_what_ldd_does_not_find_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ldd = tmp_path / "ldd"
    ldd.write_text("#!/bin/sh\necho '\tlibcurl.so.4 => not found'\necho '\tlibm.so.6 => /lib/libm.so.6 (0x0)'\n")
    ldd.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")

    assert ["libcurl.so.4"] == mongod.missing_libraries(Path(sys.executable))
