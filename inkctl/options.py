"""What the user chooses at a start."""

from collections.abc import Mapping
from dataclasses import dataclass, field

DEFAULT_PORT = 8080


@dataclass(frozen=True)
class Options:
    """The front door's port, how many processes a service has (one, if it is not named), and whether code is reloaded."""

    port: int = DEFAULT_PORT
    replicas: Mapping[str, int] = field(default_factory=dict)
    develop: bool = False
