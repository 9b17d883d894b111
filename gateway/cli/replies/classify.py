"""`smsgate replies classify`: what a reply asks for, and the words that decide it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import click
import orjson

from gateway.replies.classify import classify as classified
from gateway.words.errors import GatewayError

COUNTRY = click.option("--country", default="", help="The writer's country, as US: some words count in one only.")


class NoReply(GatewayError):
    """A line that holds no reply."""


@click.command()
@click.argument("text")
@COUNTRY
def classify(text: str, country: str) -> None:
    """What the reply TEXT asks for; with `-`, replies are read from standard input.

    \b
      smsgate replies classify "wrong number, stop"
      smsgate replies classify - --country US < replies.jsonl

    A JSON line is printed for each reply: its text, intent (opt_out, opt_in, help, other), the words that decided it,
    how sure that is (0 to 1), whether a person should judge it, and the topic that is to end where it names one.
    On standard input each line is a JSON string, or an object with `text`, which may have a `country` of its own. A
    bad line gives a line with `error`, and the rest go on.
    """
    if text != "-":
        click.echo(orjson.dumps(_told(text, country)))
        return
    for line in _lines_told(country):
        click.echo(orjson.dumps(line))


def _lines_told(country: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(sys.stdin.buffer, 1):
        if not line.strip():
            continue
        try:
            text, own_country = reply_in(line)
            yield _told(text, own_country or country)
        except NoReply as error:
            yield {"error": f"line {number}: {error}"}


def _told(text: str, country: str) -> dict[str, Any]:
    heard = classified(text, country.upper())
    return {
        # Half a surrogate pair, as a shell brings it, has no form in JSON.
        "text": text.encode("utf-8", "replace").decode("utf-8"),
        "intent": heard.intent,
        "matched": heard.matched.encode("utf-8", "replace").decode("utf-8"),
        "confidence": heard.confidence,
        "doubt": heard.doubt,
        "topic": heard.topic.encode("utf-8", "replace").decode("utf-8"),
    }


def reply_in(line: bytes) -> tuple[str, str]:
    """A line's reply and its writer's country ("" where it isn't said). Raises NoReply."""
    said = json_in(line)
    if isinstance(said, str):
        return said, ""
    if not isinstance(said, dict) or not isinstance(said.get("text"), str):
        raise NoReply('no reply in it; write a JSON string, or an object with `text`: {"text": "STOP"}')
    country = said.get("country") or ""
    if not isinstance(country, str):
        raise NoReply('`country` is no string; write it as "US"')
    return said["text"], country


def json_in(line: bytes) -> Any:
    """Raises NoReply."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise NoReply(f"no JSON ({error.msg} at character {error.colno})") from None
