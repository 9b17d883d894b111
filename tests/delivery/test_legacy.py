from __future__ import annotations

import pytest

from gateway.delivery.legacy import joined


@pytest.mark.parametrize(
    ("situation", "url", "query", "called"),
    [
        ("no query", "https://legacy/sms", b"", "https://legacy/sms"),
        ("the carrier's query", "https://legacy/sms", b"From=%2B1", "https://legacy/sms?From=%2B1"),
        ("behind its own", "https://legacy/sms?k=1", b"From=%2B1", "https://legacy/sms?k=1&From=%2B1"),
        ("before a fragment", "https://legacy/sms#rc=2", b"a=1", "https://legacy/sms?a=1#rc=2"),
    ],
)
def test_the_legacy_system_is_called_with_the_query_of_the_carriers_call(
    situation: str, url: str, query: bytes, called: str
) -> None:
    assert joined(url, query) == called
