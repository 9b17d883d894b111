"""Counts of all workers add up and never fall; logs and metrics hold no number and no text."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from gateway.telemetry import Meter, log, log_to
from gateway.telemetry import events as events_module
from gateway.telemetry.counts import Family, Kind
from gateway.words.decision import Action, Decision, Finding, Reason
from gateway.words.errors import StoreAway
from gateway.words.facts import Facts
from gateway.words.message import Message
from gateway.words.number import Number, Place
from gateway.words.outcome import Fate, Outcome

NUMBER = "+12125550123"
TEXT = "Sale ends tonight"
ANN = Message("5f" * 16, Number(NUMBER, Place("US")), TEXT)
HOURS = Finding("us-federal/quiet-hours", Action.DEFER, "outside 08:00-21:00", reason=Reason.HOURS)
WATCHED = Finding("us-fl/cap", Action.BLOCK, "3 in 24 hours", reason=Reason.CAP, observed=True)
SENT = Outcome(ANN, Facts.NONE, Decision((WATCHED,)), Fate.SENT, TEXT)
WITHHELD = Outcome(ANN, Facts.NONE, Decision((HOURS, WATCHED)), Fate.WITHHELD)


def scraped(meter: Meter) -> dict[str, float]:
    """`name{label=value,...}` -> value, the labels in alphabetical order."""
    families = text_string_to_metric_families(meter.exposition().decode())
    return {_told(s.name, s.labels): s.value for family in families for s in family.samples}


def _told(name: str, labels: dict[str, str]) -> str:
    return name + "{" + ",".join(f"{key}={value}" for key, value in sorted(labels.items())) + "}" if labels else name


class TestMeter:
    def test_messages_are_counted_by_what_became_of_them_and_why(self) -> None:
        meter = Meter()
        for outcome in (SENT, SENT, WITHHELD):
            meter.outcome("twilio", outcome)
        counts = scraped(meter)
        sent = "smsgate_messages_total{category=marketing,fate=sent,reason=,upstream=twilio}"
        withheld = "smsgate_messages_total{category=marketing,fate=withheld,reason=hours,upstream=twilio}"
        assert (counts[sent], counts[withheld]) == (2, 1)
        assert counts["smsgate_findings_total{action=block,observed=yes,rule=us-fl/cap}"] == 3
        assert counts["smsgate_findings_total{action=defer,observed=no,rule=us-federal/quiet-hours}"] == 1

    def test_everything_else_is_counted_too(self) -> None:
        meter = Meter()
        meter.heard("twilio", "opt_out")
        meter.suppressed("operator")
        meter.unreadable("twilio", Reason.BAD_NUMBER)
        meter.http_refused("two lengths")
        meter.store_away()
        meter.upstream_away("twilio", 504)
        meter.webhook_unsigned("twilio")
        meter.legacy_away("twilio")
        assert scraped(meter) == {
            "smsgate_replies_total{intent=opt_out,upstream=twilio}": 1,
            "smsgate_suppressed_total{source=operator}": 1,
            "smsgate_unreadable_total{reason=bad_number,upstream=twilio}": 1,
            "smsgate_http_refused_total{cause=two lengths}": 1,
            "smsgate_store_away_total": 1,
            "smsgate_upstream_away_total{status=504,upstream=twilio}": 1,
            "smsgate_webhooks_unsigned_total{upstream=twilio}": 1,
            "smsgate_legacy_away_total{upstream=twilio}": 1,
        }

    def test_a_carriers_answers_fall_into_buckets(self) -> None:
        meter = Meter()
        for seconds in (0.004, 0.005, 0.2, 60):
            meter.latency("twilio", seconds)
        counts = scraped(meter)
        bucket = "smsgate_upstream_seconds_bucket{{le={},upstream=twilio}}"
        assert [counts[bucket.format(le)] for le in ("0.005", "0.1", "0.25", "30.0", "+Inf")] == [2, 2, 3, 3, 4]
        assert counts["smsgate_upstream_seconds_count{upstream=twilio}"] == 4
        assert counts["smsgate_upstream_seconds_sum{upstream=twilio}"] == pytest.approx(60.209)

    def test_whichever_worker_is_asked_tells_of_all(self, tmp_path: Path) -> None:
        workers = [Meter(tmp_path) for _ in range(3)]
        for n, worker in enumerate(workers, 1):
            for _ in range(n):
                worker.outcome("twilio", SENT)
            worker.latency("twilio", 0.2)
            worker.open_attempts(n)
            worker.in_doubt(4)
            worker.policies("rev-7", broken=False)
            worker.save()
        for worker in workers:
            counts = scraped(worker)
            assert counts["smsgate_messages_total{category=marketing,fate=sent,reason=,upstream=twilio}"] == 6
            assert counts["smsgate_upstream_seconds_count{upstream=twilio}"] == 3
            assert counts["smsgate_upstream_seconds_bucket{le=0.25,upstream=twilio}"] == 3
            assert counts["smsgate_open_attempts"] == 6
            assert counts["smsgate_in_doubt"] == 4  # each sees the same: not 12
            assert counts["smsgate_policy_workers{revision=rev-7}"] == 3

    def test_no_count_falls_from_scrape_to_scrape_whoever_answers(self, tmp_path: Path) -> None:
        one, other = Meter(tmp_path), Meter(tmp_path)
        one.store_away()
        one.store_away()
        assert scraped(one)["smsgate_store_away_total"] == 2
        assert scraped(other)["smsgate_store_away_total"] == 2  # although `one` has not saved by itself

    def test_a_workers_successor_goes_on_with_its_counts_but_not_with_its_gauges(self, tmp_path: Path) -> None:
        first = Meter(tmp_path)
        first.outcome("twilio", SENT)
        first.latency("twilio", 0.2)
        first.open_attempts(9)
        first.close()
        second = Meter(tmp_path)
        second.outcome("twilio", SENT)
        counts = scraped(second)
        assert counts["smsgate_messages_total{category=marketing,fate=sent,reason=,upstream=twilio}"] == 2
        assert counts["smsgate_upstream_seconds_count{upstream=twilio}"] == 1
        assert "smsgate_open_attempts" not in counts
        assert len(list(tmp_path.glob("*.json"))) == 1

    def test_a_killed_worker_leaves_its_counts_and_no_gauges(self, tmp_path: Path) -> None:
        here = Meter(tmp_path)
        killed = (
            "import os, signal, sys; from pathlib import Path; from gateway.telemetry import Meter;"
            "meter = Meter(Path(sys.argv[1])); meter.store_away(); meter.open_attempts(5); meter.save();"
            "os.kill(os.getpid(), signal.SIGKILL)"
        )
        subprocess.run([sys.executable, "-c", killed, str(tmp_path)], check=False)
        assert scraped(here) == {"smsgate_store_away_total": 1}

    def test_a_worker_under_another_set_of_policies_is_seen(self, tmp_path: Path) -> None:
        one, other = Meter(tmp_path), Meter(tmp_path)
        one.policies("rev-7", broken=False)
        other.policies("rev-7", broken=False)
        other.policies("rev-8", broken=False)
        other.save()
        counts = scraped(one)
        assert counts["smsgate_policy_workers{revision=rev-7}"] == 1
        assert counts["smsgate_policy_workers{revision=rev-8}"] == 1

    def test_a_file_that_a_power_cut_emptied_begins_anew(self, tmp_path: Path) -> None:
        Meter(tmp_path).close()
        (tmp_path / "1.json").write_bytes(b"")
        meter = Meter(tmp_path)
        meter.store_away()
        assert scraped(meter) == {"smsgate_store_away_total": 1}

    def test_a_disk_that_refuses_stops_no_counting(self, tmp_path: Path, logged: Logged) -> None:
        meter = Meter(tmp_path / "metrics")
        meter.store_away()
        os.rename(tmp_path / "metrics", tmp_path / "gone")  # noqa: PTH104 - as a volume goes away
        meter.save()
        assert logged.events()[-1]["event"] == "metrics can't be saved"

    async def test_counts_are_saved_without_being_asked(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("gateway.telemetry.meter.SAVE_EVERY", 0)
        saved = asyncio.Event()
        meter = Meter(tmp_path)
        monkeypatch.setattr(meter, "save", saved.set)
        task = asyncio.create_task(meter.keep_saving())
        await asyncio.wait_for(saved.wait(), 30)
        task.cancel()

    def test_no_number_and_no_text_is_in_the_metrics_or_their_file(self, tmp_path: Path) -> None:
        meter = Meter(tmp_path)
        meter.outcome("twilio", WITHHELD)
        exposed = meter.exposition() + (tmp_path / "1.json").read_bytes()
        assert NUMBER[1:].encode() not in exposed
        assert TEXT.encode() not in exposed

    @pytest.mark.parametrize("kind", list(Kind))
    def test_only_counts_outlive_their_worker(self, kind: Kind) -> None:
        assert kind.lasts == (kind in {Kind.COUNTER, Kind.HISTOGRAM})

    def test_a_shared_gauge_is_the_largest_of_what_workers_see(self) -> None:
        family = Family(Kind.SHARED, "x", "")
        family.cell()[0] = 2
        assert family.joined([{(): [5.0]}, {(): [1.0]}]) == {(): [5.0]}


class Logged:
    """What was written to the log."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def text(self) -> str:
        return self.stream.getvalue()

    def events(self) -> list[dict[str, object]]:
        return [orjson.loads(line) for line in self.text().splitlines()]


