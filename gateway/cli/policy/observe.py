"""`smsgate policy observe`: what rules that are only observed would have done, and which are ready."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click
import orjson

from gateway.audit.chain import Kind, Opener
from gateway.audit.read import lines_recorded, messages_recorded
from gateway.cli.policy.given import CONFIG, Given
from gateway.cli.policy.since import since_option
from gateway.policy.book import Book
from gateway.policy.edits import Edits
from gateway.policy.observing import Observing, Ready
from gateway.replies.keywords import Intent
from gateway.store.vault import Vault
from gateway.yamlfile import Document


@click.command()
@since_option("7d", "From when on the record is looked at.")
@click.option(
    "--enough", type=click.IntRange(min=1), default=100, show_default=True, help="Messages that tell what a rule does."
)
@click.option("--json", "as_json", is_flag=True, help="A JSON object for each rule.")
@CONFIG
def observe(since: datetime, enough: int, as_json: bool, config: Path | None) -> None:
    """Of each rule that is only observed (by itself, its policy, a program, a share or a relaxation): what it would
    have done with real messages, whether it is ready to be enforced, and the edit that enforces it.

    \b
      smsgate policy observe -c gateway.yaml
      smsgate policy observe --since 14d --enough 1000 -c gateway.yaml

    Ready is a rule that was asked about enough messages on seven days, and would have stopped no code, transaction or
    emergency. Exit status 0, whatever is ready.
    """
    given = Given.by(None, config)
    site, book = given.site("what was observed"), given.book()
    folder, vault = site.data_dir / "audit", Vault.load(site.keys)
    observing = Observing(book, given.programs, _edits(book, config), _opted_out(folder, vault, since))
    for line in messages_recorded(folder, vault, since):
        observing.add(line)
    found = observing.ready(enough)
    for ready in found:
        click.echo(orjson.dumps(ready.told()) if as_json else "\n".join(_lines(ready)))
    if not found and not as_json:
        click.echo(f"every rule in {given.folder} is enforced")


def _edits(book: Book, config: Path | None) -> Edits:
    policies = [Document.load(Path(policy.path)) for policy in book.policies]
    return Edits(policies, Document.load(config) if config else None)


def _opted_out(folder: Path, vault: Opener, since: datetime) -> dict[int, datetime]:
    """When each recipient last opted out by a reply. Numbers are kept as hashes, of this process alone."""
    opted_out: dict[int, datetime] = {}
    for line in lines_recorded(folder, vault, Kind.HEARD, since, lambda clear: clear["intent"] == Intent.OPT_OUT):
        recipient = hash(line.private["number"])
        opted_out[recipient] = max(line.at, opted_out.get(recipient, line.at))
    return opted_out


def _lines(ready: Ready) -> Iterator[str]:
    watched = ready.watched
    through = f"program {watched.program}" if watched.program else watched.through
    yield f"{watched.rule} (observed through: {through}): {ready.verdict}"
    yield from (f"  {why}" for why in ready.against)
    block, defer, rewrite = (watched.would(what) for what in ("block", "defer", "rewrite"))
    told = ready.told()
    span = f", {told['first']} to {told['last']}" if watched.found else ""
    yield f"  of {ready.seen} messages it would have blocked {block}, deferred {defer}, rewritten {rewrite}{span}"
    for each, count in watched.found.most_common():
        yield f"    {each.do}: {count} {each.category} of program {each.program}"
    if block or defer:
        yield f"  recipients that it would have spared, who opted out later: {len(watched.left_later) or 'none'}"
    yield from (f"  to enforce it: {edit}" for edit in ready.edits)
