"""Logs as events with named fields, from which numbers, texts and secrets are taken out.

An event is a fixed sentence; what varies goes into fields. Three nets, since a log is read by many and kept for long:
fields with a telling name are hidden, whatever they hold; anything that looks like a phone number is hidden, wherever
it stands; and of an exception only its type and place are told, unless it is ours and promises to be clean. Of what
libraries log, only the fixed sentence is kept: their arguments may be anything.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
import warnings
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from datetime import date
from pathlib import Path, PurePath
from types import TracebackType
from typing import Any, Literal, TextIO, cast

import orjson
import structlog

from gateway.words.errors import GatewayError

HIDDEN = "[hidden]"
FRAMES = 8  # of a traceback, the innermost

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

Event = MutableMapping[str, Any]

_TELLING = re.compile(
    r"text|body|number|phone|msisdn|recipient|sender|secret|token|password|passwd|authorization|credential"
    r"|wording|detail|matched|cookie|payload|signature|^(to|from|key|keys|url|query|target|headers?|request|message)$"
)
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
# Seven digits or more, as people spell numbers; but no instant (2026-11-24T08:00) and no address (192.168.100.10).
_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])(?P<kept>\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(?!\d)"
    rf"|{_OCTET}(?:\.{_OCTET}){{3}}(?![\d.]))"
    r"|(?<![0-9A-Za-z])\(?\d(?:[ ().\-/\u00a0]{0,2}\d){6,}(?![0-9A-Za-z])|\+\d{7,}|%2[Bb]\d{7,}"
)
_LARGE = 1_000_000  # an integer from here on may be a number: sizes are logged in KiB


def log_to(stream: TextIO, form: Literal["json", "console"] = "json", level: int = logging.INFO) -> None:
    """Send all logs there: our own events, and what asyncio, uvloop, aiohttp and other libraries log."""
    render = _as_json if form == "json" else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _broken,
            _clean,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _Unfailing(stream))),
    )
    logging.basicConfig(handlers=[_Libraries()], level=max(level, logging.INFO), force=True)
    warnings.showwarning = _warned
    logging.getLogger("aiohttp.access").disabled = True  # its lines hold addresses with numbers and texts in them


class _Unfailing:
    """A stream whose trouble stays its own: a log on a full disk must not end what is logged."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        with suppress(OSError):
            self._stream.write(line)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


class _Libraries(logging.Handler):
    """What libraries log becomes an event of ours: the fixed sentence, without its arguments."""

    def emit(self, record: logging.LogRecord) -> None:
        sentence = str(record.msg).partition("\n")[0]
        log.log(record.levelno, sentence, library=record.name, exc_info=record.exc_info)


def _warned(
    message: Warning | str,  # noqa: ARG001 - may quote anything
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,  # noqa: ARG001
    line: str | None = None,  # noqa: ARG001
) -> None:
    log.warning("a library warns", category=category.__name__, where=f"{Path(filename).name}:{lineno}")


def _as_json(_: object, __: str, event: Event) -> str:
    return orjson.dumps(event, option=orjson.OPT_SORT_KEYS).decode()


def _broken(_: object, __: str, event: Event) -> Event:
    """An exception as its type and place. Messages of others may quote anything: only our own are told."""
    error = _error_in(event.pop("exc_info", None))
    if error is not None:
        event["error"] = type(error).__name__
        event["where"] = _places(error.__traceback__)
        if isinstance(error, GatewayError):
            event["why"] = str(error)
        if error.__cause__ is not None:
            event["cause"] = type(error.__cause__).__name__
    return event


def _error_in(told: object) -> BaseException | None:
    if isinstance(told, BaseException):
        return told
    if isinstance(told, tuple):
        return told[1] if isinstance(told[1], BaseException) else None
    return sys.exc_info()[1] if told else None


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-FRAMES:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


def _clean(_: object, __: str, event: Event) -> Event:
    return {name: value if name == "level" else _field(name, value) for name, value in event.items()}


def _field(name: str, value: object) -> object:
    return HIDDEN if _TELLING.search(name.lower()) else _cleaned(value)


def _cleaned(value: object) -> object:
    """The value without anything that may be a number; of what is no plain value, only its type."""
    if isinstance(value, bool | float | None):
        return value
    if isinstance(value, int):
        return HIDDEN if abs(value) >= _LARGE else value
    if isinstance(value, str | PurePath):
        return _NUMBER.sub(lambda found: found["kept"] or HIDDEN, str(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(_cleaned(name)): _field(str(name), each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(each) for each in value]
    return f"<{type(value).__name__}>"
