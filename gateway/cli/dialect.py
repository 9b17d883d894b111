"""`smsgate dialect`: how a carrier's dialect reads a request, without sending anything."""

from __future__ import annotations

import difflib
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click

from gateway.cli.captured import captured_request, captured_response
from gateway.cli.ending import NO
from gateway.dialects import DIALECTS, dialect_named
from gateway.dialects.base import Dialect
from gateway.dialects.generic.description import GenericDescription
from gateway.text.segments import segments
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Send
from gateway.words.wire import Headers, Request, Response
from gateway.yamlfile import Document, parsed

INSTRUCTION = "Reply STOP to opt out"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def dialect() -> None:
    """How a carrier's API is read and answered.

    \b
      smsgate dialect check twilio --request captured.http
      smsgate dialect check our-gateway.yaml --request captured.http --response answer.http
    """


@dialect.command()
@click.argument("name", metavar="NAME|FILE")
@click.option("--request", "request_path", type=_FILE, required=True, help="A captured HTTP request.")
@click.option("--response", "response_path", type=_FILE, help="What the carrier answered to it.")
def check(name: str, request_path: Path, response_path: Path | None) -> None:
    """What is read from a captured request, what would be sent, and how each refusal would be answered.

    NAME is a dialect; FILE describes one of your own in YAML, as `description` does for an upstream with
    `dialect: generic`. The captured request is a text file as it was on the wire: request line, header fields, an empty
    line, the body. Nothing is sent. Exit status 3: it is no send, or can't be read as one.
    """
    speaking, request = _dialect(name), captured_request(request_path)
    try:
        send = _read(speaking, request)
    except Unreadable as error:
        click.echo(f"it would be refused, since it can't be read: {error}")
        _say(_response(speaking.refuse(request, error.reason, str(error), error.field)))
        sys.exit(NO)
    if send is None:
        click.echo(f"{speaking.name} reads no send in it: it would go through untouched, byte for byte")
        sys.exit(NO)
    _say(_told(speaking, send))
    if response_path:
        response = captured_response(response_path)
        click.echo(f"\nthe carrier's answer: {speaking.verdict(response)}")


def _dialect(name: str) -> Dialect:
    """Raises BadFile, and UsageError for what is neither."""
    if name in DIALECTS and name != "generic":
        return dialect_named(name)
    path = Path(name)
    if not path.is_file():
        known = ", ".join(sorted(set(DIALECTS) - {"generic"}))
        raise click.UsageError(f"`{name}` is no dialect and no file; known dialects: {known}")
    document = Document.read(path.read_bytes(), str(path))
    named = {"name": path.stem, **document.value} if isinstance(document.value, dict) else document.value
    return dialect_named("generic", description=parsed(document, GenericDescription, named))


def _read(speaking: Dialect, request: Request) -> Send | None:
    """As the gateway does: by its head first. Raises Unreadable."""
    return speaking.read(request) if speaking.claims(replace(request, body=b"")) else None


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _told(speaking: Dialect, send: Send) -> Iterator[str]:
    yield f"read as {speaking.name}" + (f", account {send.account}" if send.account else "")
    for number, draft in enumerate(send.drafts, 1):
        yield f"message {number}: {_draft(draft)}"
    longer = {i: draft.text and f"{draft.text} {INSTRUCTION}" for i, draft in enumerate(send.drafts)}
    yield f"\nwith `{INSTRUCTION}` behind each text:"
    yield from _changed(speaking, send, longer)
    if len(send.drafts) > 1:
        yield "\nwithout message 1:"
        yield from _changed(speaking, send, {i: draft.text for i, draft in enumerate(send.drafts) if i})
    for answer, reasons in _refusals(speaking, send.request).items():
        yield f"\nrefused, {', '.join(reasons)}:"
        yield from answer


def _refusals(speaking: Dialect, request: Request) -> Mapping[tuple[str, ...], Sequence[Reason]]:
    """The answers to a refused request, each with the reasons for which it is given."""
    found = defaultdict[tuple[str, ...], list[Reason]](list)
    for reason in Reason:
        answer = speaking.refuse(request, reason, "the reason in words (policy/rule)")
        found[tuple(_response(answer))].append(reason)
    return found


def _draft(draft: Draft) -> str:
    told = [f"to {draft.to}"]
    if draft.sender.value:
        told.append(f"from {draft.sender.value}")
    if draft.text is None:
        told.append("its text can't be read here: it is kept at the carrier, or is binary")
    else:
        count = segments(draft.text)
        told.append(f"{count.count} segment{'s' * (count.count != 1)} of {count.encoding}")
    told += [f"{draft.media} attachments"] * bool(draft.media)
    told += [f"at {draft.send_at:%Y-%m-%d %H:%M:%S %Z}"] if draft.send_at else []
    told += [f"in {draft.delay}"] if draft.delay else []
    return ", ".join(told) + (f"\n  {draft.text!r}" if draft.text is not None else "")


def _changed(speaking: Dialect, send: Send, texts: dict[int, str | None]) -> Iterator[str]:
    """The lines that differ; `-` as it came, `+` as it would leave."""
    try:
        after = speaking.write(send, texts)
    except Unreadable as error:
        yield f"  can't be written: {error}"
        return
    if after == send.request:
        yield "  unchanged, byte for byte"
        return
    differing = difflib.unified_diff(_lines(send.request), _lines(after), lineterm="", n=0)
    yield from (f"  {line}" for line in differing if not line.startswith(("---", "+++", "@@")))


def _lines(request: Request) -> list[str]:
    return [_shown(request.method + b" " + request.target), *_fields(request.headers), *_body(request.body)]


def _response(response: Response) -> Iterator[str]:
    yield f"  {response.status}"
    yield from (f"  {line}" for line in (*_fields(response.headers), *_body(response.body)))


def _fields(headers: Headers) -> list[str]:
    return [_shown(name + b": " + value) for name, value in headers]


def _body(body: bytes) -> list[str]:
    return _shown(body).splitlines()


def _shown(raw: bytes) -> str:
    return raw.decode(errors="backslashreplace")
