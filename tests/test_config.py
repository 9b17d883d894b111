"""A configuration is right, or everything wrong with it is told with its place, and no secret with it."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.config import Config
from gateway.config.classify import Classifier
from gateway.dialects import DIALECTS
from gateway.words.message import Draft
from gateway.words.number import NO_SENDER, Sender, SenderKind
from gateway.words.program import Category
from gateway.words.wire import Request
from gateway.yamlfile import BadFile, Document

STARTER = Path(__file__).parents[1] / "config" / "gateway.yaml"
HASH = f"$scrypt$ln=14,r=8,p=1${'A' * 22}==${'A' * 43}="
TOKEN = f"{{name: shop, scopes: [consent:write], hash: '{HASH}'}}"
MAIL = """
upstreams:
  - {name: twilio, dialect: twilio, url: https://api.twilio.com, credentials: {user: AC0, secret: {file: token}}}
programs: [{name: club, senders: [+18335550100]}]
mail: {host: sms.example.com, %s smarthost: {host: localhost, tls: none}}
"""
CLIENT = f"{{name: crm, hash: '{HASH}'}}"
UPSTREAM = "upstreams: [{name: twilio, dialect: twilio, url: https://api.twilio.com}]\n"

RULES = """
upstreams:
  - {name: twilio, dialect: twilio, url: https://api.twilio.com}
  - {name: kannel, dialect: kannel, url: http://127.0.0.1:13013, prefix: /kannel}
programs:
  - {name: club, brand: Acme, senders: [+18335550100, 12345]}
  - {name: bank, senders: BANK, category: transactional, language: es}
  - {name: default, brand: House}
classify:
  - {when: {text: "(?i)your code is [0-9]+"}, category: otp}
  - {when: {sender: 12345, upstream: kannel}, category: charity}
  - {when: {header: {X-Kind: ^alert$}, client: 10.0.0.7}, category: emergency}
  - {when: {text: ^Balance}, program: bank}
"""


@pytest.fixture
def load(tmp_path):
    def load(text: str) -> Config:
        (tmp_path / "gateway.yaml").write_text(text)
        return Config.load(tmp_path / "gateway.yaml")

    return load


@pytest.fixture
def wrong(load, tmp_path):
    def wrong(text: str) -> list[str]:
        with pytest.raises(BadFile) as bad:
            load(text)
        return str(bad.value).replace(f"{tmp_path}/", "").splitlines()

    return wrong


def everything(monkeypatch) -> dict[str, Any]:
    """The starter with all that it shows in comments."""
    for name in ("TWILIO_AUTH_TOKEN", "AWS_SECRET"):
        monkeypatch.setenv(name, "secret")
    text = re.sub(r"(?m)^( {2,4})# ", r"\1", STARTER.read_text()).replace("classify: []", "classify:")
    return Document.read(text.encode(), "starter").value


def test_the_starter_is_good_as_it_is_shipped():
    config = Config.load(STARTER)
    assert config.redis is None
    assert [config.listen.proxy, config.listen.public, config.listen.admin] == [
        ("127.0.0.1", 8080),
        ("127.0.0.1", 8081),
        ("127.0.0.1", 8082),
    ]
    assert config.policies == STARTER.parent / "policies"


def test_what_the_starter_shows_in_comments_is_good_too(load, monkeypatch):
    config = load(json.dumps(everything(monkeypatch)))
    (hook,) = [route.webhook for route in config.routes if route.webhook]
    assert (hook.path, hook.auth_token, hook.legacy_auth_token) == ("/in/twilio", "secret", "secret")
    assert config.routes[0].country == "US"
    assert config.listen.tls is not None
    assert [program.senders for program in config.programs] == [("+18335550100",)]


@pytest.mark.parametrize(
    ("situation", "text", "problems"),
    [
        ("nothing", "", ["gateway.yaml:1:1: `upstreams` is missing"]),
        (
            "a misspelt key",
            UPSTREAM + "listne: {}\n",
            ["gateway.yaml:2:1: unknown key `listne`; did you mean `listen`?"],
        ),
        (
            "a misspelt key further down",
            UPSTREAM + "listen:\n  poxy: 127.0.0.1:80\n",
            ["gateway.yaml:3:3: unknown key `poxy`; did you mean `proxy`?"],
        ),
        (
            "a misspelt dialect",
            "upstreams:\n  - name: t\n    dialect: twillio\n    url: https://x.example\n",
            [
                f"gateway.yaml:3:14: `twillio` is none of {', '.join(sorted(DIALECTS))}; did you mean `twilio`?",
            ],
        ),
        (
            "no network to call",
            UPSTREAM + "callbacks: {allow: [localhost, 10.0.0.0/33]}\n",
            ["gateway.yaml:2:32: `10.0.0.0/33` is no network; write 10.0.0.0/8, fd00::/8 or localhost"],
        ),
        (
            "a token in place of its hash, which is not repeated",
            UPSTREAM + "api: {tokens: [{name: shop, scopes: [consent:write], hash: shop~secret}]}\n",
            ["gateway.yaml:2:60: this is no hash of a token or password; `smsgate keys` writes the line for here"],
        ),
        (
            "two tokens of one name",
            UPSTREAM + f"api: {{tokens: [{TOKEN}, {TOKEN}]}}\n",
            ["gateway.yaml:2:163: `shop` is given twice; give each its own name"],
        ),
        (
            "a double opt-in that nobody asks, and that says no word to answer with",
            UPSTREAM + "programs: [{name: club, double_opt_in: {text: Join us}}]\n",
            [
                "gateway.yaml:2:40: `twilio` carries the question, and needs `credentials` for it",
                "gateway.yaml:2:40: nobody asks: name the `sender`, or the program's `senders`",
                "gateway.yaml:2:47: the text asks for none of its words: YES",
            ],
        ),
        (
            "a double opt-in through nobody knows whom, for no length of time",
            UPSTREAM + "programs: [{name: club, double_opt_in: {text: YES, sender: 1, upstream: u, within: a day}}]\n",
            ["gateway.yaml:2:84: `a day` is no length of time; write 30 minutes, 24 hours or 7 days"],
        ),
        (
            "a double opt-in through an upstream that there is not",
            UPSTREAM + "programs: [{name: club, double_opt_in: {text: YES, sender: 1, upstream: twilo}}]\n",
            ["gateway.yaml:2:73: there is no `twilo`; did you mean `twilio`?"],
        ),
        (
            "a send that is to go through unread",
            UPSTREAM.replace("}", ', pass: ["POST /2010-04-01/Accounts/*/Messages.json", "POST /v1/x"]}'),
            [
                (
                    "gateway.yaml:1:80: `POST /2010-04-01/Accounts/*/Messages.json` is read as a send, and never let "
                    "through unread; take it out"
                )
            ],
        ),
        (
            "no path to go through unread",
            UPSTREAM.replace("}", ", pass: v1/x}"),
            [
                (
                    "gateway.yaml:1:80: `v1/x` is no method and path; write POST /v1/Services/*/Notifications "
                    "(* is one segment)"
                )
            ],
        ),
        (
            "two clients of one name",
            UPSTREAM + f"clients: [{CLIENT}, {CLIENT}]\n",
            ["gateway.yaml:2:132: `crm` is given twice; give each its own name"],
        ),
        (
            "an upstream at the address of the operators",
            UPSTREAM.replace("}", ', listen: "127.0.0.1:8082"}'),
            ["gateway.yaml:1:82: operators and carriers have this address; take another"],
        ),
        (
            "a drill that nobody lets in",
            UPSTREAM + f"clients: [{CLIENT}]\ndrill: {{number: '+12125550155', upstream: twilio, sender: '1'}}\n",
            [
                "gateway.yaml:3:8: needs a `token`, as your software does: `smsgate keys token drill --client`",
                "gateway.yaml:3:43: no STOP can be tried with `twilio`: it has no `webhook`",
            ],
        ),
        (
            "no address",
            UPSTREAM + "listen: {proxy: 8080}\n",
            ["gateway.yaml:2:17: `8080` is no address to listen on; write 127.0.0.1:8080"],
        ),
        (
            "a port that there isn't",
            UPSTREAM + "listen: {proxy: 127.0.0.1:70000}\n",
            ["gateway.yaml:2:17: `127.0.0.1:70000` is no address to listen on; write 127.0.0.1:8080"],
        ),
        (
            "no URL",
            "upstreams: [{name: t, dialect: twilio, url: api.twilio.com}]\n",
            ["gateway.yaml:1:45: this is no URL; write it as https://api.twilio.com"],
        ),
        (
            "a URL with a blank in it",
            'upstreams: [{name: t, dialect: twilio, url: "https://api .twilio.com"}]\n',
            ["gateway.yaml:1:45: this is no URL; write it as https://api.twilio.com"],
        ),
        (
            "a query where requests bring their own",
            'upstreams: [{name: t, dialect: twilio, url: "https://api.twilio.com/?x=1"}]\n',
            ["gateway.yaml:1:45: this URL must end with its path; requests bring their own query"],
        ),
        (
            "a host with a port, which no request would fit",
            "upstreams: [{name: t, dialect: twilio, url: https://api.twilio.com, host: api.example:8080}]\n",
            ["gateway.yaml:1:75: `api.example:8080` is no host name; write it as sms.example.com, without a port"],
        ),
        (
            "a pattern that RE2 hasn't",
            UPSTREAM + 'classify: [{when: {text: "(?=x)"}, category: otp}]\n',
            [
                (
                    "gateway.yaml:2:26: `(?=x)` is no pattern: `(?=` at character 1: neither look-around nor this flag "
                    "is supported; match what may stand around it instead"
                )
            ],
        ),
        (
            "a rule that says nothing",
            UPSTREAM + "classify:\n  - when: {}\n",
            ["gateway.yaml:3:5: say a `category`, a `program` or a `subject`"],
        ),
        (
            "a category of which there is none",
            UPSTREAM + "programs: [{name: a, category: marketting}]\n",
            [
                "gateway.yaml:2:32: there is no `marketting`; did you mean `marketing`?",
            ],
        ),
        (
            "no language",
            UPSTREAM + "programs: [{name: a, language: Spanish}]\n",
            ["gateway.yaml:2:32: `Spanish` is no language; write it as en or es-US (BCP 47)"],
        ),
        (
            "a program and an upstream that nobody named",
            UPSTREAM + "programs: [{name: club}]\nclassify: [{when: {upstream: twilo}, program: clbu}]\n",
            [
                "gateway.yaml:3:30: there is no `twilo`; did you mean `twilio`?",
                "gateway.yaml:3:47: there is no `clbu`; did you mean `club`?",
            ],
        ),
        (
            "two upstreams that a request can't tell",
            (
                "upstreams:\n  - {name: a, dialect: twilio, url: https://x.example}\n"
                "  - {name: a, dialect: kannel, url: https://y.example}\n"
            ),
            [
                "gateway.yaml:3:5: another upstream has this listener, host and prefix; requests can't tell them",
                "gateway.yaml:3:12: `a` is given twice; give each its own name",
            ],
        ),
        (
            "a sender of two programs",
            UPSTREAM + "programs:\n  - {name: a, senders: 12345}\n  - {name: b, senders: [12345]}\n",
            ["gateway.yaml:4:24: one of them is a sender of `a` already"],
        ),
        (
            "a webhook whose caller nobody could check",
            (
                "upstreams:\n  - name: t\n    dialect: twilio\n    url: https://x.example\n"
                "    webhook: {path: /in, public_url: https://y.example}\n"
            ),
            ["gateway.yaml:5:14: `auth_token` is missing; without it nobody knows who calls"],
        ),
        (
            "a store of a kind that there isn't",
            UPSTREAM + "store: postgres\n",
            ["gateway.yaml:2:8: this is no store; write sqlite, or {redis: {env: REDIS_URL}}"],
        ),
        (
            "a Redis that has no address",
            UPSTREAM + "store: {redis: localhost}\n",
            ["gateway.yaml:2:16: no URL of a Redis: redis://HOST:PORT/DB, redis+sentinel://... or {env: REDIS_URL}"],
        ),
        (
            "a misspelt store",
            UPSTREAM + "store: {rediss: {env: REDIS_URL}}\n",
            [
                "gateway.yaml:2:8: `redis` is missing",
                "gateway.yaml:2:9: unknown key `rediss`; did you mean `redis`?",
            ],
        ),
        (
            "an option of another dialect",
            "upstreams:\n  - {name: t, dialect: twilio, url: https://x.example, charset: UTF-8}\n",
            ["gateway.yaml:2:5: the dialect twilio takes none of charset"],
        ),
        (
            "a description that isn't one",
            (
                "upstreams:\n  - name: inhouse\n    dialect: generic\n    url: https://x.example\n    description:\n"
                "      send: {path: /sms, body: josn}\n"
            ),
            [
                "gateway.yaml:6:7: `fields` is missing",
                "gateway.yaml:6:32: `josn` is none of form, json, query; did you mean `json`?",
            ],
        ),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(situation, text, problems, wrong):
    assert wrong(text) == problems


@pytest.mark.parametrize(
    ("written", "seconds"), [("10 minutes", 600), ("1 hour", 3600), ("7 days", 604_800), ("null", 0)]
)
def test_for_how_long_an_equal_message_is_a_duplicate(written, seconds, load):
    [route] = load(UPSTREAM.replace("}]", f", duplicates_within: {written}}}]")).routes
    assert route.duplicates_within == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("8 days", "`8 days` is too long; write 10 minutes, or up to 7 days"),
        ("1 month", "`1 month` is too long; write 10 minutes, or up to 7 days"),
        ("600", "`600` is no length of time; write 24 hours, 30 days, 18 months or 2 years"),
    ],
)
def test_a_window_for_duplicates_that_makes_no_sense_is_told(written, problem, wrong):
    [told] = wrong(UPSTREAM.replace("}]", f", duplicates_within: {written}}}]"))
    assert told.endswith(problem)


HOOK = (
    "upstreams:\n  - name: t\n    dialect: twilio\n    url: https://x.example\n    webhook:\n      path: /in\n"
    "      public_url: https://y.example\n      auth_token: "
)
NOT_HERE = "8:19: a secret does not stand here; write {env: NAME} or {file: PATH}"
NO_YAML = "8:19: this is no YAML: found undefined alias; put text that begins with *, & or ! in quotes"
NO_NAME = "8:25: this is no name of an environment variable; write it as TWILIO_AUTH_TOKEN"


@pytest.mark.parametrize(
    ("situation", "text", "problem"),
    [
        ("a token in the file", HOOK + "hunter2", NOT_HERE),
        ("a token in braces", HOOK + "{hunter2}", NOT_HERE),
        ("a token under a name of one's own", HOOK + "{value: hunter2}", NOT_HERE),
        ("a token as a list", HOOK + "[hunter2]", NOT_HERE),
        ("a token where the name of a variable is meant", HOOK + "{env: hunter2}", NO_NAME),
        ("a token that begins with a star", HOOK + "*hunter2", NO_YAML),
        ("a token with exclamation marks", HOOK + "!hunter2!x y", "8:19: this is no YAML: found undefined tag handle;"),
        (
            "a password in a URL",
            "upstreams: [{name: t, dialect: twilio, url: https://me:hunter2@x.example}]\n",
            "1:45: a URL must hold no password; the client's own credentials are passed on",
        ),
        (
            "a password in a URL that is none",
            "upstreams: [{name: t, dialect: twilio, url: https://me:hunter2@x.example:port}]\n",
            "1:45: this is no URL; write it as https://api.twilio.com",
        ),
        (
            "a password in a URL without its scheme",
            "upstreams: [{name: t, dialect: twilio, url: me:hunter2@x.example}]\n",
            "1:45: this is no URL; write it as https://api.twilio.com",
        ),
        (
            "the store's password",
            UPSTREAM + "store: {redis: redis://:hunter2@127.0.0.1:6379}\n",
            "2:16: a URL with a password does not stand here; write {env: REDIS_URL}",
        ),
        (
            "the store's password behind the question mark",
            UPSTREAM + 'store: {redis: "redis://127.0.0.1?password=hunter2"}\n',
            "2:16: a URL with a password does not stand here; write {env: REDIS_URL}",
        ),
        (
            "the store's URL in the wrong place",
            UPSTREAM + "store: redis://:hunter2@127.0.0.1:6379\n",
            "2:8: this is no store; write sqlite, or {redis: {env: REDIS_URL}}",
        ),
        (
            "a pattern of a header that holds credentials",
            UPSTREAM + 'classify: [{when: {header: {Authorization: "Basic hunter2("}}, category: otp}]\n',
            "2:44: this is no pattern that RE2 can read; headers hold credentials, so it is not repeated here",
        ),
    ],
)
def test_a_secret_does_not_stand_in_the_file_and_is_never_repeated(situation, text, problem, wrong):
    (told,) = wrong(text)
    assert told.startswith(f"gateway.yaml:{problem}")
    assert "hunter2" not in told


TELNYX_KEY = "mBha1BfkFO3pomh9biwRPgzedd92zVerUPWDMsKHbHw="


@pytest.mark.parametrize(
    ("situation", "dialect", "checking", "signing", "problem"),
    [
        ("Plivo's callers could not be checked", "plivo", None, None, "`auth_token` is missing"),
        ("Telnyx's neither", "telnyx", None, None, "`auth_token` is missing"),
        ("a token where a public key is needed", "telnyx", "token", None, "`auth_token` is no Ed25519 public key"),
        ("a token where a private one is", "telnyx", TELNYX_KEY, "token", "`legacy_auth_token` is no Ed25519 private"),
        ("two keys", "telnyx", TELNYX_KEY, TELNYX_KEY, ""),
        ("Vonage's SMS API signs nothing, mostly", "vonage", None, None, ""),
        ("Kannel signs nothing at all", "kannel", None, None, ""),
        ("and can be known by user and password only", "kannel", "token", None, "`auth_token` is no `user:password`"),
        ("as the legacy system knows it", "kannel", "a:b", "token", "`legacy_auth_token` is no `user:password`"),
    ],
)
def test_a_webhooks_secrets_must_be_what_its_dialect_needs(
    situation, dialect, checking, signing, problem, wrong, load, monkeypatch
):
    written = f"upstreams:\n  - name: t\n    dialect: {dialect}\n    url: https://x.example\n"
    written += "    webhook:\n      path: /in\n      public_url: https://y.example\n"
    for key, value in (("auth_token", checking), ("legacy_auth_token", signing)):
        if value:
            monkeypatch.setenv(key.upper(), value)
            written += f"      {key}: {{env: {key.upper()}}}\n"
    if problem:
        [told] = wrong(written)
        assert told.startswith(f"gateway.yaml:6:7: {problem}")
    else:
        assert load(written).routes[0].webhook.auth_token == checking


def test_what_signs_texts_anew_is_vonages_alone(load, wrong, monkeypatch):
    monkeypatch.setenv("SECRET", "s3cret")
    upstream = "upstreams: [{{name: t, dialect: {}, url: 'https://x.example', signature_secret: {{env: SECRET}}}}]\n"
    assert load(upstream.format("vonage")).routes[0].dialect.name == "vonage"
    assert wrong(upstream.format("plivo")) == [
        "gateway.yaml:1:13: the dialect plivo takes none of signature_secret",
    ]


SIGNED = """
upstreams:
  - {{name: t, dialect: {}, url: "https://x.example", credentials: {{user: a, secret: {{env: SECRET}}}}}}
"""


@pytest.mark.parametrize(
    ("dialect", "secret", "problem"),
    [
        ("azure", "YW4gYWNjZXNzIGtleQ==", ""),
        ("azure", "no key", "3:70: the `secret` is no access key of Azure's, which is in Base64"),
        ("azure", "", "3:88: the environment variable SECRET is not set"),
        ("aws, scope: us-east-1/sms-voice", "s3cret", ""),
        ("aws", "s3cret", "3:68: the dialect aws needs a `scope`"),
        ("aws, scope: sns", "s3cret", "3:36: `sns` is no region and service; write it as us-east-1/sns"),
        ("twilio, scope: us-east-1/sns", "s3cret", "3:5: the dialect twilio takes none of scope"),
    ],
)
def test_what_signs_all_anew_is_looked_at_when_the_configuration_is_read(
    dialect, secret, problem, load, wrong, monkeypatch
):
    monkeypatch.setenv("SECRET", secret)
    written = SIGNED.format(dialect)
    if problem:
        [told] = wrong(written)
        assert told.startswith(f"gateway.yaml:{problem}")
    else:
        assert load(written).routes[0].signer


def test_a_kannels_get_url_has_the_operators_own_names(load, wrong):
    upstream = "upstreams: [{{name: t, dialect: {}, url: 'https://x.example', reply_fields: {{{}}}}}]\n"
    dialect = load(upstream.format("kannel", "sender: phone, text: msg")).routes[0].dialect
    heard = dialect.hear(Request(b"GET", b"/in?phone=12025550123&receiver=36111&msg=STOP", ()))
    assert (heard.recipient, heard.to, heard.text) == ("+12025550123", "36111", "STOP")
    [told] = wrong(upstream.format("kannel", "sender: 'a b'"))
    assert told.startswith("gateway.yaml:1:89: `a b` is no name of a parameter")
    assert wrong(upstream.format("jasmin", "sender: phone")) == [
        "gateway.yaml:1:13: the dialect jasmin takes none of reply_fields",
    ]


def test_a_secret_comes_from_the_environment_or_from_a_file(load, tmp_path, monkeypatch):
    monkeypatch.setenv("TOKEN", "from the environment")
    (tmp_path / "token").write_text("from a file\n")
    hook = load(HOOK + "{env: TOKEN}\n      legacy_auth_token: {file: token}\n").routes[0].webhook
    assert hook is not None
    assert (hook.auth_token, hook.legacy_auth_token) == ("from the environment", "from a file")


@pytest.mark.parametrize(
    ("situation", "secret", "problem"),
    [
        ("a variable that isn't set", "{env: NO_SUCH}", "the environment variable NO_SUCH is not set"),
        ("a file that isn't there", "{file: none}", "none can't be read: No such file or directory"),
        ("a file without anything in it", "{file: empty}", "empty is empty"),
        ("both", "{env: A, file: b}", "write {env: NAME} or {file: PATH}"),
        ("neither", "{}", "write {env: NAME} or {file: PATH}"),
        ("a name that no file has", '{file: "a\\0b"}', "a\0b can't be read: it is no text"),
        ("a file of bytes", "{file: bytes}", "bytes can't be read: it is no text"),
    ],
)
def test_a_secret_that_can_not_be_had_is_told_at_its_place(situation, secret, problem, wrong, tmp_path, monkeypatch):
    monkeypatch.delenv("NO_SUCH", raising=False)
    (tmp_path / "empty").touch()
    (tmp_path / "bytes").write_bytes(b"\xff")
    assert wrong(HOOK + secret) == [f"gateway.yaml:8:19: {problem}"]


def places(tree: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield way
    children = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for step, child in children:
        yield from places(child, (*way, step))


def with_at(tree: Any, way: tuple[str | int, ...], odd: object) -> Any:
    if not way:
        return odd
    changed = tree.copy()
    changed[way[0]] = with_at(tree[way[0]], way[1:], odd)
    return changed


@pytest.mark.parametrize(
    "odd", [None, True, -1, 0.5, "", "x", "a\0b", "\N{SNOWMAN}", [], [[1]], {}, {"a": "b"}, {"env": "A"}], ids=repr
)
def test_whatever_stands_where_it_does_not_belong_is_taken_or_told(odd, load, monkeypatch):
    tree = everything(monkeypatch)
    for way in places(tree):
        with suppress(BadFile):
            load(json.dumps(with_at(tree, way, odd)))


ALERT, ALERTS = ((b"x-KIND", b"alert"),), ((b"X-Kind", b"alerts"),)


@pytest.mark.parametrize(
    ("situation", "sender", "text", "came", "meant"),
    [
        ("a sender's own program", "+18335550100", "Sale", ("twilio", (), ""), ("club", Category.MARKETING)),
        ("a program's own category", "BANK", "Dear Ann", ("twilio", (), ""), ("bank", Category.TRANSACTIONAL)),
        ("a rule outweighs the program", "BANK", "Your code is 12", ("twilio", (), ""), ("bank", Category.OTP)),
        ("of two rules the first counts", "12345", "your CODE is 1", ("kannel", (), ""), ("club", Category.OTP)),
        ("all that is given must be so", "12345", "Sale", ("twilio", (), ""), ("club", Category.MARKETING)),
        ("sender and upstream", "12345", "Sale", ("kannel", (), ""), ("club", Category.CHARITY)),
        ("header and client", "x", "Flood", ("twilio", ALERT, "10.0.0.7"), ("default", Category.EMERGENCY)),
        ("another client", "x", "Flood", ("twilio", ALERT, "10.0.0.8"), ("default", Category.MARKETING)),
        ("a header with more in it", "x", "Flood", ("twilio", ALERTS, "10.0.0.7"), ("default", Category.MARKETING)),
        ("a rule's program, its category", "x", "Balance: 5", ("twilio", (), ""), ("bank", Category.TRANSACTIONAL)),
        ("what nothing tells of", "x", "Hello", ("twilio", (), ""), ("default", Category.MARKETING)),
        ("a text kept at the carrier", "x", None, ("twilio", (), ""), ("default", Category.MARKETING)),
    ],
)
def test_what_a_message_is(situation, sender, text, came, meant, load):
    draft = Draft("+12125550100", Sender(SenderKind.NUMBER, sender), text)
    program, category, _ = load(RULES).classifier.classify(draft, came[0], came[1], came[2:])
    assert (program.name, category) == meant


def test_the_program_named_default_is_that_of_all_other_senders(load):
    program, *_ = load(RULES).classifier.classify(Draft("+12125550100", NO_SENDER, "Hi"), "twilio", (), ())
    assert program.brand == "House"


def test_without_rules_and_programs_all_is_marketing():
    program, category, _ = Classifier().classify(Draft("+12125550100", NO_SENDER, "Hi"), "twilio", (), ())
    assert (program.name, category) == ("default", Category.MARKETING)


SITE = """
categories: {flash-sale: marketing, parcel: transactional}
programs:
  - {name: club, senders: ["12345"], category: flash-sale, registered: {ACME: sg-ssir}, templates: ["Hi {#var#}"]}
classify:
  - {when: {text: "^Your parcel"}, category: parcel}
  - {when: {text: "^Spring"}, subject: spring}
  - {when: {text: "^Your code"}, category: otp}
"""


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Sale", (Category.MARKETING, "flash-sale")),
        ("Your parcel is here", (Category.TRANSACTIONAL, "parcel")),
        ("Spring is here", (Category.MARKETING, "spring")),
        ("Your code is 1", (Category.OTP, "")),
    ],
)
def test_a_sites_own_category_behaves_as_the_one_that_it_names(text, meant, load):
    draft = Draft("+12125550100", Sender(SenderKind.SHORT_CODE, "12345"), text)
    program, category, subject = load(UPSTREAM + SITE).classifier.classify(draft, "twilio", (), ())
    assert (category, subject) == meant
    assert (program.registered["ACME"], program.templates) == (("sg-ssir",), ("Hi {#var#}",))


LACKING = """\
upstreams:
  - {{name: one, dialect: kannel, url: "http://127.0.0.1:1", prefix: /one}}
  - {{name: two, dialect: {dialect}, url: "http://127.0.0.1:2"{more}}}
"""
HEARS = ", webhook: {path: /in, public_url: 'https://sms.example.com', auth_token: {env: TOKEN}}"
KNOWN_THERE = ", credentials: {user: AC0, secret: {env: TOKEN}}"


@pytest.mark.parametrize(
    ("situation", "dialect", "more", "told"),
    [
        ("Kannel's users do not end", "kannel", "", []),
        ("clients may come with what ends within the hour", "twilio", "", ["with an OAuth token is refused"]),
        ("what may leave later only is refused anyway", "twilio", ", deferred: refuse", []),
        ("it hears replies", "kannel", HEARS, ["texts of our own can't leave by it"]),
        ("both", "twilio", HEARS, ["with an OAuth token is refused", "texts of our own can't leave by it"]),
        ("it has credentials", "twilio", HEARS + KNOWN_THERE, []),
        ("nothing can be signed anew", "aws", "", ["what comes signed for the gateway's host is refused"]),
        ("it can be signed anew", "aws", ", scope: us-east-1/sns" + KNOWN_THERE, []),
    ],
)
def test_an_upstream_that_could_do_more_with_credentials_is_named_at_its_place(
    situation, dialect, more, told, load, monkeypatch
):
    monkeypatch.setenv("TOKEN", "user:secret")
    found = load(LACKING.format(dialect=dialect, more=more)).notices
    assert [each.line for each in found] == [3] * len(told)
    for notice, words in zip(found, told, strict=True):
        assert notice.message.startswith("`two` ")
        assert words in notice.message


@pytest.mark.parametrize(
    ("situation", "more", "lines"),
    [
        ("loopback", "", []),
        ("localhost", "listen: {proxy: localhost:80}\n", []),
        ("all interfaces", "listen: {proxy: 0.0.0.0:80}\n", [2]),
        ("an upstream's own too", "listen: {proxy: '[::]:80'}\n{own}", [1, 2]),
        ("clients", f"listen: {{proxy: 0.0.0.0:80}}\nclients: [{CLIENT}]\n{{own}}", []),
        ("certificates", "listen: {proxy: 0.0.0.0:80, tls: {certificate: a, key: b, client_ca: c}}\n", []),
        ("no certificates", "listen: {proxy: 0.0.0.0:80, tls: {certificate: a, key: b}}\n", [2]),
    ],
)
def test_a_proxy_that_others_reach_and_that_asks_for_no_proof_is_named_at_its_place(situation, more, lines, load):
    own = UPSTREAM.replace("}]", "}, {name: b, dialect: kannel, url: 'http://b', listen: 10.0.0.1:81}]")
    quiet = (own if "{own}" in more else UPSTREAM).replace("twilio, url", "twilio, deferred: refuse, url")
    found = load(quiet + more.replace("{own}", "")).notices
    assert sorted(each.line for each in found) == lines
    assert all("is not of this machine only" in each.message for each in found)


def test_what_goes_through_unread_is_named(load):
    [notice] = load(UPSTREAM.replace("twilio, url", "twilio, deferred: refuse, pass: POST /v1/x, url")).notices
    assert notice.message == "`twilio` lets `POST /v1/x` through: whatever leaves by it, nobody decides on it"


def test_an_upstream_with_a_listener_of_its_own_is_reached_by_no_other(load):
    own = UPSTREAM.replace("}]", "}, {name: b, dialect: kannel, url: 'http://b', listen: 127.0.0.1:81}]")
    listeners = load(own).listeners
    assert {at.port: [route.name for route in routes] for at, routes in listeners.items()} == {
        8080: ["twilio"],
        81: ["b"],
    }


TAKES = """\
categories: {{sale: marketing}}
programs:
  - name: club
    category: {category}
    replies: {{taken: {words}}}
"""


@pytest.mark.parametrize(
    ("situation", "category", "words", "at"),
    [
        ("the second of its words", "marketing", "[C, Cancel]", [(6, 26, "`Cancel`")]),
        ("a single word, in another language", "charity", "abmelden", [(6, 22, "`abmelden`")]),
        ("a category of the site's own that behaves as advertising", "sale", "[END]", [(6, 23, "`END`")]),
        ("appointments are no advertising", "service", "[CANCEL]", []),
        ("a word that opts nobody out", "marketing", "[C, YES]", []),
    ],
)
def test_a_program_that_advertises_and_takes_an_opt_out_for_its_own_is_warned_of_at_the_word(
    situation, category, words, at, load
):
    found = load(UPSTREAM + TAKES.format(category=category, words=words)).warnings
    assert [(each.line, each.column, each.message.split(" ")[0]) for each in found] == at


DRILLED = """\
upstreams:
  - name: one
    dialect: {dialect}
    url: "http://127.0.0.1:1"
    webhook: {{path: /in, public_url: "https://sms.example.com", auth_token: {{env: KEY}}}}
drill: {{number: "+12125550155", upstream: one, sender: "+12125550100"}}
"""


@pytest.mark.parametrize(
    "dialect", ["twilio", "plivo", "vonage", "clicksend", "bandwidth", "clickatell", "jasmin", "kannel"]
)
def test_a_drill_speaks_as_any_carrier_whose_signature_can_be_made(dialect, load, monkeypatch):
    monkeypatch.setenv("KEY", "a-secret:of-32-bytes-and-no-more")
    assert load(DRILLED.format(dialect=dialect)).drill


def test_a_drill_that_no_signature_can_be_made_for_says_why(wrong, monkeypatch):
    monkeypatch.setenv("KEY", b64encode(bytes(32)).decode())
    why = "only Telnyx can sign its webhooks: the private half of `auth_token` never leaves it"
    assert wrong(DRILLED.format(dialect="telnyx")) == [
        f"gateway.yaml:6:43: no STOP can be tried with `one`: {why}",
    ]


def test_opt_out_links_are_every_programs(load):
    config = load(f"{RULES}links: {{url: https://o.example.com/, ingress: 10.0.0.0/8}}\n")
    assert {program.links for program in config.programs} == {"https://o.example.com"}
    assert config.links
    assert [str(network) for network in config.links.ingress] == ["10.0.0.0/8"]


def test_where_no_program_is_that_of_all_other_senders_it_has_links_too(load):
    config = load(f"{UPSTREAM}links: {{url: https://o.example.com}}\n")
    program, _, _ = config.classifier.classify(Draft("+12125550100"), "twilio", (), ())
    assert program.links == "https://o.example.com"


@pytest.mark.parametrize("url", ["https://example.com/o", "https://example.com?o=", "o.example.com"])
def test_an_opt_out_link_leads_to_a_host_and_nothing_else(wrong, url):
    [problem] = wrong(f"{UPSTREAM}links: {{url: '{url}'}}\n")
    assert problem.startswith("gateway.yaml:2:14: ")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("events: [{url: 'http://crm.example.com/', secret: {env: GOOD}}]\n", "numbers would travel in clear"),
        ("events: [{url: 'https://crm.example.com/', secret: {env: BAD}}]\n", "this is no secret of a webhook"),
        ("drill: {number: '+12125550155', upstream: nobody}\n", "there is no `nobody`"),
        ("drill: {number: '123', upstream: twilio}\n", "this is no number that can be texted"),
        ("drill: {number: '+12125550155', upstream: twilio}\n", "no STOP can be tried with `twilio`: it has no `webh"),
        ("programs: [{name: a, replies: {taken: [Stop]}}]\n", "`Stop` must always opt out"),
    ],
)
def test_what_would_tell_try_or_take_the_wrong_thing_is_refused(text, problem, wrong, monkeypatch):
    monkeypatch.setenv("GOOD", "whsec_" + "A" * 32)
    monkeypatch.setenv("BAD", "whsec_short")
    assert any(problem in told for told in map(str, wrong(UPSTREAM + text)))


def test_who_mails_has_a_program_a_number_and_a_way_out(load, tmp_path):
    (tmp_path / "token").write_text("secret")
    mail = load(MAIL % "senders: [{name: nagios, networks: 10.0.0.0/8, upstream: twilio, program: club}],").mail
    [sender] = mail.senders
    assert (sender.program.name, sender.sender.value, sender.upstream) == ("club", "+18335550100", "twilio")
    assert sender.settings.addressing.domains == ("sms.example.com",)
    assert [sender.is_at(address) for address in ("10.1.2.3", "::ffff:10.1.2.3", "192.0.2.1")] == [True, True, False]


@pytest.mark.parametrize(
    ("situation", "senders", "problems"),
    [
        ("nobody", "{name: a, upstream: twilio, program: club}", ["say who that is"]),
        (
            "no program",
            "{name: a, networks: localhost, upstream: twilio, program: clubb, sender: ACME}",
            ["there is no `clubb`; did you mean `club`?"],
        ),
        ("no number", "{name: a, networks: localhost, upstream: twilio}", ["nobody sends its texts"]),
        ("no TLS", f"{{name: a, hash: '{HASH}', upstream: twilio, program: club}}", ["its password can't be told"]),
        (
            "two of one name",
            "{name: a, networks: localhost, upstream: twilio, program: club}," * 2,
            ["`a` is given twice; give each its own name"],
        ),
        (
            "nobody checks what is demanded",
            "{name: a, networks: localhost, upstream: twilio, program: club, demand: spf}",
            ["`demand` needs `authserv`"],
        ),
        (
            "a misspelt profile",
            "{name: a, networks: localhost, upstream: twilio, program: club, profile: clickatel}",
            ["did you mean `clickatell`?"],
        ),
    ],
)
def test_what_can_not_mail_is_told(wrong, tmp_path, situation, senders, problems):
    (tmp_path / "token").write_text("secret")
    told = wrong(MAIL % f"senders: [{senders}],")
    assert all(why in line for why, line in zip(problems, told, strict=True)), (situation, told)


def test_mail_that_would_travel_in_clear_is_refused(wrong, tmp_path):
    (tmp_path / "token").write_text("secret")
    written = MAIL % "senders: [{name: a, networks: localhost, upstream: twilio, program: club}],"
    [told] = wrong(written.replace("host: localhost", "host: mx.example.com"))
    assert "numbers would travel in clear" in told
