"""Takes backups of an installation's log, and fills a log from them, telling a person how it goes."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from aiokafka.errors import KafkaError

from eventlog.archive.exporting import Export
from eventlog.archive.files import ArchiveRefused, locked, make_folder
from eventlog.archive.manifest import Kind
from eventlog.archive.restoring import Backup, compare, restore, uncovered
from eventlog.log import KafkaLog, LogTruncated, OutcomeUnknown, TooLarge
from eventlog.record import Record
from events.keys import DataKeyMade
from events.sealing import kek_id
from inkctl import keyring
from inkctl.failures import Failed
from inkctl.home import Home
from inkctl.reaching import kafka_of_environment, log_to_fill, log_to_read, refuse_running
from inkctl.report import Report
from servicekit.keys import key_in

AGAIN = "see that Kafka runs, then run the same command again: it goes on where it was"
KEK = "INKSTREAM_KEK"


async def export_to(facts: Path | None, keys: Path | None) -> None:
    """Export facts, then keys, each into its folder. Raises Failed."""
    report = Report()
    with _told_as("export the log"), ExitStack() as stack:
        exports: list[tuple[Kind, Export]] = []
        for kind, folder in ((Kind.FACTS, facts), (Kind.KEYS, keys)):
            if folder is None:
                continue
            if folder.exists() and not folder.is_dir():
                raise ArchiveRefused(f"{folder} is no folder", "name a folder; it is made where there is none")
            make_folder(folder)
            stack.enter_context(locked(folder))
            export = Export(folder, kind)
            with report.step(f"Check what {folder} holds") as step:
                if damaged := export.check(step.progress):
                    report.say(f"  {damaged} files are damaged or missing, and are written again", "yellow")
            exports.append((kind, export))
        async with log_to_read(report) as log:
            for kind, export in exports:
                with report.step(f"Export the {kind}") as step:
                    done = await export.run(log, lambda: datetime.now(UTC), step.progress)
                report.say(f"  {done.records:,} records in {done.segments:,} new files")
                if done.gaps and kind is Kind.FACTS:
                    report.say(
                        f"  {done.gaps:,} offsets hold no record (somebody's transactions); an import fills them with void ones", "yellow"
                    )
    if keys is None:
        report.say(
            "The keys, without which nobody can read the facts, are apart: `inkctl log export --keys DIR`, into a new folder each time"
        )


async def import_from(facts: Path | None, keys: Path | None, *, without_keys: bool) -> None:
    """Fill the key topics, then the fact topics, from a backup of each. Raises Failed."""
    report = Report()
    embedded = Home.here() if kafka_of_environment() is None else None
    own = _own_kek(embedded) if embedded else ""
    with _told_as("import into the log"):
        backups = [Backup(folder, kind) for kind, folder in ((Kind.KEYS, keys), (Kind.FACTS, facts)) if folder is not None]
        if not without_keys:
            _refuse_missing_keys({backup.kind: backup for backup in backups})
        keks: set[str] = set()
        for backup in backups:
            with report.step(f"Check every file of {backup.folder}") as step:
                count = backup.check(step.progress, partial(_note_kek, keks) if backup.kind is Kind.KEYS else _ignore)
            report.say(f"  {count:,} records, as of {backup.finished:%Y-%m-%d %H:%M} UTC")
        if embedded:
            _refuse_other_secrets(embedded, own, keks)
        async with log_to_fill(report) as log:
            await _fill(log, backups, report)
    report.say("The log is as it was. The services build their views from it when they start: `inkctl up`", "bold green")


def _own_kek(home: Home) -> str:
    """The id of the key that an installation in this folder opens keys with, where nothing runs in it yet."""
    refuse_running(home)
    return kek_id(keyring.decoded(keyring.load(home)[KEK]))


async def _fill(log: KafkaLog, backups: list[Backup], report: Report) -> None:
    """Fill all or nothing: what is there is compared before anything is appended."""
    starts = []
    for backup in backups:
        with report.step(f"Look at what the topics of the {backup.kind} hold") as step:
            starts.append(await compare(log, backup, step.progress))
    for backup, start in zip(backups, starts, strict=True):
        if there := sum(start.values()):
            report.say(f"  {there:,} records of the {backup.kind} are there already, and are the backup's")
        with report.step(f"Import the {backup.kind}") as step:
            await restore(log, backup, start, step.progress)


def _refuse_missing_keys(backups: dict[Kind, Backup]) -> None:
    facts, keys = backups.get(Kind.FACTS), backups.get(Kind.KEYS)
    if facts is None:
        return
    cure = "or say --without-keys: the services then park what they can not open"
    if keys is None:
        raise ArchiveRefused("the facts can not be read without keys, and no backup of keys is named", f"name it by --keys DIR, {cure}")
    if beyond := uncovered(facts, keys):
        place, offset = next(iter(beyond.items()))
        raise ArchiveRefused(
            f"the keys of {keys.folder} were exported before the facts of {facts.folder}: in {len(beyond)} partitions, such as {place} "
            f"from offset {offset} on, facts may need keys that are not there",
            f"use a backup of the keys that is as new as that of the facts, {cure}",
        )


def _ignore(_: Record) -> None:
    """See nothing in a record."""


def _note_kek(keks: set[str], record: Record) -> None:
    if isinstance(made := key_in(record), DataKeyMade):
        keks.add(made.kek)


def _refuse_other_secrets(home: Home, own: str, keks: set[str]) -> None:
    """Refuse secrets that open none of the keys; with those of credentials alone, nothing of the rest could be read."""
    if keks and own not in keks:
        raise ArchiveRefused(
            f"the keys are wrapped under {' and '.join(sorted(keks))}, and the {KEK} in {home.secrets} is {own}",
            f"put the secrets that belong to the backup into {home.secrets}",
        )


@contextmanager
def _told_as(what: str) -> Iterator[None]:
    try:
        yield
    except ArchiveRefused as refused:
        raise Failed(what, refused.why, refused.cure) from refused
    except (OutcomeUnknown, KafkaError) as error:
        raise Failed(what, f"Kafka does not answer: {error}", AGAIN) from error
    except LogTruncated as error:
        raise Failed(what, str(error), "part of the log is gone while nobody should delete any: find out what did") from error
    except TooLarge as error:
        raise Failed(what, f"the topic does not take a record that it once held: {error}", "raise its max.message.bytes") from error
