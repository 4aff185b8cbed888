from pathlib import Path

import pytest

from inkctl.__main__ import main
from inkctl.keyring import NAMES, SIZE, decoded


def test_secrets_are_made_once_for_their_owner_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "secrets"

    first = main(["secrets", "ensure", str(folder)])
    told = capsys.readouterr().out
    values = {name: (folder / name).read_text() for name in NAMES}
    again = main(["secrets", "ensure", str(folder)])

    assert (0, 0) == (first, again)
    assert "Whoever loses them loses everything" in told
    assert {SIZE} == {len(decoded(value)) for value in values.values()}
    assert len(NAMES) == len(set(values.values()))
    assert {0o400} == {(folder / name).stat().st_mode & 0o777 for name in NAMES}
    assert values == {name: (folder / name).read_text() for name in NAMES}


def test_where_one_is_missing_no_other_is_made_in_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["secrets", "ensure", str(tmp_path)])
    (tmp_path / "INKSTREAM_LOOKUP_KEY").unlink()

    code = main(["secrets", "ensure", str(tmp_path)])

    assert (1, False) == (code, (tmp_path / "INKSTREAM_LOOKUP_KEY").exists())
    assert "lacks INKSTREAM_LOOKUP_KEY" in capsys.readouterr().err
