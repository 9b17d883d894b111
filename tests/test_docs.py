"""What README and docs/ show is run, loaded or looked up here, so that it stays true."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import requests
import yaml
from click.testing import CliRunner
from pydantic import BaseModel
from twilio.base.exceptions import TwilioRestException

from gateway.cli import main
from gateway.config import Config
from gateway.config.model import ConfigWritten
from gateway.dialects import DIALECTS, dialect_named
from gateway.doors.api.operations import OPERATIONS
from gateway.doors.tokens import minted
from gateway.policy.model import PolicyWritten
from gateway.policy.parse import load_book, parse
from gateway.policy.scenario import read
from gateway.policy.trial import tried
from gateway.telemetry import Meter
from gateway.words.decision import Reason
from gateway.words.program import Category
from gateway.words.token import Scope
from gateway.words.wire import Request, Response
from gateway.yamlfile import Document
from tests import captures
from tests.front.house import House
from tests.front.world import World

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BASE = {"upstreams": [{"name": "carrier", "dialect": "kannel", "url": "http://127.0.0.1:1"}]}
TOKEN, HASH = minted("docs")
KEY = "mBha1BfkFO3pomh9biwRPgzedd92zVerUPWDMsKHbHw="
WEBHOOK_SECRET = "whsec_" + "A" * 32
CURL = re.compile(r"^    curl '(http://127\.0\.0\.1:8080(/kannel)?(/cgi-bin/sendsms\?[^']*))'$", re.MULTILINE)


def _blocks(language: str) -> list[Any]:
    fenced = re.compile(rf"^```{language}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return [
        pytest.param(found[1], id=f"{page.name}:{page.read_text()[: found.start()].count(chr(10)) + 2}")
        for page in PAGES
        for found in fenced.finditer(page.read_text())
    ]


def _page(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def _column(page: str, pattern: str) -> list[str]:
    return re.findall(rf"^\| `({pattern})` \|", page, re.MULTILINE)


def _secret(name: str) -> str:
    if name.endswith("_KEY"):
        return KEY
    return WEBHOOK_SECRET if "WEBHOOK" in name else "redis://127.0.0.1:6379/0"


@pytest.mark.parametrize("block", _blocks("yaml"))
def test_every_piece_of_yaml_loads(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in re.findall(r"env: ([A-Z_]+)", block):
        monkeypatch.setenv(name, _secret(name))
    written = yaml.safe_load(block)
    if isinstance(written, list):
        shipped = load_book(ROOT / "policies")
        assert not [
            tried(each, shipped).differences
            for each in read(Document.read(block.encode(), "docs"))
            if tried(each, shipped).differences
        ]
    elif {"rules", "relaxations"} & written.keys():
        policy = block if "policy:" in block else f"policy: docs\ncountry: US\n{block}"
        assert parse(Document.read(policy.encode(), "policy.yaml"))
    else:
        path = tmp_path / "gateway.yaml"
        path.write_text(block if "upstreams:" in block else f"{block}{yaml.safe_dump(BASE)}")
        assert Config.load(path).routes


SESSION = re.compile(r"^    \\$ smsgate ([^\n]*)\n((?:    [^\n]*\n)+)", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_command_prints_is_what_the_page_shows(page: Path):
    for words, shown in SESSION.findall(page.read_text()):
        printed = CliRunner().invoke(main, shlex.split(words)).output.splitlines()
        for line in (line[4:] for line in shown.splitlines()):
            assert line in printed or line == "...", line


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, World]]:
    """A gateway at noon, before a carrier with handsets."""
    world = World()
    world.start()
    house = House(tmp_path_factory.mktemp("docs"), "sqlite", world.url, world.legacy)
    scopes = ", ".join(f'"{scope}"' for scope in Scope)
    with house.write_config().open("a") as config:
        config.write(f"api: {{tokens: [{{name: docs, scopes: [{scopes}], hash: '{HASH}'}}]}}\n")
    house.start()
    world.webhook = f"{house.public}/in/twilio"
    yield house, world
    house.stop()
    world.stop()


def _run(block: str, house: House) -> None:
    exec(compile(block.replace("http://127.0.0.1:8080", house.proxy), "documentation", "exec"), {})


def _to_the_api(block: Any) -> bool:
    return "/v1/" in str(block.values[0])


@pytest.mark.parametrize("block", [block for block in _blocks("python") if not _to_the_api(block)])
def test_every_piece_of_python_sends_a_text_with_its_instruction(block: str, house: tuple[House, World]):
    gateway, world = house
    before = len(world.texts_to("+12125550100"))
    _run(block, gateway)
    assert world.texts_to("+12125550100")[before:] == ["20% off today Reply STOP to opt out"]


def _api(house: House, path: str, document: Any) -> requests.Response:
    return requests.post(house.admin + path, json=document, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10)


@pytest.mark.parametrize("block", [block for block in _blocks("python") if _to_the_api(block)])
def test_the_web_forms_server_records_the_consent_with_its_words(block: str, house: tuple[House, World]):
    gateway, _ = house
    _run(block.replace("http://127.0.0.1:8082", gateway.admin).replace("TOKEN", TOKEN), gateway)
    told = _api(gateway, "/v1/consents/search", {"number": "+12125550123"}).json()
    assert [(one["kind"], one["program"], one["method"]) for one in told["consents"]] == [
        ("express-written", "club", "checkbox")
    ]
    [entry] = told["entries"]
    assert (entry["actor"], entry["ip"], entry["wording"][:19]) == ("token:docs", "192.0.2.7", "Yes, text me offers")


def test_the_problem_that_the_page_shows_is_the_one_that_callers_get(house: tuple[House, World]):
    [shown] = re.findall(r"^```json\n(.*?)^```$", _page("api.md"), re.MULTILINE | re.DOTALL)
    answered = _api(house[0], "/v1/consents", {"number": "+12125550123"}).json()
    assert {"type": "about:blank", **answered} == json.loads(shown)


def test_the_calls_are_those_that_there_are():
    shown = re.findall(r"^\| `POST (/v1/[^`]+)` \| `([^`]+)` \|", _page("api.md"), re.MULTILINE)
    assert shown == [(operation.path, operation.scope) for operation in OPERATIONS]


def test_after_stop_readmes_client_raises_what_readme_says(house: tuple[House, World]):
    gateway, world = house
    block = next(each.values[0] for each in _blocks("python") if each.id.startswith("README"))
    elsewhere = block.replace("+12125550100", "+12125550177")
    _run(elsewhere, gateway)
    assert world.reply("+12125550177", "+18335550100", "STOP").status_code == 200
    with pytest.raises(TwilioRestException) as refused:
        _run(elsewhere, gateway)
    assert (refused.value.status, refused.value.code) == (400, 21610)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_line_of_kannels_is_a_send(page: Path):
    for _, _, target in CURL.findall(page.read_text()):
        send = dialect_named("kannel").read(Request(b"GET", target.encode(), ()))
        assert send is not None
        assert send.drafts[0].text


def _lines() -> list[Any]:
    """Each command of ours that a page shows: in an indented block, or in a fence."""
    shown = re.compile(r"^    (?:venv/bin/)?smsgate ([^#\n]*)", re.MULTILINE)
    compose = re.compile(r"^    docker compose run --rm gateway (.*)$", re.MULTILINE)
    return [
        pytest.param(shlex.split(line), id=f"{page.name}: {line.strip()}")
        for page in PAGES
        for pattern in (shown, compose)
        for line in pattern.findall(page.read_text())
    ]


@pytest.mark.parametrize("words", _lines())
def test_every_command_is_one_that_the_program_understands(words: list[str]):
    command: click.Command = main
    context = click.Context(main, info_name="smsgate")
    while isinstance(command, click.Group):
        name, found, words = command.resolve_command(context, words)
        assert found is not None, name
        command, context = found, click.Context(found, info_name=name, parent=context)
    command.parse_args(context, words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).is_file(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path):
    for name in re.findall(r"`((?:[a-z0-9_]+/)+[a-z0-9_]+\.(?:py|yaml|md))`", page.read_text()):
        assert (ROOT / name).is_file() or (ROOT / "gateway" / name).is_file(), name


def _keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name
        for part in _models(field.annotation):
            yield from _keys(part)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _models(part)


@pytest.mark.parametrize(
    ("page", "model"), [("operators.md", ConfigWritten), ("policies.md", PolicyWritten)], ids=["gateway.yaml", "policy"]
)
def test_no_key_is_left_out(page: str, model: type[BaseModel]):
    shown = set(re.findall(r"([a-z_][a-z_-]*)`?:", _page(page))) | set(re.findall(r"`([a-z_-]+)`", _page(page)))
    assert set(_keys(model)) - shown == set()


def test_every_category_is_named():
    assert all(f"`{category}`" in _page("policies.md") for category in Category)


def test_the_metrics_are_those_that_are_served():
    served = set(re.findall(r"^# TYPE (smsgate_\w+) ", Meter().exposition().decode(), re.MULTILINE))
    assert set(_column(_page("operators.md"), r"smsgate_\w+")) == served


def _refusals() -> list[Any]:
    row = re.compile(r"^\| `(\w+)` \| [^|]+ \| (\d+), code (\d+) \| (\d+)(?: `([^`]+)`)? \|$", re.MULTILINE)
    return [pytest.param(*row, id=row[0]) for row in row.findall(_page("legacy-systems.md"))]


@pytest.mark.parametrize(("reason", "twilio_status", "code", "kannel_status", "words"), _refusals())
def test_the_refusals_are_those_that_clients_get(reason, twilio_status, code, kannel_status, words):
    request = Request(b"POST", b"/2010-04-01/Accounts/AC0/Messages.json", ())
    twilio = dialect_named("twilio").refuse(request, Reason(reason), "why")
    assert twilio.status == int(twilio_status)
    assert b'"code":%s,' % code.encode() in twilio.body
    kannel = dialect_named("kannel").refuse(Request(b"GET", b"/cgi-bin/sendsms", ()), Reason(reason), "why")
    assert kannel.status == int(kannel_status)
    assert kannel.body.decode().startswith(words)


CAPABILITIES = [
    *("send", "several recipients", "refuse", "inbound", "receipts", "signatures", "scheduling", "media", "held"),
    "own texts",
]


def test_each_dialect_says_of_each_capability_which_test_shows_it_or_that_it_is_not_there():
    sections = re.split(r"^## ", _page("carriers.md"), flags=re.MULTILINE)
    told = {section.partition("\n")[0].lower(): section for section in sections[1:]}
    for dialect in DIALECTS:
        rows = dict(re.findall(r"^\| ([a-z ]+) \| (.+) \|$", told[dialect], re.MULTILINE))
        rows.pop("capability")
        assert list(rows) == CAPABILITIES, dialect
        for shown in rows.values():
            assert shown.startswith("not there") or _is_a_test(shown), shown


def _is_a_test(shown: str) -> bool:
    file, _, name = shown.strip("`").partition("::")
    return any(f"def {name}(" in found.read_text() for found in (ROOT / "tests").rglob(file))


def _refusals_of_carriers() -> list[Any]:
    row = re.compile(r"^\| `(\w+)` \| (\d+), (\d+) \| (\d+) `([^`]+)` \| (\d+) \| (\d+), (\d+) \|$", re.MULTILINE)
    return [pytest.param(found[0], found[1:], id=found[0]) for found in row.findall(_page("carriers.md"))]


@pytest.mark.parametrize(("reason", "told"), _refusals_of_carriers())
def test_the_other_carriers_refusals_are_those_that_clients_get(reason: str, told: tuple[str, ...]):
    def refused(dialect: str, path: bytes) -> Response:
        return dialect_named(dialect).refuse(Request(b"POST", path, ()), Reason(reason), "why")

    telnyx, plivo = refused("telnyx", b"/v2/messages"), refused("plivo", b"/v1/Account/MA/Message/")
    sms, messages = refused("vonage", b"/sms/json"), refused("vonage", b"/v1/messages")
    assert (str(telnyx.status), json.loads(telnyx.body)["errors"][0]["code"]) == told[:2]
    assert (str(plivo.status), json.loads(plivo.body)["error"]) == (told[2], f"{told[3]}: why")
    assert (sms.status, json.loads(sms.body)["messages"][0]["status"]) == (200, told[4])
    assert (str(messages.status), json.loads(messages.body)["type"].rpartition("#")[2]) == told[5:]


def _refusals_in_json() -> list[Any]:
    row = re.compile(r"^\| `(\w+)` \| (\d+), (\w+) \| (\d+), (\w+) \| (\d+), (\d+) \|$", re.MULTILINE)
    return [pytest.param(found[0], found[1:], id=found[0]) for found in row.findall(_page("carriers.md"))]


@pytest.mark.parametrize(("reason", "told"), _refusals_in_json())
def test_refusals_by_infobip_sinch_and_messagebird_are_those_that_clients_get(reason: str, told: tuple[str, ...]):
    infobip, sinch, bird = (
        dialect_named(capture.partition("-")[0]).refuse(captures.request(capture), Reason(reason), "why")
        for capture in ("infobip-v3-gsm", "sinch-gsm", "messagebird-gsm")
    )
    said = json.loads(infobip.body)
    whole = said.get("requestError", {}).get("serviceException", {}).get("messageId")
    code = whole or said["messages"][0]["status"]["id"]
    assert (str(infobip.status), str(code)) == told[:2]
    assert (str(sinch.status), json.loads(sinch.body)["code"]) == told[2:4]
    assert (str(bird.status), str(json.loads(bird.body)["errors"][0]["code"])) == told[4:]


def _refusals_of_signed() -> list[Any]:
    row = re.compile(r"^\| `(\w+)` \| (\d+) `(\w+)` \| `(\w+)` \| (\d+) `([^`]+)` \|$", re.MULTILINE)
    return [pytest.param(found[0], found[1:], id=found[0]) for found in row.findall(_page("carriers.md"))]


@pytest.mark.parametrize(("reason", "told"), _refusals_of_signed())
def test_amazons_and_azures_refusals_are_those_that_clients_get(reason: str, told: tuple[str, ...]):
    def refused(dialect: str, capture: str) -> Response:
        return dialect_named(dialect).refuse(captures.request(capture), Reason(reason), "why")

    sns, eum, azure = refused("aws", "sns-gsm"), refused("aws", "aws-eum-sendtextmessage"), refused("azure", "acs-gsm")
    assert (str(sns.status), f"<Code>{told[1]}</Code>" in sns.body.decode()) == (told[0], True)
    assert json.loads(eum.body)["__type"].rpartition("#")[2] == told[2]
    assert (str(azure.status), f'"{told[4]}' in azure.body.decode()) == (told[3], True)


def _refusals_in_words() -> list[Any]:
    row = re.compile(r"^\| `(\w+)` ((?:\| \d+ `[^`]+` ){4})\|$", re.MULTILINE)
    return [pytest.param(found[0], found[1], id=found[0]) for found in row.findall(_page("carriers.md"))]


@pytest.mark.parametrize(("reason", "told"), _refusals_in_words())
def test_those_of_carriers_that_sign_nothing_are_too(reason: str, told: str):
    cells = re.findall(r"(\d+) `([^`]+)`", told)
    paths = {"clicksend": b"/v3/sms/send", "bandwidth": b"/api/v2/users/1/messages", "clickatell": b"/messages"}
    for name, (status, words) in zip([*paths, "jasmin"], cells, strict=True):
        request = Request(b"POST", paths.get(name, b"/send"), ())
        answer = dialect_named(name).refuse(request, Reason(reason), "why")
        assert answer.status == int(status), name
        assert words.encode() in answer.body, name


def test_those_refusals_are_told_of_the_same_reasons():
    reasons = [row.id for row in _refusals()]
    for told in (_refusals_of_carriers(), _refusals_in_json(), _refusals_of_signed(), _refusals_in_words()):
        assert [row.id for row in told] == reasons


@pytest.mark.parametrize("name", sorted(DIALECTS.keys() - {"generic"}))
def test_all_other_reasons_look_like_hours(name: str):
    dialect, request = dialect_named(name), Request(b"GET", b"/", ())
    told = {row.values[0] for row in _refusals()}
    answers = {dialect.refuse(request, reason, "why") for reason in set(Reason) - told}
    assert answers == {dialect.refuse(request, Reason.HOURS, "why")}
