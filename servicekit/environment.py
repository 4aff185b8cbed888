"""Reads `INKSTREAM_*` variables into frozen models, and says in words what is wrong with them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

PREFIX = "INKSTREAM_"


class SettingsError(Exception):
    """The environment does not say what the process must know; the message names each variable, the fault and the cure."""


class Told(BaseModel):
    """What a process is told by its environment; each field is a variable `INKSTREAM_<NAME>`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read the variables, and the files that `INKSTREAM_<NAME>_FILE` names instead; an empty one counts as missing.

        Raises SettingsError with one line for each that is wrong.
        """
        given = {name: text for name in cls.model_fields if (text := _text(environ, variable_of(name)))}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            lines = [cls._complaint(fault) for fault in error.errors(include_input=False, include_url=False)]
        raise SettingsError("\n".join(lines))

    @classmethod
    def _complaint(cls, fault: ErrorDetails) -> str:
        name = str(fault["loc"][0])
        what = "is missing" if fault["type"] == "missing" else f"is wrong: {fault['msg'][0].lower()}{fault['msg'][1:]}"
        return f"{variable_of(name)} {what}. Set it to {cls.model_fields[name].description}."

    @classmethod
    def table(cls) -> list[tuple[str, str, str]]:
        """Return variable, default and meaning of every setting, for the documentation."""
        return [(variable_of(name), _default(field), field.description or "") for name, field in cls.model_fields.items()]


def _text(environ: Mapping[str, str], variable: str) -> str | None:
    """What a variable says, or the file that stands for it: secrets are often mounted as files."""
    file = environ.get(f"{variable}_FILE")
    if environ.get(variable) or not file:
        return environ.get(variable)
    try:
        return Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{variable}_FILE is wrong: {error}. Set it to a file that holds the value of {variable}.") from error


def variable_of(field: str) -> str:
    """Name the environment variable of a setting."""
    return PREFIX + field.upper()


def _default(field: Any) -> str:
    if field.is_required():
        return "required"
    if isinstance(field.default, bool):
        return str(field.default).lower()
    return "" if field.default_factory is not None or field.default in (None, ()) else str(field.default)
