"""The sandbox carrier's message centre: takes messages, keeps them, and hands them to handsets that reach nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex

from gateway.sandbox.sent import WAITING, Sent

ACCOUNT = "AC" + "0" * 32


@dataclass(slots=True)
class Smsc:
    """Messages in the order in which they were taken. What has reached a handset stays there."""

    clock: Callable[[], datetime]
    messages: list[Sent] = field(default_factory=list)

    def texts_to(self, number: str) -> list[str]:
        """What that handset has got, the oldest first."""
        return [message.text for message in self._arrived(number)]

    def sender_to(self, number: str) -> str:
        """Who texted that handset last, and so whom it answers; "" where nobody has."""
        return next((message.sender for message in reversed(self._arrived(number)) if message.sender), "")

    def take(self, to: str, sender: str, text: str, account: str = ACCOUNT) -> Sent:
        """A message that is not on its way yet: `Sent.arrive` hands it over."""
        sent = Sent(f"SM{token_hex(16)}", account, to, sender, text, self.clock())
        self.messages.append(sent)
        return sent

    def deliver(self, to: str, sender: str, text: str) -> Sent:
        """Take a message and hand it over."""
        sent = self.take(to, sender, text)
        sent.arrive(self.clock())
        return sent

    def _arrived(self, number: str) -> list[Sent]:
        digits = number.lstrip("+")
        return [each for each in self.messages if each.to.lstrip("+") == digits and each.status not in WAITING]
