"""The management API, as a site's own systems call it: over HTTP, on either store."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from openapi_spec_validator import validate
from twilio.base.exceptions import TwilioRestException

from gateway.doors.api.operations import OPERATIONS
from gateway.words.token import Scope
from tests.cli.program import eventually, smsgate
from tests.front.house import House
from tests.front.world import World
from tests.redis_server import RedisServer
from tests.twilio_client import client_for

SHOP = "+18335550100"
QUESTION = '{text: "Club: reply YES to get offers. STOP to end", upstream: twilio}'
CREDENTIALS = "{user: AC00000000000000000000000000000000, secret: {file: token}}"
CLUB = {"kind": "express-written", "program": "club", "wording": "Yes, text me", "ip": "192.0.2.7"}


@dataclass
class Api:
    """A gateway, and tokens for it."""

    house: House
    world: World
    all: str
    reader: str

    def post(self, path: str, document: Any = None, token: str | None = None, **headers: str) -> requests.Response:
        if token != "":
            headers["Authorization"] = f"Bearer {token or self.all}"
        sent: dict[str, Any] = {"data": document} if isinstance(document, bytes) else {"json": document}
        return requests.post(self.house.admin + path, headers=headers, timeout=20, **sent)


def made(name: str, *scopes: str) -> tuple[str, str]:
    """A token and its line for the configuration, as `smsgate keys token` prints them."""
    words = [part for scope in scopes for part in ("--scope", scope)]
    lines = smsgate("keys", "token", name, *words).out.splitlines()
    return lines[0].rpartition(" ")[2], lines[-1]


@pytest.fixture(scope="module")
def redis_of_ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One Redis for all of this file: the shared one is emptied for each test."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server.url
    server.kill()


@pytest.fixture(scope="module", params=["sqlite", "redis"])
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    on_redis = request.param == "redis"
    store = f'{{redis: "{request.getfixturevalue("redis_of_ours")}"}}' if on_redis else "sqlite"
    world = World()
    world.start()
    house = House(tmp_path_factory.mktemp("api"), store, world.url)
    (everything, first), (reader, second) = made("shop", *Scope), made("crm", "consent:read")
    config = house.write_config()
    written = config.read_text().replace("category: marketing}", f"category: marketing, double_opt_in: {QUESTION}}}")
    written = written.replace("    dialect: twilio\n", f"    dialect: twilio\n    credentials: {CREDENTIALS}\n")
    config.write_text(f"{written}\napi:\n  tokens:\n{first}\n{second}\n")
    house.start()
    yield Api(house, world, everything, reader)
    house.stop()
    world.stop()


def fields(response: requests.Response) -> list[str]:
    """What a problem document names."""
    assert response.headers["Content-Type"].startswith("application/problem+json")
    document = response.json()
    assert document["status"] == response.status_code
    return [each["pointer"] for each in document.get("errors", [])]


def test_a_recorded_consent_lets_a_marketing_text_leave_and_a_withdrawal_stops_the_next(api):
    ann = "+12125550131"
    twilio = client_for(api.house.proxy)
    with pytest.raises(TwilioRestException, match="no consent"):
        twilio.messages.create(to=ann, from_=SHOP, body="20% off today")
    agreed = api.post("/v1/consents", {"number": "+1 212 555 0131", "at": "2026-01-02T00:00:00Z", **CLUB})
    assert (agreed.status_code, agreed.json()) == (201, {"new": True})
    assert twilio.messages.create(to=ann, from_=SHOP, body="20% off today").sid
    taken = api.post("/v1/consents/withdrawals", {"number": ann, "program": "club", "words": "no more, please"})
    assert taken.status_code == 201
    with pytest.raises(TwilioRestException, match="no consent"):
        twilio.messages.create(to=ann, from_=SHOP, body="21% off today")
    told = api.post("/v1/consents/search", {"number": ann}).json()
    assert told["consents"] == []
    shown = ("happened", "actor", "wording", "ip", "words")
    assert [tuple(map(each.get, shown)) for each in told["entries"]] == [
        ("given", "token:shop", "Yes, text me", "192.0.2.7", ""),
        ("withdrawn", "token:shop", "", "", "no more, please"),
    ]


def test_a_suppressed_number_gets_nothing(api):
    bob = "+12125550132"
    api.post("/v1/consents", {"number": bob, "at": "2026-01-02T00:00:00Z", **CLUB})
    added = api.post("/v1/suppressions", {"number": bob, "reason": "asked at the counter"})
    assert (added.status_code, added.json()["source"]) == (201, "token:shop")
    with pytest.raises(TwilioRestException, match="unsubscribed recipient"):
        client_for(api.house.proxy).messages.create(to=bob, from_=SHOP, body="20% off today")
    [told] = api.post("/v1/suppressions/search", {"number": bob}).json()["suppressions"]
    assert (told["kind"], told["scope"], told["reason"]) == ("opt-out", "all", "asked at the counter")


def test_the_same_key_is_one_entry_and_with_another_document_an_error(api):
    document = {"number": "+12125550133", **CLUB}
    again = [api.post("/v1/consents", document, **{"Idempotency-Key": "form 7"}) for _ in range(3)]
    assert [(each.status_code, each.json()["new"]) for each in again] == [(201, True), (201, False), (201, False)]
    for other in ({**document, "wording": "Other words"}, {**document, "number": "+12125550134"}):
        refused = api.post("/v1/consents", other, **{"Idempotency-Key": "form 7"})
        assert refused.status_code == 422
        assert "another document" in refused.json()["detail"]
    assert len(api.post("/v1/consents/search", {"number": "+12125550133"}).json()["entries"]) == 1
    assert api.post("/v1/consents/search", {"number": "+12125550134"}).json()["entries"] == []


def test_of_many_requests_with_one_key_at_the_same_time_one_is_new(api):
    def post(_: int) -> bool:
        document = {"number": "+12125550135", **CLUB}
        return api.post("/v1/consents", document, **{"Idempotency-Key": "form 8"}).json()["new"]

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(post, range(16))) == 1


def test_a_double_opt_in_asks_the_number_once_and_is_no_consent_until_it_answers(api):
    cy = "+12125550140"
    ticked = {"number": cy, **CLUB}
    begun = api.post("/v1/double-opt-ins", ticked, **{"Idempotency-Key": "form 9"})
    assert begun.status_code == 202
    eventually(lambda: api.world.texts_to(cy) != [], "the question never left")
    again = [api.post("/v1/double-opt-ins", ticked) for _ in range(3)]
    [waits] = api.post("/v1/double-opt-ins/search", {"number": cy}).json()["double_opt_ins"]
    assert waits == {"program": "club", "asked": "2026-06-10T16:00:00Z", "until": "2026-06-11T16:00:00Z"}
    assert [each.json()["waits"] for each in again] == [waits] * 3
    told = api.post("/v1/consents/search", {"number": cy}).json()
    assert (told["consents"], {entry["happened"] for entry in told["entries"]}) == ([], {"requested"})
    assert api.world.texts_to(cy) == ["Club: reply YES to get offers. STOP to end"]


def test_a_program_without_a_question_can_not_ask(api):
    refused = api.post("/v1/double-opt-ins", {"number": "+12125550140", **CLUB, "program": "default"})
    assert (refused.status_code, fields(refused)) == (422, ["#/program"])


GOOD = {"number": "+12125550136", "kind": "express"}


@pytest.mark.parametrize(
    ("situation", "document", "named"),
    [
        ("no number", {**GOOD, "number": "12"}, ["#/number"]),
        ("no program of that name", {**GOOD, "program": "vip"}, ["#/program"]),
        ("no kind", {**GOOD, "kind": "maybe"}, ["#/kind"]),
        ("a misspelt key", {**GOOD, "expire": "2030-01-01"}, ["#/expire"]),
        ("an instant without a zone", {**GOOD, "at": "2026-01-02T00:00:00"}, ["#/at"]),
        ("nothing that it is for", {**GOOD, "categories": []}, ["#/categories"]),
        ("something that it can't be for", {**GOOD, "categories": ["otp", "spam"]}, ["#/categories/1"]),
        ("no hash", {**GOOD, "document": "abc"}, ["#/document"]),
        ("two things", {"number": "+12125550136", "ip": "198.51.100"}, ["#/kind", "#/ip"]),
    ],
)
def test_what_is_wrong_is_named_and_not_repeated(api, situation, document, named):
    refused = api.post("/v1/consents", document)
    assert (refused.status_code, sorted(fields(refused))) == (422, sorted(named))
    for value in ("2125550136", "maybe", "spam", "198.51.100"):
        assert value not in refused.text


@pytest.mark.parametrize(
    ("situation", "body", "status"),
    [("nothing", b"", 400), ("no JSON", b"number=1", 400), ("a list", b"[]", 422), ("too long", b"x" * 200_000, 413)],
)
def test_what_is_no_document_is_refused(api, situation, body, status):
    refused = api.post("/v1/consents", body)
    assert refused.status_code == status
    fields(refused)


@pytest.mark.parametrize(
    ("situation", "token", "status"),
    [("no token", "", 401), ("a token that nobody has", "shop~x", 401), ("one for something else", "reader", 403)],
)
def test_who_may_not_is_refused_before_anything_is_read(api, situation, token, status):
    refused = api.post("/v1/consents", b"no JSON", token=api.reader if token == "reader" else token)
    assert refused.status_code == status
    assert ("WWW-Authenticate" in refused.headers) == (status == 401)
    fields(refused)


def test_a_token_opens_its_scopes_only(api):
    for operation in OPERATIONS:
        status = api.post(operation.path, {"number": "+12125550137"}, token=api.reader).status_code
        assert (status == 403) == (operation.scope is not Scope.CONSENT_READ), operation.name


def test_what_there_is_not_is_a_problem_too(api):
    assert fields(api.post("/v1/nothing", {})) == []
    got = requests.get(api.house.admin + "/v1/consents", timeout=20)
    assert (got.status_code, got.headers["Allow"]) == (405, "POST")
    fields(got)


def test_the_description_is_valid_and_names_every_operation(api):
    described = requests.get(api.house.admin + "/v1/openapi.json", timeout=20).json()
    validate(described)
    assert described["openapi"].startswith("3.1")
    assert set(described["paths"]) == {operation.path for operation in OPERATIONS}
    assert "pydantic" not in str(described)


def test_every_call_is_on_record_by_the_name_of_its_token_and_no_number_is_in_any_file(api):
    api.post("/v1/consents/search", {"number": "+12125550138"}, token=api.reader)
    api.post("/v1/consents", {"number": "+12125550138", **CLUB}, token="crm~stolen")
    used = [(line["operation"], line["token"], line["status"]) for line in api.house.audited() if line["kind"] == "api"]
    assert ("readConsents", "crm", 200) in used
    assert ("recordConsent", None, 401) in used
    for path in (path for path in Path(api.house.folder).rglob("*") if path.is_file()):
        content = path.read_bytes()
        for secret in (b"2125550138", b"2125550131", b"Yes, text me", b"192.0.2.7", b"asked at the counter"):
            assert secret not in content, path


def test_whoever_tries_tokens_is_soon_refused_and_a_good_one_still_works(api):
    """The last of this file: what it uses up lasts a minute."""
    api.post("/v1/consents/search", {"number": "+12125550139"})
    tried = [api.post("/v1/consents", GOOD, token=f"shop~{place}").status_code for place in range(12)]
    assert tried[-1] == 429
    assert set(tried) == {401, 429}
    assert api.post("/v1/consents/search", {"number": "+12125550139"}).status_code == 200


def test_a_doubtful_reply_is_read_and_judged(api: Api):
    for number in ("+12125550160", "+12125550161"):
        assert api.world.reply(number, SHOP, "enough already", f"{api.house.public}/in/twilio").ok
    first, second = api.post("/v1/doubtful-replies/search", {}).json()["doubtful_replies"]
    assert (first["text"], first["program"], first["guess"]) == ("enough already", "club", "opt_out")
    assert first["by"] == "2026-06-25T23:59:59-04:00"  # ten business days, with Juneteenth in them
    assert api.post("/v1/doubtful-replies/verdicts", {"id": first["id"], "verdict": "opt_out"}).status_code == 201
    assert api.post("/v1/doubtful-replies/verdicts", {"id": second["id"], "verdict": "other"}).status_code == 201
    assert api.post("/v1/doubtful-replies/search", {}).json() == {"doubtful_replies": []}
    standing = [
        one["kind"]
        for number in ("+12125550160", "+12125550161")
        for one in api.post("/v1/suppressions/search", {"number": number}).json()["suppressions"]
    ]
    assert standing == ["opt-out"]
    judged = [line for line in api.house.audited() if line["kind"] == "judged"]
    assert [(line["verdict"], line["by"]) for line in judged] == [("opt_out", "token:shop"), ("other", "token:shop")]


def test_a_reply_that_does_not_wait_cannot_be_judged(api: Api):
    answered = api.post("/v1/doubtful-replies/verdicts", {"id": "0" * 32, "verdict": "other"})
    assert (answered.status_code, answered.json()["errors"][0]["pointer"]) == (422, "#/id")
