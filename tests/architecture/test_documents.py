"""What is made from the code is as the code would make it now."""

from pathlib import Path

import pytest

from dev import documents


@pytest.mark.parametrize("path", documents.documents(), ids=str)
def test_a_document_is_not_stale(path: Path) -> None:
    assert documents.documents()[path] == (documents.ROOT / path).read_text(), "run `make docs`"
