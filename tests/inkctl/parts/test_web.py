"""The web app is built when something that it is made of has changed, and not otherwise."""

from pathlib import Path

import pytest

from inkctl.failures import Failed
from inkctl.parts import web


@pytest.fixture
def frontend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An app whose npm notes what it was asked."""
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(
        f'#!/bin/sh\necho "$1" >> {tmp_path}/asked\ntest ! -e broken || {{ echo it is broken; exit 1; }}\nmkdir -p dist node_modules\n'
    )
    npm.chmod(0o755)
    monkeypatch.setattr(web, "environment", lambda: {"PATH": f"{npm.parent}:/bin:/usr/bin"})
    folder = tmp_path / "frontend"
    (folder / "src").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "src/main.tsx"):
        (folder / name).write_text("{}")
    return folder


def _asked(frontend: Path) -> list[str]:
    return (frontend.parent / "asked").read_text().split()


async def test_the_first_time_packages_are_installed_and_the_app_is_built(frontend: Path, tmp_path: Path) -> None:
    await web.build(tmp_path / "web.log", frontend)

    assert ["ci", "run"] == _asked(frontend)


async def test_nothing_is_done_when_nothing_has_changed(frontend: Path, tmp_path: Path) -> None:
    await web.build(tmp_path / "web.log", frontend)

    await web.build(tmp_path / "web.log", frontend)

    assert ["ci", "run"] == _asked(frontend)


async def test_a_changed_source_is_built_again_without_installing(frontend: Path, tmp_path: Path) -> None:
    await web.build(tmp_path / "web.log", frontend)
    (frontend / "src" / "main.tsx").write_text("changed")

    await web.build(tmp_path / "web.log", frontend)

    assert ["ci", "run", "run"] == _asked(frontend)


async def test_a_changed_lock_is_installed_again(frontend: Path, tmp_path: Path) -> None:
    await web.build(tmp_path / "web.log", frontend)
    (frontend / "package-lock.json").write_text("changed")

    await web.build(tmp_path / "web.log", frontend)

    assert ["ci", "run", "ci", "run"] == _asked(frontend)


async def test_a_build_that_fails_says_why_and_is_tried_again(frontend: Path, tmp_path: Path) -> None:
    (frontend / "broken").touch()
    with pytest.raises(Failed, match="it is broken"):
        await web.build(tmp_path / "web.log", frontend)

    (frontend / "broken").unlink()
    await web.build(tmp_path / "web.log", frontend)

    assert ["ci", "ci", "run"] == _asked(frontend)
