"""Recipients, books and moments for the tests of what may leave."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from gateway.numbering.read import read_number
from gateway.policy.book import Book
from gateway.policy.parse import load_book, parse
from gateway.words.facts import SCOPE_ALL, Consent, ConsentKind, Facts, Suppression, SuppressionKind
from gateway.words.message import Message
from gateway.words.number import Number, Place, Sender, SenderKind
from gateway.words.program import Category, Program
from gateway.yamlfile import Document

POLICIES = Path(__file__).parents[2] / "policies"
SHIPPED = load_book(POLICIES)

NEW_YORKER, FLORIDIAN, TEXAN = "+12125550100", "+13055550123", "+12145550100"
PENSACOLA = "+18505550100"  # two zones
PENNSYLVANIAN, ALABAMIAN = "+12155550100", "+12055550100"
LONDONER, NOBODY = "+447700900123", "not a number"
GUYANESE = "+5926095550"  # of a country that has no policy of its own

SHOP = Sender(SenderKind.NUMBER, "+18335550100")
CLUB = Program("club", "Acme", (SHOP.value,))
SALE = "20% off today at Acme"
AGREED = Consent(ConsentKind.EXPRESS_WRITTEN, datetime(2024, 1, 1, tzinfo=UTC), "web-form", CLUB.name)
CONSENTED = Facts(consents=(AGREED,))  # to the club's marketing


def message(to: str = NEW_YORKER, text: str | None = SALE, category: Category = Category.MARKETING, **more) -> Message:
    return Message("m", read_number(to), text, SHOP, more.pop("program", CLUB), category, **more)


def somewhere(*zones: str, country: str = "US", regions: tuple[str, ...] = ("US-NY",)) -> Message:
    """A marketing text to somebody who may be in any of these zones."""
    return Message("m", Number("+12125550100", Place(country, regions, zones)), SALE, SHOP, CLUB)


def book(*files: str) -> Book:
    """Of policy files written out."""
    return Book(tuple(parse(Document.read(text.encode(), f"{i}.yaml")) for i, text in enumerate(files)), "test")


def policy(rules: str, name: str = "p", country: str = "US") -> str:
    return f'policy: {name}\ncountry: "{country}"\nrules:\n{rules}'


def hours(written: str, name: str = "p", country: str = "US", more: str = "") -> str:
    return policy(f"  - {{id: h, hours: {written}{more}}}\n", name, country)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def stopped(kind: SuppressionKind = SuppressionKind.OPT_OUT, scope: str = SCOPE_ALL) -> Suppression:
    return Suppression(kind, scope, "keyword", moment("2026-01-02T00:00:00Z"))
