"""A message as the sandbox carrier keeps it, and as Twilio's API tells of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from gateway.text.segments import segments

Json = dict[str, Any]

WAITING = frozenset({"scheduled", "canceled"})  # no handset has got these


@dataclass(slots=True)
class Sent:
    """`text` is what reached the handset; `body` is what the carrier still keeps of it."""

    sid: str
    account: str
    to: str
    sender: str
    body: str
    at: datetime
    service: str | None = None
    media: list[str] = field(default_factory=list)
    status: str = "queued"
    delivered: datetime | None = None
    deleted: bool = False
    text: str = ""

    def __post_init__(self) -> None:
        self.text = self.body

    @property
    def path(self) -> str:
        return f"/2010-04-01/Accounts/{self.account}/Messages/{self.sid}"

    def arrive(self, now: datetime) -> None:
        """At the handset, at once; the carrier's answer to the send was written before."""
        if self.status not in WAITING:
            self.status, self.delivered = "delivered", now

    def resource(self) -> Json:
        """Twilio's message resource. A messaging service picks sender and segments only when it sends."""
        picked = self.delivered is not None or self.service is None
        return {
            "account_sid": self.account,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": format_datetime(self.at),
            "date_sent": format_datetime(self.delivered) if self.delivered else None,
            "date_updated": format_datetime(self.delivered or self.at),
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": self.sender or None,
            "messaging_service_sid": self.service,
            "num_media": str(len(self.media)),
            "num_segments": str(segments(self.body).count if picked else 0),
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{self.path}/Media.json"},
            "to": self.to,
            "uri": f"{self.path}.json",
        }

    def attachments(self) -> list[Json]:
        """Twilio's media resources."""
        return [self._attachment(number) for number, _ in enumerate(self.media, 1)]

    def _attachment(self, number: int) -> Json:
        sid = f"ME{number:032x}"
        return {
            "account_sid": self.account,
            "content_type": "image/jpeg",
            "date_created": format_datetime(self.at),
            "date_updated": format_datetime(self.at),
            "parent_sid": self.sid,
            "sid": sid,
            "uri": f"{self.path}/Media/{sid}.json",
        }
