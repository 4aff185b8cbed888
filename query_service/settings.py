"""What query_service is told by its environment."""

from pathlib import Path
from typing import Final

from pydantic import Field

from servicekit import settings

BUILT: Final = Path(__file__).parents[1] / "frontend" / "dist"


class Settings(settings.Settings):
    """What every service needs, and where the built web app is."""

    assets: Path = Field(default=BUILT, description="the folder of the built web app, with Vite's manifest in it")
