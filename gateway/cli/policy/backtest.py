"""`smsgate policy backtest`: what would have been different, had changed policies decided."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import click
import orjson
from jinja2 import Environment, PackageLoader

from gateway.audit.read import Wanted, messages_recorded
from gateway.cli.ending import NO
from gateway.cli.policy.given import CONFIG, Given
from gateway.cli.policy.since import since_option
from gateway.policy.backtest import compared
from gateway.policy.differences import Differences
from gateway.policy.explain import instant
from gateway.store.vault import Vault


@click.command()
@click.argument("path", type=click.Path(file_okay=False, path_type=Path), required=False)
@since_option("30d", "From when on messages are replayed.")
@click.option("--program", default="", help="Only messages of this program.")
@click.option(
    "--sample", type=click.IntRange(min=1), default=1, metavar="N", help="Of N messages one, and always the same ones."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Also write a page to hand around.")
@CONFIG
def backtest(
    path: Path | None, since: datetime, program: str, sample: int, as_json: bool, html: Path | None, config: Path | None
) -> None:
    """Replay recorded decisions against the policies in PATH, with the facts as they were known then.

    \b
      smsgate policy backtest changed/ --since 30d -c gateway.yaml
      smsgate policy backtest changed/ --since 2026-06-01 --program club --html report.html -c gateway.yaml

    Without PATH, against the configuration's own folder. Prints totals, then what differs, by the rule that caused it;
    messages are named by their id. Each is judged by itself: what a looser cap lets through is not counted for the
    next one. Exit status 0 where nothing became looser, 3 where something did.
    """
    given = Given.by(path, config)
    site, book = given.site("a recorded decision"), given.book()
    wanted = _wanted(program, sample)
    found = Differences()
    for line in messages_recorded(site.data_dir / "audit", Vault.load(site.keys), since, wanted):
        found.add(compared(line, book, given.programs), line.clear["message"], line.at)
    told = {"policies": str(given.folder), "revision": book.revision, "since": instant(since), **found.told()}
    click.echo(orjson.dumps(told) if as_json else "\n".join(_lines(told)))
    if html:
        html.write_text(_page(told), "utf-8")
    sys.exit(NO if found.looser else 0)


def _wanted(program: str, sample: int) -> Wanted:
    """By the clear part. Ids are random, so that those of a sample are too."""
    return lambda clear: program in {"", clear["program"]} and int(clear["message"][:8], 16) % sample == 0


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    yield f"replayed {told['replayed']} messages since {told['since']} against {told['policies']} ({told['revision']})"
    otherwise = told["for_another_reason"]
    yield f"  same             {told['same']}" + (f", {otherwise} of them for another reason" if otherwise else "")
    yield f"  different        {told['different']}"
    yield f"  could not judge  {told['could_not_judge']}"
    for rule, differences in groupby(told["differences"], itemgetter("rule")):
        yield rule
        for each in differences:
            yield f"  {each['change']}: {each['category']}, {each['from']} -> {each['to']}: {_counted(each)}"
            yield f"    {_examples(each)}"
    if told["unjudged"]:
        yield "could not judge"
    for each in told["unjudged"]:
        yield f"  {each['why']}: {_counted(each)}"
        yield f"    {_examples(each)}"
    yield f"verdict: {told['verdict']}"


def _counted(group: Mapping[str, Any]) -> str:
    return f"{group['count']} ({group['share']:.1%})"


def _examples(group: Mapping[str, Any]) -> str:
    return f"{group['first']} to {group['last']}, as {', '.join(group['examples'])}"


def _page(told: Mapping[str, Any]) -> str:
    environment = Environment(loader=PackageLoader("gateway.cli.policy", ""), autoescape=True, trim_blocks=True)
    return environment.get_template("backtest.html").render(told)
