"""Instants as carriers' APIs spell them."""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.words.errors import Unreadable


def instant_in(given: str, field: str) -> datetime:
    """ISO 8601; in UTC where no zone is named. Raises Unreadable."""
    try:
        instant = datetime.fromisoformat(given)
    except ValueError:
        raise Unreadable(f"{field} is no ISO 8601 instant; write 2026-12-01T09:00:00Z", field=field) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
