"""`smsgate policy explain`: what would be done with a message, and why."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import orjson

from gateway.audit.read import message_recorded
from gateway.cli.captured import captured_request
from gateway.cli.policy.given import CONFIG, POLICIES, Given
from gateway.dialects import DIALECTS, dialect_named
from gateway.policy.book import Book
from gateway.policy.explain import Explanation
from gateway.policy.explain import explain as explained
from gateway.policy.scenario import Scenario, ScenarioWritten, scenario
from gateway.store.vault import Vault
from gateway.words.errors import GatewayError
from gateway.yamlfile import BadFile, Document, parsed


class NoSend(GatewayError):
    """A request that is read sends nothing."""


@click.command()
@click.argument("lines", type=click.Choice(["-"]), required=False)
@click.option("--to", help="The recipient, as +12125550100.")
@click.option("--text", help="What is to be sent.")
@click.option("--from", "sender", default="", help="The sender.")
@click.option("--at", help="When, as 2026-06-10T15:00:00Z. [default: now]")
@click.option("--category", default="marketing", show_default=True)
@click.option("--program", default="default", show_default=True)
@click.option(
    "--consent", multiple=True, metavar="KIND[@INSTANT]", help="A consent on record, as express-written@2026-01-02."
)
@click.option("--suppressed", multiple=True, metavar="KIND[@INSTANT]", help="A suppression, as opt-out@2026-01-02.")
@click.option("--list", "lists", multiple=True, help="A list that holds the number, as us-dnc.")
@click.option("--sent", multiple=True, metavar="INSTANT", help="When a message of this kind was sent before.")
@click.option("--zone", help="The recipient's own zone, where it is known.")
@click.option("--region", help="The recipient's own region, where it is known: US-FL.")
@click.option("--id", "recorded", help="A real decision, by its X-Gateway-Message-Id (needs -c).")
@click.option("--request", type=click.Path(exists=True, path_type=Path), help="A captured HTTP request.")
@click.option("--dialect", type=click.Choice(sorted(DIALECTS)), default="twilio", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="A JSON line for each message.")
@POLICIES
@CONFIG
def explain(
    lines: str | None, as_json: bool, policies: Path | None, config: Path | None, recorded: str | None, **said: Any
) -> None:
    """What would be done with a message, the rule that decides it, and what would have to be different.

    \b
      smsgate policy explain --to +12125550100 --text "20% off" --consent express-written@2026-01-02
      smsgate policy explain --id 5f0c... -c gateway.yaml
      smsgate policy explain --request captured.http --dialect twilio
      smsgate policy explain - < scenarios.jsonl

    With `-`, scenarios are read as JSON lines, and for each a JSON line is printed. Exit status 0, whatever is decided.
    """
    given = Given.by(policies, config)
    book = given.book()
    if lines:
        _print_lines(sys.stdin.buffer, given, book)
        return
    for each in _asked(given, recorded, said):
        _print(_explained(each, given, book), as_json=as_json)


def _print(found: Explanation, *, as_json: bool) -> None:
    click.echo(orjson.dumps(found.told()) if as_json else str(found))


def _print_lines(source: Iterable[bytes], given: Given, book: Book) -> None:
    """A bad line gives a line with `error`, and the rest go on."""
    for number, line in enumerate(source, 1):
        if not line.strip():
            continue
        try:
            told = _explained(_read(line, f"line {number}"), given, book).told()
        except BadFile as error:
            told = {"error": str(error)}
        click.echo(orjson.dumps(told))


def _read(line: bytes, where: str) -> Scenario:
    """Raises BadFile."""
    try:
        document = Document(where, orjson.loads(line))
    except orjson.JSONDecodeError:
        document = Document.read(line, where)
    return scenario(parsed(document, ScenarioWritten))


def _explained(asked: Scenario, given: Given, book: Book) -> Explanation:
    """With the site's own programs, where they are known by name."""
    message = asked.message
    if program := given.programs.get(message.program.name):
        message = replace(message, program=program)
    return explained(message, asked.facts_under(book), book, asked.at, asked.name)


def _asked(given: Given, recorded: str | None, said: Mapping[str, Any]) -> Iterator[Scenario]:
    if recorded:
        site = given.site("a recorded decision")
        found = message_recorded(site.data_dir / "audit", Vault.load(site.keys), recorded)
        yield _scenario(found.private["scenario"], "the record")
    elif said["request"]:
        for draft in _drafts(said["request"], said["dialect"]):
            yield _scenario(_written({**said, **draft}), str(said["request"]))
    elif said["to"] is None or said["text"] is None:
        raise click.UsageError("say --to and --text, or --id, --request, or - for scenarios as JSON lines")
    else:
        yield _scenario(_written(said), "the options")


def _scenario(written: Mapping[str, Any], where: str) -> Scenario:
    return scenario(parsed(Document(where, written), ScenarioWritten))


def _written(said: Mapping[str, Any]) -> dict[str, Any]:
    """The options as a scenario."""
    return {
        "message": {
            "to": said["to"],
            "from": said["sender"],
            "text": said["text"],
            "category": said["category"],
            "program": said["program"],
        },
        "at": said["at"] or datetime.now(UTC),
        "zone": said["zone"],
        "region": said["region"],
        "consent": [{"for": said["category"], **_kind_at(each)} for each in said["consent"]],
        "suppressed": [_kind_at(each) for each in said["suppressed"]],
        "lists": list(said["lists"]),
        "history": [{"at": each} for each in said["sent"]],
    }


def _kind_at(said: str) -> dict[str, Any]:
    """`express-written@2026-01-02`; without an instant, a year ago today would be a guess: it is from 1970."""
    kind, _, at = said.partition("@")
    when = at or "1970-01-01"
    return {"kind": kind, "at": when if "T" in when else f"{when}T00:00:00Z"}


def _drafts(path: Path, dialect: str) -> Iterator[dict[str, Any]]:
    """The messages that a captured request would send. Raises NoSend, NotCaptured."""
    request, speaking = captured_request(path), dialect_named(dialect)
    send = speaking.read(request) if speaking.claims(request) else None
    if send is None:
        raise NoSend(f"{path} is no request that sends, as {dialect} reads it; it would pass through untouched")
    yield from ({"to": draft.to, "sender": draft.sender.value, "text": draft.text} for draft in send.drafts)
