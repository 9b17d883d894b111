"""An opt-out link: whoever has it may opt out by it, nobody else and nothing else, and it holds like a STOP."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from secrets import token_bytes

import pytest
import requests
import yaml
from twilio.base.exceptions import TwilioRestException

from gateway.words.link import ALPHABET, LENGTH
from tests.cli.program import smsgate
from tests.front.house import House
from tests.front.links import AD, ANN, BANK, BOB, SHOP, house_with_links, texted
from tests.front.patience import until
from tests.front.world import World
from tests.redis_server import RedisServer

NOBODYS = "0" * LENGTH


@pytest.fixture
def ends() -> str:
    """What a bare opt-out ends, by the policy."""
    return "site"


@pytest.fixture
def house(tmp_path: Path, store: str, world: World, ends: str) -> Iterator[House]:
    house = house_with_links(tmp_path, store, world, ends)
    with (tmp_path / "log").open("w") as house.log:
        house.start()
        yield house
        house.stop()


def page(house: House, path: str, method: str = "GET", **more) -> requests.Response:
    return requests.request(method, f"{house.public}/{path}", timeout=10, **more)


def press(house: House, path: str, **form) -> requests.Response:
    """As a browser does that has just been shown the page."""
    [row] = re.findall(r'name="row" value="([^"]+)"', page(house, path).text)
    return page(house, path, "POST", data={"row": row, **form})


def is_ended(house: House, world: World, sender: str = SHOP, to: str = ANN) -> bool:
    """Whether a send is refused in the carrier's word for opted out."""
    try:
        texted(house, world, to, sender)
    except TwilioRestException as refused:
        return refused.code == 21610
    return False


def test_who_presses_the_button_gets_nothing_more(house: House, world: World):
    token = texted(house, world)
    assert texted(house, world) == token
    assert "START" in press(house, token).text
    assert is_ended(house, world)
    assert is_ended(house, world, BANK)
    assert not is_ended(house, world, to=BOB)
    assert "stopped already" in page(house, token).text


def test_a_post_without_the_page_will_do(house: House, world: World):
    token = texted(house, world)
    assert page(house, token.upper(), "POST").status_code == 200
    assert is_ended(house, world)


def test_nothing_but_a_post_changes_anything(house: House, world: World):
    """Link scanners and previews fetch; a few ask first, or try what else there is."""
    token, status = texted(house, world), {"GET": 200, "HEAD": 200, "OPTIONS": 204}
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "PROPFIND"):
        for path in (token, f"{token}/programs", f"{token}?row=x&keep=club"):
            answer = page(house, path, method)
            assert answer.status_code == status.get(method, 405)
            assert answer.content == b"" or method == "GET"
    assert not is_ended(house, world)


def test_the_page_says_whose_messages_these_are_and_hides_the_number(house: House, world: World):
    shown = page(house, texted(house, world)).text
    assert "Acme &lt;Club&gt;" in shown
    assert "ends in <bdi>00</bdi>" in shown
    assert "2125550" not in shown
    assert "no more text messages from us, of any kind" in shown
    assert len(shown) < 4096


@pytest.mark.parametrize("ends", ["sender", "program", "brand"])
def test_the_button_ends_what_the_policy_says_and_says_so(house: House, world: World, ends: str):
    token = texted(house, world)
    assert "no more text messages from <bdi>Acme" in page(house, token).text
    press(house, token)
    assert is_ended(house, world)
    assert not is_ended(house, world, BANK)


def test_a_recipient_keeps_what_is_ticked_and_all_else_ends(house: House, world: World):
    token = texted(house, world)
    texted(house, world, sender=BANK)
    shown = page(house, f"{token}/programs").text
    assert re.findall(r'name="keep" value="(\w+)"', shown) == ["bank", "club", "default"]  # by link, or by consent
    assert press(house, f"{token}/programs", keep=["bank"]).status_code == 200
    assert [is_ended(house, world, sender) for sender in (SHOP, BANK, AD)] == [True, False, True]


def test_who_ticks_nothing_ends_all(house: House, world: World):
    press(house, f"{texted(house, world)}/programs")
    assert [is_ended(house, world, sender) for sender in (SHOP, BANK, AD)] == [True, True, True]


def test_what_is_ended_can_not_be_kept(house: House, world: World):
    token = texted(house, world)
    smsgate("suppress", "add", ANN, "-c", house.folder / "house.yaml")
    assert 'name="keep"' not in page(house, f"{token}/programs").text
    page(house, f"{token}/programs", "POST", data={"keep": ["club", "bank"]})
    assert is_ended(house, world)


def test_a_page_is_in_the_recipients_language(house: House, world: World):
    club, bank = texted(house, world), texted(house, world, sender=BANK)
    for token, accepted, language, direction in (
        (club, "", "en", "ltr"),
        (bank, "", "de", "ltr"),
        (bank, "ar-EG, en;q=0.5", "ar", "rtl"),
    ):
        answer = page(house, token, headers={"Accept-Language": accepted})
        assert f'<html lang="{language}" dir="{direction}">' in answer.text
        assert answer.headers["Content-Language"] == language


