"""A program is told from another by its code."""

from pathlib import Path

import pytest

from eventlog.program import fingerprint, program_of


def test_the_same_code_is_the_same_program() -> None:
    assert program_of("posts_service") == program_of("posts_service")
    assert program_of("posts_service") != program_of("comments_service")


@pytest.mark.parametrize("change", ["another line", "another name", "one more schema"])
def test_changed_code_is_another_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    package = tmp_path / "a_program_for_tests"
    (package / "within").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    code = package / "within" / "code.py"
    code.write_text("fold = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    before = fingerprint(package.name)

    if change == "another line":
        code.write_text("fold = 2\n")
    elif change == "another name":
        code.rename(code.with_name("other.py"))
    else:
        (package / "within" / "x.avsc").write_text("{}")

    assert before != fingerprint(package.name)
