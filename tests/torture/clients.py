"""Legacy systems that send and change their minds, and recipients that do; each notes what it was told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random

import requests

from tests.front.house import House
from tests.front.world import World
from tests.torture.checker import Accepted, Evidence, Refused, Silence
from tests.twilio_client import ACCOUNT

SHOP = "+18335550100"
BETWEEN = (0.003, 0.04)  # seconds between two sends of a client
CANCELS, STOPS = 0.12, 0.04  # of the messages that were accepted
HASTY, VALID = 0.1, timedelta(minutes=30)  # of all messages, and how long these are good
TO_SILENT, STARTS = 0.1, 0.02  # of all messages, and how often one who wants nothing begins again
ACKNOWLEDGED = frozenset({200})
WITHIN = 3.0  # seconds that a client waits for an answer


@dataclass
class Wishes:
    """What recipients want, by what they have said and had acknowledged.

    A recipient says one thing at a time. Who got no answer says nothing any more: what counts then, nobody knows.
    """

    silences: dict[str, list[Silence]] = field(default_factory=dict)
    speaking: set[str] = field(default_factory=set)  # or have had no answer
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def silent(self) -> list[str]:
        """Those who want nothing, for all that they have said."""
        return [to for to, several in list(self.silences.items()) if several[-1].until == float("inf")]

    def stop(self, recipient: str, say: Callable[[str], bool]) -> None:
        if self._begins(recipient) and say("STOP"):
            self.silences.setdefault(recipient, []).append(Silence(time.time()))
            self.speaking.discard(recipient)

    def start(self, recipient: str, say: Callable[[str], bool]) -> None:
        if self._begins(recipient):
            self.silences[recipient][-1].until = time.time()
            if say("START"):
                self.speaking.discard(recipient)

    def _begins(self, recipient: str) -> bool:
        with self._lock:
            if recipient in self.speaking:
                return False
            self.speaking.add(recipient)
            return True


class Client(threading.Thread):
    """Sends until `ended` is set, to any of the gateways."""

    def __init__(
        self, name: str, seed: int, houses: Sequence[House], world: World, wishes: Wishes, seen: Evidence
    ) -> None:
        super().__init__(name=name, daemon=True)
        self.ended = threading.Event()
        self._chance = Random(f"{name}/{seed}")
        self._houses = houses
        self._world = world
        self._wishes = wishes
        self._seen = seen
        self._recipients = list(seen.zones)
        self._sent = 0

    def run(self) -> None:
        with requests.Session() as session:
            session.auth = (ACCOUNT, "test-token")
            while not self.ended.wait(self._chance.uniform(*BETWEEN)):
                self._send(session)
                if (silent := self._wishes.silent) and self._chance.random() < STARTS:
                    recipient = self._chance.choice(silent)
                    self._wishes.start(recipient, partial(self._said, recipient))

    def _recipient(self) -> str:
        silent = self._wishes.silent if self._chance.random() < TO_SILENT else []
        return self._chance.choice(silent or self._recipients)

    def _send(self, session: requests.Session) -> None:
        self._sent += 1
        key, to = f"{self.name}x{self._sent}", self._recipient()
        form = {"To": to, "From": SHOP, "Body": f"Our sale {key} is on", "StatusCallback": self._world.legacy}
        hasty = self._chance.random() < HASTY
        if hasty:
            form["ValidityPeriod"] = str(int(VALID.total_seconds()))
        house = self._chance.choice(self._houses)
        pid = house.pid
        answer = _asked(lambda: session.post(_messages(house), form, timeout=WITHIN))
        if answer is None:
            return
        if answer.status_code == 201:
            id_, sid = answer.headers["X-Gateway-Message-Id"], answer.json()["sid"]
            accepted = Accepted(key, id_, sid, time.time(), VALID if hasty else timedelta.max)
            self._seen.accepted.append(accepted)
            self._regret(session, accepted, to)
        elif answer.headers.get("X-Gateway-Decision") in {"block", "defer"}:
            self._seen.refused.append(Refused(key, pid))

    def _regret(self, session: requests.Session, accepted: Accepted, to: str) -> None:
        chosen = self._chance.random()
        if chosen < CANCELS:
            self._cancel(session, accepted.key, accepted.sid)
        elif chosen < CANCELS + STOPS:
            self._wishes.stop(to, partial(self._said, to))

    def _cancel(self, session: requests.Session, key: str, sid: str) -> None:
        self._seen.cancel_asked.append(key)
        cancel, house = {"Status": "canceled"}, self._chance.choice(self._houses)
        answer = _asked(lambda: session.post(_message(house, sid), cancel, timeout=WITHIN))
        if answer is not None and answer.status_code == 200 and answer.json()["status"] == "canceled":
            self._seen.canceled.append(key)

    def _said(self, recipient: str, word: str) -> bool:
        """Whether it was acknowledged."""
        house = self._chance.choice(self._houses)
        answer = _asked(lambda: self._world.reply(recipient, SHOP, word, f"{house.public}/in/twilio"))
        return answer is not None and answer.status_code in ACKNOWLEDGED


def _asked(ask: Callable[[], requests.Response]) -> requests.Response | None:
    """The gateway's answer; None where it gave none."""
    try:
        return ask()
    except requests.RequestException:
        return None


def _messages(house: House) -> str:
    return f"{house.proxy}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


def _message(house: House, sid: str) -> str:
    return f"{house.proxy}/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}.json"
