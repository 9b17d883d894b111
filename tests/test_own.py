"""A text of our own that an upstream can't be given is an error, at once, that says what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.delivery.upstream import Upstream
from gateway.dialects import dialect_named
from gateway.dialects.generic.description import GenericDescription
from gateway.numbering.read import read_number
from gateway.numbering.senders import sender_of
from gateway.own import CannotSay, Own, Said
from gateway.store.base import Store
from gateway.words.number import NO_SENDER
from gateway.words.program import DEFAULT_PROGRAM, Category
from gateway.words.wire import Credentials

NOON = datetime(2026, 6, 10, 16, tzinfo=UTC)
ANN = read_number("+12125550100")
assert ANN
TWILIO = Upstream("main", dialect_named("twilio"), None, credentials=Credentials("AC" + "0" * 32, "x"))  # type: ignore[arg-type]
DESCRIPTION = {"name": "house", "send": {"path": "/sms"}, "fields": {"to": "to", "text": "text"}}
HOUSE = replace(TWILIO, dialect=dialect_named("generic", description=GenericDescription.model_validate(DESCRIPTION)))
SHOP = sender_of("+18335550100")
SAID = Said("SM1", ANN, SHOP, "Goodbye", DEFAULT_PROGRAM, Category.OPTOUT_CONFIRMATION, TWILIO, timedelta(minutes=5))


class Untouched:
    """A store that nothing may be put into."""


@pytest.mark.parametrize(
    ("situation", "said", "words"),
    [
        ("nobody has told us who we are there", {"upstream": replace(TWILIO, credentials=None)}, "no credentials"),
        ("an API key", {"upstream": replace(TWILIO, credentials=Credentials("SK1", "x"))}, "account's SID"),
        ("nobody sends it", {"sender": NO_SENDER}, "without a sender"),
        ("it says nothing", {"text": " "}, "Body"),
        ("an in-house gateway", {"upstream": HOUSE}, "its dialect doesn't know"),
    ],
)
async def test_what_can_not_be_said_is_told(situation: str, said: dict[str, object], words: str):
    store: Store = Untouched()  # type: ignore[assignment]
    with pytest.raises(CannotSay, match=words) as error:
        await Own(store, lambda: NOON).say(replace(SAID, **said))  # type: ignore[arg-type]
    assert "`main`" in str(error.value), situation
    assert "5550100" not in str(error.value)
