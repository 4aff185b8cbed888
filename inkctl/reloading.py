"""For developers: what is changed in the code takes effect at once."""

from pathlib import Path

from inkctl.names import DOOR, SERVICES, service_of
from inkctl.parts.cache import ROOT
from inkctl.report import Report
from inkctl.supervisor import Supervisor

SHARED = ("events", "eventlog", "prose", "servicekit")


def touched(path: Path, running: list[str]) -> set[str]:
    """Name the programs that run the code of a file."""
    package = path.relative_to(ROOT).parts[0]
    if package in SHARED:
        return {name for name in running if service_of(name) in SERVICES}
    if package == "inkctl":
        return {DOOR} if path.is_relative_to(ROOT / "inkctl" / "door") else set()
    return {name for name in running if service_of(name) == package}


async def reload_on_change(supervisor: Supervisor, report: Report) -> None:
    """Start anew, for ever, the programs whose code has changed."""
    # Imported here: only developers have it installed.
    from watchfiles import PythonFilter, awatch  # noqa: PLC0415

    packages = [ROOT / package for package in (*SHARED, *SERVICES, "inkctl") if (ROOT / package).is_dir()]
    async for changes in awatch(*packages, watch_filter=PythonFilter(extra_extensions=(".html", ".avsc"))):
        running = [row["name"] for row in supervisor.status()]
        names = set().union(*(touched(Path(path), running) for _, path in changes))
        if names:
            report.say(f"  changed: {', '.join(sorted({str(Path(path).relative_to(ROOT)) for _, path in changes}))}")
            await supervisor.restart(names)
