"""Which program folds: a fingerprint of its code, so that another one can tell that it is another."""

import hashlib
import importlib.util
from pathlib import Path

_CODE = {".py", ".avsc"}


def fingerprint(*packages: str) -> str:
    """The same for the same code in some packages, wherever it runs; 12 hexadecimal digits."""
    digest = hashlib.sha256()
    for package in packages:
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or []) if spec is not None else []:
            for file in sorted(path for path in Path(folder).rglob("*") if path.suffix in _CODE):
                digest.update(f"{package}/{file.relative_to(folder).as_posix()}\0{file.stat().st_size}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def program_of(service: str) -> str:
    """The fingerprint of all code that the views of a service (`posts_service`) follow from."""
    return fingerprint("events", "eventlog", "prose", service)
