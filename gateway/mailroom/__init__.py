"""Where mails become texts: each recipient's goes the way of all messages, and the mail has one answer for all."""

from gateway.mailroom.room import Mailroom

__all__ = ["Mailroom"]
