"""The site's own mail system, which takes what the gateway mails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import aiosmtplib

from gateway.delivery.letter import Letter
from gateway.words.wire import Credentials

TIMEOUT = 30.0  # seconds for a connection, and for each answer

_PERMANENT = range(500, 600)
_OURS = frozenset({530, 534, 535, 538})  # it wants other credentials: an operator can mend that


class Taken(NamedTuple):
    """What became of a letter: `again` where it may be taken later. `status`: its last answer, if there was one."""

    good: bool
    again: bool = False
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Smarthost:
    """Where letters go, each on a connection of its own."""

    host: str
    port: int
    tls: str  # starttls, implicit or none
    credentials: Credentials | None = None

    async def take(self, letter: Letter) -> Taken:
        """Who gets a letter twice, after a crash, finds the same Message-ID in it."""
        try:
            async with self._client() as client:
                options = [] if letter.to.isascii() else ["SMTPUTF8"]
                await client.sendmail(letter.sender, [letter.to], letter.content, mail_options=options)
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _refused(error.recipients[0].code)
        except aiosmtplib.SMTPResponseException as error:
            return _refused(error.code)
        except (aiosmtplib.SMTPException, OSError):  # nobody is there, or it hung up, or its certificate is none
            return Taken(good=False, again=True)
        return Taken(good=True, status=250)

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.credentials.user if self.credentials else None,
            password=self.credentials.secret if self.credentials else None,
            use_tls=self.tls == "implicit",
            start_tls=self.tls == "starttls",
            timeout=TIMEOUT,
        )


def _refused(status: int) -> Taken:
    return Taken(good=False, again=status not in _PERMANENT or status in _OURS, status=status)
