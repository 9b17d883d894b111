"""The opt-out pages in a real Chromium: with JavaScript off, on a small screen, and judged by axe-core."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.front.house import House
from tests.front.links import ANN, BANK, SHOP, house_with_links, texted
from tests.front.world import World

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PHONE = {"width": 320, "height": 480}
NOTHING = "0" * 13

if CHROMIUM is None:
    warnings.warn("NO CHROMIUM: the opt-out pages are opened in no browser; install the package chromium", stacklevel=1)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="NO CHROMIUM on this machine's PATH")


@pytest.fixture(scope="module")
def browser() -> Iterator:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def house(tmp_path: Path, world: World) -> Iterator[House]:
    house = house_with_links(tmp_path, "sqlite", world)
    house.start()
    yield house
    house.stop()


def test_opting_out_needs_no_javascript_and_fetches_nothing_else(browser, house: House, world: World):
    token = texted(house, world)
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    tab, asked, said = context.new_page(), [], []
    tab.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(f"{house.public}/{token}")
    assert texted(house, world) == token, "a look changes nothing"
    assert tab.get_by_role("heading", level=1).inner_text() == "Stop text messages"
    tab.get_by_role("button").click()
    assert tab.get_by_role("heading", level=1).inner_text() == "Done"
    assert asked == [f"{method} {house.public}/{token}" for method in ("GET", "POST")]
    assert said == [], "its own policy keeps nothing of the page back"
    with pytest.raises(TwilioRestException, match="opt-out"):
        texted(house, world)
    context.close()


def test_with_the_keyboard_alone_a_recipient_keeps_one_program(browser, house: House, world: World):
    token = texted(house, world)
    texted(house, world, sender=BANK)
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    tab = context.new_page()
    tab.goto(f"{house.public}/{token}")
    tab.get_by_role("link").focus()
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/programs")
    tab.get_by_label("Acme Bank").focus()
    tab.keyboard.press("Space")
    tab.get_by_role("button").focus()
    tab.keyboard.press("Enter")
    tab.get_by_text("You get no more").wait_for()
    with pytest.raises(TwilioRestException):
        texted(house, world, sender=SHOP)
    texted(house, world, sender=BANK)
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_axe_finds_nothing_that_keeps_anybody_from_using_a_page(
    browser, house: House, world: World, language: str, scheme: str
):
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415

    token = texted(house, world)
    # axe runs as a script of the page, which the page's own policy forbids.
    context = browser.new_context(locale=language, color_scheme=scheme, viewport=PHONE, bypass_csp=True)
    tab, axe = context.new_page(), Axe()

    def judged() -> None:
        found = axe.run(tab)
        assert found.response["violations"] == [], found.generate_report()
        wide = tab.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"], "nobody has to scroll sideways"

    for path in (NOTHING, f"{token}/programs", token):
        tab.goto(f"{house.public}/{path}")
        assert tab.evaluate("document.dir") == ("rtl" if language == "ar" else "ltr")
        judged()
    tab.get_by_role("button").click()
    judged()  # done
    tab.goto(f"{house.public}/{token}")
    judged()  # done before
    context.close()


def test_where_the_store_is_away_the_page_is_as_good(browser, tmp_path: Path, world: World, redis_server):
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415

    house = house_with_links(tmp_path, f'{{redis: "{redis_server.url}"}}', world)
    house.start()
    try:
        tab = browser.new_page(bypass_csp=True)
        tab.goto(f"{house.public}/{texted(house, world, ANN)}")
        redis_server.kill()
        tab.get_by_role("button").click()
        assert tab.get_by_role("heading", level=1).inner_text() == "We have it"
        assert Axe().run(tab).response["violations"] == []
        tab.close()
    finally:
        house.stop()