def test_every_answer_has_strict_headers(house: House, world: World):
    token = texted(house, world)
    answers = [page(house, token, method) for method in ("GET", "HEAD", "OPTIONS", "PUT", "POST")]
    answers += [page(house, NOBODYS), page(house, f"{token}/programs"), page(house, "favicon.ico")]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
    assert answers[2].headers["Allow"] == answers[3].headers["Allow"] == "GET, HEAD, POST, OPTIONS"


def test_of_a_link_that_is_nobodys_only_is_said_how_else_to_opt_out(house: House):
    answers = [page(house, path) for path in (NOBODYS, "1" * LENGTH, "x", f"{NOBODYS}/programs", "favicon.ico")]
    answers.append(page(house, NOBODYS, "POST"))
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert "reply STOP" in answers[0].text


def test_a_row_of_another_link_opens_nothing(house: House, world: World):
    [row] = re.findall(r'name="row" value="([^"]+)"', page(house, texted(house, world)).text)
    assert page(house, NOBODYS, "POST", data={"row": row}).status_code == 404
    assert page(house, texted(house, world, BOB), "POST", data={"row": row}).status_code == 200
    assert not is_ended(house, world)
    assert is_ended(house, world, to=BOB)


def test_who_tries_links_is_held_up_and_who_has_one_is_not(house: House, world: World):
    token = texted(house, world)
    guessed = [page(house, f"{ALPHABET[i % 34] * LENGTH}").status_code for i in range(30)]
    assert guessed[:20] == [404] * 20
    assert 429 in guessed[20:]
    assert page(house, ALPHABET[:LENGTH], headers={"X-Forwarded-For": "198.51.100.7"}).status_code == 404
    assert page(house, ALPHABET[:LENGTH], headers={"X-Forwarded-For": "203.0.113.9, 127.0.0.1"}).status_code == 404
    assert page(house, token).status_code == 200
    assert press(house, token).status_code == 200


def test_a_button_that_is_pressed_again_and_again_is_held_up(house: House, world: World):
    token = texted(house, world)
    pressed = [page(house, token, "POST").status_code for _ in range(12)]
    assert pressed[:10] == [200] * 10
    assert 429 in pressed
    assert is_ended(house, world)


def test_it_is_on_record_and_the_number_is_nowhere_in_clear(house: House, world: World):
    token = texted(house, world)
    answer = page(house, token, "POST", headers={"User-Agent": "a phone of 2009"})
    assert "2125550100" not in answer.url + answer.text
    [line] = [line for line in house.audited() if line["kind"] == "suppressed"]
    assert (line["source"], line["suppression"], line["scope"]) == ("link", "opt-out", "all")
    told = smsgate("suppress", "show", ANN, "-c", house.folder / "house.yaml").out
    assert "a phone of 2009" in told
    for secret in ("2125550100", "a phone of 2009"):
        assert secret not in (house.folder / "log").read_text()
        assert all(secret not in path.read_text() for path in (house.folder / "data" / "audit").glob("*.jsonl"))


def test_an_old_link_works_after_the_keys_have_changed(house: House, world: World):
    token = texted(house, world)
    house.stop()
    path = house.folder / "keys.yaml"
    keys = yaml.safe_load(path.read_text())
    for id_, use in (("h2", "hashing"), ("s2", "sealing")):
        keys["keys"][id_] = {**keys["keys"][f"{id_[0]}1"], "use": use}
        keys["keys"][id_]["key"] = b64encode(token_bytes(32)).decode()
        keys[use] = id_
    path.write_text(yaml.safe_dump(keys))
    house.start()
    assert texted(house, world) != token
    assert press(house, token).status_code == 200
    assert is_ended(house, world)


def test_with_the_store_away_an_opt_out_is_kept_and_the_page_says_so(
    tmp_path: Path, world: World, redis_server: RedisServer
):
    house = house_with_links(tmp_path, f'{{redis: "{redis_server.url}"}}', world)
    house.start()
    try:
        token = texted(house, world)
        [row] = re.findall(r'name="row" value="([^"]+)"', page(house, token).text)
        redis_server.kill()
        assert page(house, token).status_code == 503
        without = page(house, token, "POST")
        assert (without.status_code, "reply STOP" in without.text) == (503, True)
        answer = page(house, token, "POST", data={"row": row})
        assert (answer.status_code, "We have it" in answer.text) == (503, True)
        redis_server.start()
        until_back(house)
        assert is_ended(house, world)
    finally:
        house.stop()


def until_back(house: House) -> None:
    until(lambda: not house.readiness().keys() & {"redis", "journal"}, "the store is back")
