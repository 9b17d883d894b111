"""A real gateway with a site's own policies, what it has recorded, and copies of its policies to change."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from twilio.base.exceptions import TwilioRestException

from tests.cli.program import Ended, smsgate
from tests.front.house import POLICIES, House
from tests.front.world import World
from tests.twilio_client import client_for

SHOP = "+18335550100"
WORLD = 'policy: world\ncountry: "*"\nrules:\n  - {id: hours, hours: {from: "08:00", to: "21:00"}}\n'


@dataclass(frozen=True, slots=True)
class RecordedSite:
    """A site whose gateway can be run at any time of its clock. `personal`: what no output may hold."""

    house: House
    world: World
    personal: set[str]

    @property
    def config(self) -> Path:
        return self.house.folder / "house.yaml"

    @property
    def policies(self) -> Path:
        return self.house.folder / "site-policies"

    @contextmanager
    def open_at(self, at: str) -> Iterator[None]:
        """The gateway, while its clock stands there; what it recorded is on disk afterwards."""
        self.house.at = at
        self.house.start()
        self.world.webhook = f"{self.house.public}/in/twilio"
        try:
            yield
        finally:
            self.house.stop()

    def send(self, to: str, text: str) -> None:
        """Whatever becomes of it."""
        self.personal.update((to, text))
        with suppress(TwilioRestException):
            client_for(self.house.proxy).messages.create(to=to, from_=SHOP, body=text)

    def reply(self, number: str, text: str) -> None:
        assert self.world.reply(number, SHOP, text).status_code == 200

    def changed(self, name: str, *changes: tuple[str, str]) -> Path:
        """A copy of the policies in which words were replaced."""
        folder = self.house.folder / name
        shutil.copytree(self.policies, folder, dirs_exist_ok=True)
        file = folder / "site.yaml"
        text = file.read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        file.write_text(text)
        return folder

    def smsgate(self, *words: str | Path) -> Ended:
        """A `policy` command on this site, of which nothing personal is ever printed."""
        ended = smsgate("policy", *words, "-c", self.config)
        assert "Traceback" not in ended.err
        assert not self.personal_in(ended.out + ended.err)
        return ended

    def personal_in(self, shown: str) -> set[str]:
        """Numbers (however they are spelled, if they are ones) and texts."""
        digits = {each.lstrip("+") for each in self.personal if len(each) > len("+1212555")}
        return {each for each in self.personal | digits if each in shown}


@contextmanager
def site_of(folder: Path, rules: str) -> Iterator[RecordedSite]:
    """`rules` are those of the policy `site`, for the United States."""
    world = World()
    world.start()
    house = House(folder, "sqlite", world.url, world.legacy)
    site = RecordedSite(house, world, {SHOP})
    config = house.write_config()
    config.write_text(config.read_text().replace(str(POLICIES), str(site.policies)))
    site.policies.mkdir()
    (site.policies / "site.yaml").write_text(f"policy: site\ncountry: US\nrules:\n{rules}")
    (site.policies / "world.yaml").write_text(WORLD)
    yield site
    world.stop()
