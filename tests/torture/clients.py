"""Legacy systems that send, change their minds, and recipients that have had enough; each notes what it was told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from random import Random

import requests

from tests.front.house import House
from tests.front.world import World
from tests.torture.checker import Accepted, Evidence, Refused
from tests.twilio_client import ACCOUNT

SHOP = "+18335550100"
BETWEEN = (0.003, 0.04)  # seconds between two sends of a client
CANCELS, STOPS = 0.12, 0.04  # of the messages that were accepted
ACKNOWLEDGED = frozenset({200})
WITHIN = 3.0  # seconds that a client waits for an answer


class Client(threading.Thread):
    """Sends until `ended` is set, to any of the gateways."""

    def __init__(self, name: str, seed: int, houses: Sequence[House], world: World, seen: Evidence) -> None:
        super().__init__(name=name, daemon=True)
        self.ended = threading.Event()
        self._chance = Random(f"{name}/{seed}")
        self._houses = houses
        self._world = world
        self._seen = seen
        self._recipients = list(seen.zones)
        self._sent = 0

    def run(self) -> None:
        with requests.Session() as session:
            session.auth = (ACCOUNT, "test-token")
            while not self.ended.wait(self._chance.uniform(*BETWEEN)):
                self._send(session)

    def _send(self, session: requests.Session) -> None:
        self._sent += 1
        key, to = f"{self.name}x{self._sent}", self._chance.choice(self._recipients)
        form = {"To": to, "From": SHOP, "Body": f"Our sale {key} is on", "StatusCallback": self._world.legacy}
        house = self._chance.choice(self._houses)
        pid = house.pid
        answer = _asked(lambda: session.post(_messages(house), form, timeout=WITHIN))
        if answer is None:
            return
        if answer.status_code == 201:
            accepted = Accepted(key, answer.headers["X-Gateway-Message-Id"], answer.json()["sid"], time.time())
            self._seen.accepted.append(accepted)
            self._regret(session, accepted, to)
        elif answer.headers.get("X-Gateway-Decision") in {"block", "defer"}:
            self._seen.refused.append(Refused(key, pid))

    def _regret(self, session: requests.Session, accepted: Accepted, to: str) -> None:
        chosen = self._chance.random()
        if chosen < CANCELS:
            self._cancel(session, accepted.key, accepted.sid)
        elif chosen < CANCELS + STOPS:
            self._opt_out(to)

    def _cancel(self, session: requests.Session, key: str, sid: str) -> None:
        self._seen.cancel_asked.append(key)
        cancel, house = {"Status": "canceled"}, self._chance.choice(self._houses)
        answer = _asked(lambda: session.post(_message(house, sid), cancel, timeout=WITHIN))
        if answer is not None and answer.status_code == 200 and answer.json()["status"] == "canceled":
            self._seen.canceled.append(key)

    def _opt_out(self, recipient: str) -> None:
        house = self._chance.choice(self._houses)
        answer = _asked(lambda: self._world.reply(recipient, SHOP, "STOP", f"{house.public}/in/twilio"))
        if answer is not None and answer.status_code in ACKNOWLEDGED:
            self._seen.stopped.setdefault(recipient, time.time())


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
