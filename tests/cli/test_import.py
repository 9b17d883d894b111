"""Imports and exports as people run them, on either store."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Site
from tests.cli.program import Ended, smsgate

ANN, BEN, CY = "+12125550123", "+12125550124", "+447700900123"
TELNYX = f"""\
from,to,messaging_profile_id,keyword,created_at
+18335550100,{ANN},16fd2706-8baf-433b-82eb-8c7fada847da,STOP,2025-04-28 12:00:38.631252+00:00
+18335550100,{CY},16fd2706-8baf-433b-82eb-8c7fada847da,,2025-05-01 00:00:00+00:00
+18335550100,unknown,16fd2706-8baf-433b-82eb-8c7fada847da,STOP,2025-05-01 00:00:00+00:00
"""


@pytest.fixture(params=["sqlite", "redis"])
def store(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return "sqlite"
    return f'{{redis: "{request.getfixturevalue("redis_url")}"}}'


def run(site: Site, *words: str | Path) -> Ended:
    ended = smsgate(*words, "-c", site.config)
    assert "Traceback" not in ended.err, ended.err
    return ended


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def audited(site: Site) -> list[tuple[str, str]]:
    files = sorted((site.folder / "data" / "audit").glob("*.jsonl"))
    lines = [json.loads(line) for file in files for line in file.read_bytes().splitlines()]
    return [(line["what"], line["state"]) for line in lines if line["kind"] == "bulk"]


def test_a_carriers_opt_outs_are_shown_tried_imported_again_and_exported(site: Site, tmp_path: Path):
    file = tmp_path / "optouts.csv.gz"
    file.write_bytes(gzip.compress(TELNYX.encode()))
    tried = run(site, "suppress", "import", file, "--dry-run")
    assert tried.status == 0
    assert "column 2 'to': number" in tried.out
    assert "3 rows, 2 would be imported, 1 rejected; nothing was written" in tried.out
    assert ANN not in tried.out
    assert run(site, "suppress", "export").out == "number,kind,scope,source,at,reason\n"

    asked = run(site, "suppress", "import", file)
    assert (asked.status, "add --yes" in asked.err) == (2, True), "nobody is there to say yes"

    done = run(site, "suppress", "import", file, "--yes")
    assert done.status == 0
    assert "3 rows, 2 imported, 2 of them made a difference" in done.out
    rejected = file.with_name("optouts.csv.gz.rejected.csv")
    assert rejected.stat().st_mode & 0o077 == 0
    [row] = rows(rejected.read_text())
    assert (row["line"], row["rejected because"], row["to"], row["keyword"]) == (
        "4",
        "this is no phone number that can be texted",
        "unknown",
        "STOP",
    )
    exported = run(site, "suppress", "export").out
    assert {row["number"]: row for row in rows(exported)} == {
        ANN: {
            "number": ANN,
            "kind": "opt-out",
            "scope": "all",
            "source": "import",
            "reason": "STOP",
            "at": "2025-04-28T12:00:38.631252Z",
        },
        CY: {
            "number": CY,
            "kind": "opt-out",
            "scope": "all",
            "source": "import",
            "reason": "",
            "at": "2025-05-01T00:00:00Z",
        },
    }
    again = tmp_path / "again.csv"
    again.write_text(exported)
    assert "2 rows, 2 imported" in run(site, "suppress", "import", again, "--yes").out
    assert sorted(run(site, "suppress", "export").out.splitlines()) == sorted(exported.splitlines())
    assert [what for what in audited(site) if "import" in what[0]] == [
        ("import of suppressions", "begun"),
        ("import of suppressions", "done"),
    ] * 2


@pytest.mark.parametrize("store", ["sqlite"])
def test_whoever_subscribes_is_owed_one_event_for_an_import(site: Site, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("CRM", "whsec_" + "A" * 32)
    site.change("upstreams:", "events: [{url: 'https://crm.example.com/', secret: {env: CRM}}]\nupstreams:")
    file = tmp_path / "numbers.txt"
    file.write_text(f"{ANN}\n{BEN}\n{CY}\n")
    assert "3 imported" in run(site, "suppress", "import", file, "--yes").out
    assert re.search(r"(?m)^calls:events:crm.example.com +1 ", run(site, "outbox", "show").out)


@pytest.mark.parametrize("store", ["sqlite"])
def test_bare_numbers_need_their_country_and_where_all_are_rejected_the_status_is_1(site: Site, tmp_path: Path):
    file = tmp_path / "numbers.txt"
    file.write_text("2125550123\n(212) 555-0124\n")
    refused = run(site, "suppress", "import", file, "--yes")
    assert refused.status == 1
    assert "2 rejected" in refused.out
    assert "2 imported" in run(site, "suppress", "import", file, "--yes", "--country", "us", "--kind", "bounce").out
    assert run(site, "suppress", "show", ANN).out.startswith("bounce  scope all  by import")
    assert not (tmp_path / "numbers.txt.rejected.csv").exists(), "that of the earlier import is gone"


def test_consents_are_imported_once_exported_and_those_who_never_agreed_are_not(site: Site, tmp_path: Path):
    file = tmp_path / "klaviyo.csv"
    file.write_text(
        "Email,Phone Number,SMS Consent,SMS Consent Timestamp,Disclosure\n"
        f'ann@example.com,{ANN},SUBSCRIBED,2026-01-02T09:00:00Z,"=Yes, text me"\n'
        f"ben@example.com,{BEN},UNSUBSCRIBED,2026-01-02T09:00:00Z,\n"
        f"cy@example.com,{CY},SUBSCRIBED,,\n",
        encoding="utf-8-sig",
    )
    command = ("consent", "import", file, "--yes", "--kind", "express-written", "--method", "web-form")
    first = run(site, *command)
    assert "3 rows, 1 imported, 1 of them made a difference" in first.out
    assert "1 imported, 0 of them made a difference" in run(site, *command).out
    reasons = {row["rejected because"] for row in rows(Path(f"{file}.rejected.csv").read_text())}
    assert reasons == {
        "it doesn't say that its person opted in",
        "the time is not there: give --at for all; write 2026-01-02T09:00:00Z",
    }
    output = tmp_path / "consents.csv"
    assert run(site, "consent", "export", "-o", output).err == "1 consents exported\n"
    assert output.stat().st_mode & 0o077 == 0
    [row] = rows(output.read_text())
    assert (row["number"], row["kind"], row["method"], row["at"]) == (
        *(ANN, "express-written", "web-form"),
        "2026-01-02T09:00:00Z",
    )
    assert row["wording"] == "'=Yes, text me", "no formula in anybody's spreadsheet"
    assert "1 imported, 0 of them made a difference" in run(site, "consent", "import", output, "--yes").out


@pytest.mark.parametrize("store", ["sqlite"])
def test_a_list_is_filled_shown_and_dropped(site: Site, tmp_path: Path):
    file = tmp_path / "litigators.csv"
    file.write_text(f"Name;Phone\nSomebody;{ANN}\nAnother;{BEN}\n")
    assert "2 imported, 2 of them" in run(site, "list", "import", "litigators", file, "--yes").out
    assert "2 imported, 0 of them" in run(site, "list", "import", "litigators", file, "--yes").out
    assert run(site, "list", "show", "litigators").out == "2 numbers\n"
    assert run(site, "list", "drop", "litigators").status == 2
    assert run(site, "list", "drop", "litigators", "--yes").out == "2 numbers taken off\n"
    assert run(site, "list", "show", "litigators").out.startswith("empty")
    assert ("drop of list litigators", "done") in audited(site)


@pytest.mark.parametrize("store", ["sqlite"])
@pytest.mark.parametrize(
    ("situation", "content", "words", "told"),
    [
        ("an empty file", b"", (), "table is empty"),
        ("no column that is known", b"a,b\nc,d\n", (), "--map COLUMN=number"),
        ("a packed file that was cut short", gzip.compress(TELNYX.encode())[:-20], (), "cut short"),
        ("a column that is not there", TELNYX.encode(), ("--map", "9=number"), "not there"),
    ],
)
def test_what_can_not_be_read_is_one_line_and_status_1(site: Site, tmp_path: Path, situation, content, words, told):
    file = tmp_path / "table"
    file.write_bytes(content)
    ended = run(site, "suppress", "import", file, "--yes", *words)
    assert ended.status == 1
    assert told in ended.err.splitlines()[-1]
