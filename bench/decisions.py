"""Decisions a second on one core, for an ordinary marketing text: the United States alone, and the whole world's packs.

Whatever other countries have must cost nothing: the two are measured in turn, and compared.
"""

from __future__ import annotations

import statistics
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

from bench.load import TEXT, number
from gateway.numbering.read import read_number
from gateway.policy.book import ELSEWHERE, Book
from gateway.policy.decide import decide
from gateway.policy.parse import load_book
from gateway.words.facts import Consent, ConsentKind, Facts
from gateway.words.message import Message
from gateway.words.number import Sender, SenderKind
from gateway.words.program import Program

POLICIES = Path(__file__).parents[1] / "policies"
NOON = datetime(2026, 6, 10, 17, 0, tzinfo=UTC)
ROUNDS, MESSAGES = 9, 3000


def report() -> None:
    world = load_book(POLICIES)
    alone = tuple(policy for policy in world.policies if policy.countries & {"US", ELSEWHERE})
    books = {"United States alone": Book(alone, "us"), "the whole world": world}
    messages = [_message(count) for count in range(MESSAGES)]
    rates: dict[str, list[float]] = {name: [] for name in books}
    for _ in range(ROUNDS):
        for name, book in books.items():
            rates[name].append(_rate(messages, book))
    for name, of_rounds in rates.items():
        rules = sum(len(policy.rules) for policy in books[name].policies)
        print(f"decisions/s a core, {name} ({rules} rules): {statistics.median(of_rounds):,.0f}")
    ratios = [w / u for w, u in zip(rates["the whole world"], rates["United States alone"], strict=True)]
    low, high = min(ratios), max(ratios)
    print(f"decisions/s, the whole world / United States alone: {statistics.median(ratios):.2f} ({low:.2f}-{high:.2f})")


def _rate(messages: list[Message], book: Book) -> float:
    facts = Facts(consents=(Consent(ConsentKind.EXPRESS_WRITTEN, NOON - timedelta(days=60), "web-form"),))
    began = process_time()
    for message in messages:
        decide(message, facts, book, NOON)
    return len(messages) / (process_time() - began)


def _message(count: int) -> Message:
    sender = Sender(SenderKind.NUMBER, "+18335550100")
    recipient = read_number(number(count, suppressed=False))
    return Message(str(count), recipient, TEXT, sender, Program("default", "Acme Energy"))
