"""The secrets of an installation: made once, at the first start, and never again."""

import base64
import json
import os
import secrets

from inkctl.failures import Failed
from inkctl.home import Home

NAMES = ("INKSTREAM_KEK", "INKSTREAM_CREDENTIALS_KEK", "INKSTREAM_LOOKUP_KEY")
SIZE = 32
WARNING = (
    "!!! The secrets of this Inkstream were made just now: {path}",
    "!!! Whoever loses them loses everything that is written here, for good: no copy of the log opens without them.",
    "!!! Keep a copy of that file in a safe place, apart from the copies of the data.",
)


def load(home: Home) -> dict[str, str]:
    """Read the secrets.

    Raises `Failed` where there are none, or where the file is not whole.
    """
    try:
        found = json.loads(home.secrets.read_text())
        values = {name: found[name] for name in NAMES}
        whole = all(len(decoded(value)) == SIZE for value in values.values())
    except FileNotFoundError:
        raise Failed(
            "look for the secrets",
            f"{home.secrets} is missing",
            "put your copy of it back; without it the data here can not be opened (`make reset` throws the data away and begins anew)",
        ) from None
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise Failed("read the secrets", f"{home.secrets} is damaged", "put your copy of it back")
    return values


def decoded(value: str) -> bytes:
    """Give the bytes of a secret."""
    return base64.urlsafe_b64decode(value)


def made() -> dict[str, str]:
    """Make new secrets."""
    return {name: base64.urlsafe_b64encode(secrets.token_bytes(SIZE)).decode() for name in NAMES}


def load_or_make(home: Home) -> tuple[dict[str, str], bool]:
    """Read the secrets, or make them where nothing was ever kept; also says whether they were made now."""
    if home.secrets.exists() or home.has_data():
        return load(home), False
    values = made()
    home.folder.mkdir(parents=True, exist_ok=True)
    aside = home.secrets.with_suffix(".new")
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(values, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(home.secrets)
    return values, True
