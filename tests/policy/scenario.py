"""A scenario, as operators write them: a message, a moment, and what is remembered of its recipient."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gateway.numbering.read import read_number
from gateway.words.facts import Facts, Suppression, SuppressionKind
from gateway.words.message import Message
from gateway.words.number import NO_SENDER, Number, Place, Sender, SenderKind
from gateway.words.program import Category, Program
from gateway.yamlfile import Document
from tests.policy.people import moment


@dataclass(frozen=True)
class Scenario:
    """What is asked."""

    message: Message
    facts: Facts
    at: datetime


def read(text: str) -> Scenario:
    written = Document.read(text.encode(), "scenario").value
    said, at = written["message"], moment(written["at"])
    message = Message(
        "m",
        _placed(read_number(str(said["to"])), written),
        said["text"],
        Sender(SenderKind.NUMBER, str(said["from"])) if "from" in said else NO_SENDER,
        Program(said.get("program", "default")),
        Category(said.get("category", "marketing")),
        moment(said["send_at"]) if "send_at" in said else None,
    )
    suppressed = tuple(_suppression(each) for each in written.get("suppressed", ()))
    told = [moment(each["at"]) for each in written.get("history", ())]
    return Scenario(message, Facts(suppressions=suppressed, instructed=max(told, default=None)), at)


def _placed(number: Number | None, written: dict[str, Any]) -> Number | None:
    if number is None:
        return None
    zones = (written["zone"],) if written.get("zone") else number.place.zones
    regions = (written["region"],) if written.get("region") else number.place.regions
    return replace(number, place=Place(number.place.country, regions, zones))


def _suppression(written: dict[str, Any]) -> Suppression:
    kind = SuppressionKind(written["kind"])
    return Suppression(kind, written.get("scope", "all"), written.get("source", "operator"), moment(written["at"]))
