"""Log files are bounded, and a full disk is noted rather than fatal."""

from pathlib import Path

from inkctl.rotation import RotatingFile


def test_a_full_file_steps_aside_and_the_oldest_goes(tmp_path: Path) -> None:
    log = RotatingFile(tmp_path / "a.log", limit=10)

    for text in (b"first....\n", b"second...\n", b"third....\n", b"fourth...\n"):
        log.write(text)

    assert {"a.log": "fourth...\n", "a.log.1": "third....\n", "a.log.2": "second...\n"} == {
        path.name: path.read_text() for path in tmp_path.iterdir()
    }


def test_the_tail_is_the_last_lines(tmp_path: Path) -> None:
    log = RotatingFile(tmp_path / "a.log")
    log.write(b"1\n2\n3\n")

    assert ["2", "3"] == log.tail(2)
    assert [] == RotatingFile(tmp_path / "none.log").tail(2)


def test_what_can_not_be_written_is_lost_and_noted() -> None:
    log = RotatingFile(Path("/dev/full"))

    log.write(b"x")

    assert "No space left on device" in (log.problem or "")
