"""`smsgate policy test`: do the policies decide as their scenarios say?"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import yaml

from gateway.audit.read import message_recorded
from gateway.cli.ending import NO
from gateway.cli.policy.given import CONFIG, HERE, Given, scenario_files
from gateway.policy.anonymous import anonymous
from gateway.policy.book import Book
from gateway.policy.parse import load_book
from gateway.policy.scenario import read
from gateway.policy.trial import Reached, Trial, coverage, tried
from gateway.store.vault import Vault
from gateway.yamlfile import BadFile, Document


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), required=False)
@click.option("-k", "pattern", default="", help="Only scenarios whose name holds this (a regular expression).")
@click.option("--coverage", "covering", is_flag=True, help="Also say how far each rule was tried.")
@click.option("--watch", is_flag=True, help="Again whenever a file changes, until Ctrl-C.")
@click.option("--from", "recorded", metavar="ID", help="Write a scenario from a real decision, without personal data.")
@CONFIG
def test(
    path: Path | None, pattern: str, covering: bool, watch: bool, recorded: str | None, config: Path | None
) -> None:
    """Run the scenarios of PATH (a policies' folder, or one scenario file) and print what differs.

    \b
      smsgate policy test policies --coverage
      smsgate policy test policies/tests/us-fl.yaml -k "fourth"
      smsgate policy test --from 5f0c... -c gateway.yaml >> policies/tests/site.yaml

    A scenario that comes out right because of another rule than it names has failed. Exit status 3 where one differs,
    or with --coverage where a rule was never reached.
    """
    if recorded is not None:
        click.echo(_written(recorded, Given.by(None, config)), nl=False)
        return
    place = path or Given.by(None, config).folder
    if watch:
        _watched(place, pattern, covering=covering)
    sys.exit(0 if _run(place, pattern, covering=covering) else NO)


def _run(path: Path, pattern: str, *, covering: bool) -> bool:
    """Whether everything is as expected."""
    folder = path if path.is_dir() else _folder_of(path)
    book = load_book(folder)
    trials, errors = _tried(scenario_files(path) if path.is_dir() else [path], pattern, book)
    failed = [(file, trial) for file, trial in trials if trial.differences]
    for file, trial in failed:
        click.echo(_told(file, trial))
    for error in errors:
        click.echo(str(error), err=True)
    click.echo(f"{len(trials) - len(failed)} as expected, {len(failed)} different, {len(errors)} files in error")
    reached = not covering or _covered([trial for _, trial in trials], book)
    return not failed and not errors and reached


def _folder_of(file: Path) -> Path:
    """The policies that a scenario file stands beside."""
    near = [folder for folder in file.resolve().parents if list(folder.glob("*.yaml")) and (folder / "tests").is_dir()]
    return near[0] if near else HERE


def _tried(files: Sequence[Path], pattern: str, book: Book) -> tuple[list[tuple[Path, Trial]], list[BadFile]]:
    trials, errors = [], []
    for file in files:
        try:
            scenarios = read(Document.load(file))
        except BadFile as error:
            errors.append(error)
            continue
        trials += [(file, tried(each, book)) for each in scenarios if re.search(pattern, each.name)]
    return trials, errors


def _told(file: Path, trial: Trial) -> str:
    """What differs, and only the findings that it comes from."""
    lines = [f"{file}: {trial.scenario.name}", *(f"  {each}" for each in trial.differences)]
    found = [f"    {each.rule}: {each.action.name.lower()}: {each.why}" for each in trial.explanation.decision.findings]
    return "\n".join([*lines, *found])


def _covered(trials: Sequence[Trial], book: Book) -> bool:
    """Whether every rule was reached; says how far each was."""
    reached = coverage(trials, book)
    for rule, how in reached.items():
        if how is not Reached.DECISIVE:
            click.echo(f"{how}: {rule}")
    counts = [f"{sum(how is each for how in reached.values())} {each}" for each in Reached]
    click.echo(f"{len(reached)} rules: {', '.join(counts)}")
    return not {Reached.NEVER_REACHED, Reached.NEVER_MATCHED} & set(reached.values())


def _watched(path: Path, pattern: str, *, covering: bool) -> None:
    from watchfiles import watch as changes  # noqa: PLC0415 - only who watches pays for it

    folder = path if path.is_dir() else _folder_of(path)
    _run(path, pattern, covering=covering)
    for _ in changes(folder):
        click.echo("---")
        try:
            _run(path, pattern, covering=covering)
        except BadFile as error:
            click.echo(str(error), err=True)


def _written(id_: str, given: Given) -> str:
    """A recorded decision as a scenario file's item: the number is another one of the same place."""
    site = given.site("a recorded decision")
    recorded = message_recorded(site.data_dir / "audit", Vault.load(site.keys), id_)
    item = anonymous(recorded.private["scenario"], recorded.clear)
    return yaml.safe_dump([item], sort_keys=False, allow_unicode=True, width=120)
