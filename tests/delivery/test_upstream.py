from __future__ import annotations

import pytest

from gateway.delivery.upstream import Upstream
from gateway.dialects import dialect_named


@pytest.mark.parametrize(
    ("situation", "dialect", "country", "spelled", "e164"),
    [
        ("with a plus it is what it says", "twilio", None, "+12125550100", "+12125550100"),
        ("Twilio's reading without a plus is not known", "twilio", None, "12125550100", None),
        ("not even where it would be a number in Morocco", "twilio", None, "212555010012", None),
        ("unless the operator says whose it is", "twilio", "US", "2125550100", "+12125550100"),
        ("or as Americans write it", "twilio", "US", "(212) 555-0100", "+12125550100"),
        ("Kannel reads bare digits as international", "kannel", None, "447700900123", "+447700900123"),
    ],
)
def test_a_number_is_read_as_the_carrier_will_read_it_or_not_at_all(
    situation: str, dialect: str, country: str | None, spelled: str, e164: str | None
) -> None:
    upstream = Upstream(dialect, dialect_named(dialect), None, country)  # type: ignore[arg-type]
    number = upstream.number(spelled)
    assert (number and number.e164) == e164