@pytest.fixture
def logged() -> Iterator[Logged]:
    """The whole process's logs, caught; afterwards they go where they went."""
    root = logging.getLogger()
    handlers, level, warned = root.handlers[:], root.level, warnings.showwarning
    caught = Logged()
    log_to(caught.stream)
    yield caught
    warnings.showwarning = warned
    structlog.reset_defaults()
    root.handlers, root.level = handlers, level


PERSONAL = [
    NUMBER,
    "12125550123",
    "(212) 555-0123",
    "212.555.0123",
    "212 555 0123",
    "%2B12125550123",
    "+44 7700 900123",
]


class TestLogs:
    def test_an_event_is_one_line_of_json_with_its_fields(self, logged: Logged) -> None:
        log.warning("store away", part="redis", tries=3, after=0.25, good=False, since=None)
        (event,) = logged.events()
        assert datetime.fromisoformat(str(event.pop("at"))).tzinfo is UTC
        assert event == {
            "event": "store away",
            "level": "warning",
            "part": "redis",
            "tries": 3,
            "after": 0.25,
            "good": False,
            "since": None,
        }

    @pytest.mark.parametrize("personal", PERSONAL)
    def test_a_number_is_hidden_wherever_it_stands(self, logged: Logged, personal: str) -> None:
        log.info(f"no answer for {personal}", part=f"to={personal}", parts=[personal], more={personal: {"a": personal}})
        assert personal not in logged.text()
        assert logged.text().count("[hidden]") == 5

    @pytest.mark.parametrize(
        "kept",
        [
            "2026-11-24",
            "2026-11-24T08:00:00.123456+00:00",
            "192.168.100.10:8080",
            "47 CFR 64.1200(c)(1)",
            "0.0.0.0:2525",
            "us-federal/quiet-hours",
            "5f0aa1b2c3d4e5f60718293a4b5c6d7e",
            "line 123456 of 200000",
        ],
    )
    def test_what_is_no_number_is_kept(self, logged: Logged, kept: str) -> None:
        log.info("it is so", why=kept)
        assert logged.events()[0]["why"] == kept

    @pytest.mark.parametrize(
        "name",
        [
            *("text", "body", "Body", "message_text", "to", "from", "number", "phone", "recipient", "sender", "secret"),
            *("auth_token", "password", "authorization", "key", "url", "query", "headers", "message", "detail"),
        ],
    )
    def test_a_telling_field_is_hidden_whatever_it_holds(self, logged: Logged, name: str) -> None:
        log.info("sent", **{name: TEXT})
        assert logged.events()[0][name] == "[hidden]"
        log.info("sent", inside={name: TEXT})
        assert TEXT not in logged.text()

    @pytest.mark.parametrize("value", [ANN, NUMBER.encode(), {TEXT}, object(), 12125550123, TEXT.split])
    def test_of_what_is_no_plain_value_only_the_type_is_told(self, logged: Logged, value: object) -> None:
        log.info("sent", what=value)
        assert "2125550123" not in logged.text()
        assert TEXT not in logged.text()

    @pytest.mark.parametrize(
        ("value", "told"),
        [
            (date(2026, 11, 24), "2026-11-24"),
            (Path("data") / "audit", "data/audit"),
            (Fate.IN_DOUBT, "in doubt"),
            ((1, 2), [1, 2]),
        ],
    )
    def test_plain_values_are_told(self, logged: Logged, value: object, told: object) -> None:
        log.info("so", what=value)
        assert logged.events()[0]["what"] == told

    def test_of_a_strangers_error_only_type_and_place_are_told(self, logged: Logged) -> None:
        try:
            raise ValueError(f"cannot encode {TEXT} for {NUMBER}")
        except ValueError:
            log.exception("a task failed")
        (event,) = logged.events()
        assert event["error"] == "ValueError"
        assert str(event["where"]).startswith("['test_telemetry.py:")
        assert TEXT not in logged.text()
        assert NUMBER not in logged.text()

    def test_our_own_errors_are_told_in_full(self, logged: Logged) -> None:
        try:
            try:
                raise OSError(TEXT)
            except OSError as cause:
                raise StoreAway("the store gives no answer") from cause
        except StoreAway as error:
            log.error("nothing was sent", exc_info=error)
        (event,) = logged.events()
        assert (event["error"], event["why"], event["cause"]) == ("StoreAway", "the store gives no answer", "OSError")
        assert TEXT not in logged.text()

    def test_of_what_libraries_log_only_the_fixed_sentence_is_kept(self, logged: Logged) -> None:
        logging.getLogger("aiohttp.server").error("Error handling request from %s", f"/{NUMBER}?text={TEXT}")
        logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <Task " + TEXT)  # noqa: G003
        assert [(event["event"], event["library"]) for event in logged.events()] == [
            ("Error handling request from %s", "aiohttp.server"),
            ("Task exception was never retrieved", "asyncio"),
        ]
        assert TEXT not in logged.text()

    def test_a_task_that_fails_unseen_is_logged_without_its_words(self, logged: Logged) -> None:
        async def failing() -> None:
            raise ValueError(TEXT)

        loop = asyncio.new_event_loop()
        loop.call_exception_handler({"message": "Task failed", "exception": _raised(ValueError(TEXT))})
        loop.run_until_complete(asyncio.wait([loop.create_task(failing())]))
        loop.close()
        assert logged.events()[0]["error"] == "ValueError"
        assert TEXT not in logged.text()

    def test_warnings_go_the_same_way(self, logged: Logged) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn(f"strange text: {TEXT}", UserWarning, stacklevel=1)
        (event,) = logged.events()
        assert (event["category"], str(event["where"]).partition(":")[0]) == ("UserWarning", "test_telemetry.py")
        assert TEXT not in logged.text()

    def test_there_is_no_access_log(self, logged: Logged) -> None:
        logging.getLogger("aiohttp.access").info("GET /send?to=%s", NUMBER)
        assert logged.text() == ""

    def test_for_a_terminal_events_are_readable(self, logged: Logged) -> None:
        stream = io.StringIO()
        log_to(stream, "console")
        log.info("listening", address="127.0.0.1:8080", to=NUMBER)
        line = stream.getvalue()
        assert "listening" in line
        assert "address=127.0.0.1:8080" in line
        assert NUMBER not in line

    def test_what_is_below_the_level_is_not_logged(self, logged: Logged) -> None:
        log_to(logged.stream, level=logging.WARNING)
        log.info("listening")
        logging.getLogger("asyncio").info("poll")
        assert logged.text() == ""

    @given(
        digits=st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True), around=st.text(alphabet=" :;=/,.<>'\"", max_size=3)
    )
    def test_no_number_with_its_plus_ever_passes(self, digits: str, around: str) -> None:
        assert digits not in str(events_module._cleaned(f"x{around}{digits}{around}x"))


def _raised(error: Exception) -> Exception:
    try:
        raise error
    except ValueError as raised:
        return raised


def test_a_log_on_a_full_disk_ends_nothing():
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    log_to(Full())
    log.warning("the store is away")
    logging.getLogger("asyncio").error("a library's trouble")
