"""The secrets are made once, readable by their owner alone, and their loss is noticed."""

import base64
import stat

import pytest

from inkctl import keyring
from inkctl.failures import Failed
from inkctl.home import Home


def test_three_different_keys_are_made_at_the_first_start(home: Home) -> None:
    secrets, made = keyring.load_or_make(home)

    assert made
    assert [32, 32, 32] == [len(base64.urlsafe_b64decode(value)) for value in secrets.values()]
    assert 3 == len(set(secrets.values()))


def test_only_the_owner_can_read_them(home: Home) -> None:
    keyring.load_or_make(home)

    assert 0o600 == stat.S_IMODE(home.secrets.stat().st_mode)


def test_a_second_start_finds_the_same(home: Home) -> None:
    first, _ = keyring.load_or_make(home)

    second, made = keyring.load_or_make(home)

    assert (first, False) == (second, made)


def test_none_are_made_beside_data_that_they_can_not_open(home: Home) -> None:
    (home.kafka / "data").mkdir(parents=True)

    with pytest.raises(Failed, match="is missing"):
        keyring.load_or_make(home)

    assert not home.secrets.exists()


@pytest.mark.parametrize("text", ["", "{}", '{"INKSTREAM_KEK": "abc"}', '["a"]'])
def test_a_damaged_file_is_named(home: Home, text: str) -> None:
    home.secrets.write_text(text)

    with pytest.raises(Failed, match="is damaged"):
        keyring.load_or_make(home)
