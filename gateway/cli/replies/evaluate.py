"""`smsgate replies evaluate`: precision and recall on replies that people have labelled."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
import orjson

from gateway.cli.ending import NO
from gateway.cli.replies.classify import NoReply, json_in, reply_in
from gateway.replies.evaluate import EVERY, Evaluation, Labelled, Score
from gateway.replies.evaluate import evaluate as evaluated
from gateway.replies.keywords import Intent
from gateway.words.errors import GatewayError

_SHARE = click.FloatRange(0, 1)


class BadLabels(GatewayError):
    """A file of labelled replies that can't be read."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--recall", default=0.0, type=_SHARE, help="The least recall of opt_out that is good enough, as 0.99.")
@click.option("--precision", default=0.0, type=_SHARE, help="The least precision of opt_out that is good enough.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with the lines that were mistaken.")
def evaluate(file: Path, recall: float, precision: float, as_json: bool) -> None:
    """Precision and recall for each intent and language, on the labelled replies in FILE.

    \b
      smsgate replies evaluate labelled.jsonl
      smsgate replies evaluate labelled.jsonl --recall 0.99 --precision 0.97

    Each line is a JSON object: {"text": "take me off", "intent": "opt_out", "language": "en"}; `language` and `country`
    may be left out. Mistakes are named by their line, never by their text. Exit status 3 where opt_out stays below a
    share that was asked for.
    """
    found = evaluated(list(_labelled(file)))
    click.echo(orjson.dumps(_told(found)) if as_json else _table(found))
    opt_out = found.score(Intent.OPT_OUT)
    if opt_out.recall < recall or opt_out.precision < precision:
        sys.exit(NO)


def _labelled(file: Path) -> Iterator[Labelled]:
    """Raises BadLabels."""
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield _reply(line, number)
        except NoReply as error:
            raise BadLabels(f"{file}:{number}: {error}") from None


def _reply(line: bytes, number: int) -> Labelled:
    """Raises NoReply."""
    text, country = reply_in(line)
    said = json_in(line)
    intent = said.get("intent") if isinstance(said, dict) else None
    if intent not in set(Intent):
        raise NoReply(f"no `intent` in it; write one of {', '.join(Intent)}")
    return Labelled(text, Intent(intent), str(said.get("language") or ""), country, number)


def _table(found: Evaluation) -> str:
    rows = [f"{'language':10}{'intent':10}{'replies':>9}{'recall':>9}{'precision':>11}"]
    rows += [
        f"{each.language or '?':10}{each.intent:10}{each.right + each.missed:9}{each.recall:9.4f}{each.precision:11.4f}"
        for each in found.scores
    ]
    rows += [f"line {each.line}: {each.labelled}, taken for {each.heard}" for each in found.mistakes]
    return "\n".join(rows)


def _told(found: Evaluation) -> dict[str, object]:
    return {
        "replies": found.replies,
        "scores": [_score(each) for each in found.scores if each.language != EVERY],
        "all": [_score(each) for each in found.scores if each.language == EVERY],
        "mistakes": [{"line": each.line, "intent": each.labelled, "taken_for": each.heard} for each in found.mistakes],
    }


def _score(each: Score) -> dict[str, object]:
    asking = each.right + each.missed
    return {
        "language": each.language,
        "intent": each.intent,
        "replies": asking,
        "recall": round(each.recall, 4),
        "precision": round(each.precision, 4),
    }
