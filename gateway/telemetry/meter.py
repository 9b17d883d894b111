"""What is counted of the gateway, for Prometheus: by upstream, rule and reason, never by number."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from itertools import accumulate
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from gateway.telemetry.counts import Cells, Family, Kind, Slot
from gateway.telemetry.events import log
from gateway.words.decision import Action
from gateway.words.outcome import Outcome

SAVE_EVERY = 1.0  # seconds
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # buckets of a carrier's answer

MESSAGE = ("upstream", "fate", "reason", "category")
DOUBT = ("upstream", "listed")
KEY = ("key", "current")
FINDING = ("rule", "action", "observed")

_ACTIONS = tuple(action.name.lower() for action in Action)  # by value


class Meter:
    """Counts for one worker, and for all of them where they share a folder. A count costs 0.3 us."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder`: where the workers of one host keep their counts. Raises OSError."""
        self._messages = _counter("messages", "Messages by what became of them", *MESSAGE)
        self._findings = _counter("findings", "What rules said; observed ones changed nothing", *FINDING)
        self._replies = _counter("replies", "Recipients' replies by meaning", "upstream", "intent")
        self._suppressed = _counter("suppressed", "Suppressions written by their source", "source")
        self._unreadable = _counter("unreadable", "Sends refused since they made no sense", "upstream", "reason")
        self._http_refused = _counter("http_refused", "HTTP requests refused by cause", "cause")
        self._let_through = _counter("let_through", "Requests on paths that send, let through by name", "upstream")
        self._not_let_in = _counter("not_let_in", "Requests of nobody that may send, or too many, by cause", "cause")
        self._store_away = _counter("store_away", "Times that the store could not be used")
        self._upstream_away = _counter("upstream_away", "Requests without a carrier's answer", "upstream", "status")
        self._unsigned = _counter("webhooks_unsigned", "Webhooks refused for their signature", "upstream")
        self._legacy_away = _counter("legacy_away", "Webhooks that the legacy system left unanswered", "upstream")
        self._doubts_asked = _counter("doubts_asked", "Carriers asked about doubts by what they said", *DOUBT)
        self._calls = _counter("calls", "Calls owed to the legacy system, by what became of them", "upstream", "end")
        self._mails = _counter("mails", "What the mail door answered", "client", "command", "code")
        self._latency = Family(
            Kind.HISTOGRAM, "smsgate_upstream_seconds", "Until the carrier's answer", ("upstream",), SECONDS
        )
        self._open = _gauge(Kind.PER_WORKER, "open_attempts", "Attempts that are not settled yet")
        self._policies = _gauge(Kind.PER_WORKER, "policy_workers", "Workers that decide by this revision", "revision")
        self._broken = _gauge(Kind.PER_WORKER, "policies_broken", "Workers whose policy folder can't be loaded")
        self._waiting = _gauge(Kind.SHARED, "outbox_waiting", "Messages and calls in the outbox", "what")
        self._overdue = _gauge(Kind.SHARED, "outbox_overdue_seconds", "For how long the oldest could have left", "what")
        self._in_doubt = _gauge(Kind.SHARED, "in_doubt", "Attempts in doubt, for an operator to look at")
        self._drilled = _gauge(Kind.SHARED, "drill_passed_timestamp_seconds", "When a drill passed last")
        self._keys = _gauge(Kind.PER_WORKER, "key_workers", "Workers that know a key, by whether it is current", *KEY)
        self._under = _gauge(Kind.SHARED, "kept_under_key", "Things in the store that name a key", "key")
        self._families = [family for family in vars(self).values() if isinstance(family, Family)]
        self._slot = Slot(folder) if folder else None
        if self._slot:
            self._go_on(self._slot)

    def outcome(self, upstream: str, outcome: Outcome) -> None:
        """A message, decided and done with."""
        decision = outcome.decision
        deciding = decision.deciding
        reason = deciding.reason or "" if deciding else ""
        self._messages.count(upstream, outcome.fate, reason, outcome.message.category)
        for finding in decision.findings:
            self._findings.count(finding.rule, _ACTIONS[finding.action], "yes" if finding.observed else "no")

    def latency(self, upstream: str, seconds: float) -> None:
        self._latency.observe(seconds, upstream)

    def heard(self, upstream: str, intent: str) -> None:
        self._replies.count(upstream, intent)

    def suppressed(self, source: str) -> None:
        self._suppressed.count(source)

    def unreadable(self, upstream: str, reason: str) -> None:
        self._unreadable.count(upstream, reason)

    def http_refused(self, cause: str) -> None:
        self._http_refused.count(cause)

    def let_through(self, upstream: str) -> None:
        """It could be a send; an operator has named its path."""
        self._let_through.count(upstream)

    def not_let_in(self, cause: str) -> None:
        self._not_let_in.count(cause)

    def store_away(self) -> None:
        self._store_away.count()

    def upstream_away(self, upstream: str, status: int) -> None:
        self._upstream_away.count(upstream, str(status))

    def webhook_unsigned(self, upstream: str) -> None:
        self._unsigned.count(upstream)

    def legacy_away(self, upstream: str) -> None:
        self._legacy_away.count(upstream)

    def doubt_asked(self, upstream: str, listed: str) -> None:
        """A carrier was asked about an attempt in doubt. `listed`: a word of Listed; what was `found` is settled."""
        self._doubts_asked.count(upstream, listed)

    def called(self, upstream: str, end: str) -> None:
        """`end`: made, put off or given up."""
        self._calls.count(upstream, end)

    def mail(self, client: str, command: str, code: int) -> None:
        """`client`: its name; empty: nobody who may mail. `code`: SMTP's."""
        self._mails.count(client, command, str(code))

    def open_attempts(self, count: int) -> None:
        self._open.cell()[0] = count

    def in_doubt(self, count: int) -> None:
        self._in_doubt.cell()[0] = count

    def drilled(self, at: float) -> None:
        """A drill passed last at `at`, in seconds since 1970."""
        self._drilled.cell()[0] = at

    def outbox(self, what: str, waiting: int, overdue: float) -> None:
        """`what`: messages or calls. `overdue` in seconds."""
        self._waiting.cell(what)[0] = waiting
        self._overdue.cell(what)[0] = overdue

    def policies(self, revision: str, *, broken: bool) -> None:
        """This worker decides by `revision` and by no other; `broken`: the folder as it is now can't be loaded."""
        self._policies.cells.clear()
        self._policies.cell(revision)[0] = 1
        self._broken.cell()[0] = broken

    def keys(self, known: Mapping[str, bool]) -> None:
        """The ids of the keys that this worker knows, and whether each is current."""
        self._keys.cells.clear()
        for id_, current in known.items():
            self._keys.cell(id_, "yes" if current else "no")[0] = 1

    def kept_under(self, counts: Mapping[str, int]) -> None:
        """How many things in the store name each key, by its id, after a pass over all of it."""
        self._under.cells.clear()
        for id_, count in counts.items():
            self._under.cell(id_)[0] = count

    def exposition(self) -> bytes:
        """All workers' counts in Prometheus's text format."""
        self.save()
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Scrape(self._joined()))
        return generate_latest(registry)

    def save(self) -> None:
        """Let the other workers know. A disk that refuses is logged: counting never stops sending."""
        try:
            if self._slot:
                self._slot.save(self._families)
        except OSError as error:
            log.warning("metrics can't be saved", why=error.strerror)

    async def keep_saving(self) -> None:
        """For a task of its own: saves every second until it is cancelled."""
        while True:
            await asyncio.sleep(SAVE_EVERY)
            self.save()

    def close(self) -> None:
        self.save()
        if self._slot:
            self._slot.release()

    def _go_on(self, slot: Slot) -> None:
        """With the counts of the worker that had this slot before."""
        earlier = slot.earlier()
        for family in self._families:
            if family.kind.lasts:
                family.cells.update(earlier.get(family.name, {}))

    def _joined(self) -> Iterator[tuple[Family, Cells]]:
        others = list(self._slot.others(self._families)) if self._slot else []
        for family in self._families:
            yield family, family.joined(other.get(family.name, {}) for other in others)


def _counter(name: str, told: str, *labels: str) -> Family:
    return Family(Kind.COUNTER, f"smsgate_{name}", told, labels)


def _gauge(kind: Kind, name: str, told: str, *labels: str) -> Family:
    return Family(kind, f"smsgate_{name}", told, labels)


class _Scrape(Collector):
    """Counts as prometheus-client wants them to be handed over."""

    def __init__(self, joined: Iterator[tuple[Family, Cells]]) -> None:
        self._metrics = [_metric(family, cells) for family, cells in joined]

    def collect(self) -> Iterator[Metric]:
        return iter(self._metrics)


def _metric(family: Family, cells: Cells) -> Metric:
    if family.kind is Kind.HISTOGRAM:
        return _histogram(family, cells)
    shape = CounterMetricFamily if family.kind is Kind.COUNTER else GaugeMetricFamily
    metric: CounterMetricFamily | GaugeMetricFamily = shape(family.name, family.help, labels=family.labels)
    for labels, cell in cells.items():
        metric.add_metric(labels, cell[0])
    return metric


def _histogram(family: Family, cells: Cells) -> Metric:
    bounds = [*map(floatToGoString, family.buckets), "+Inf"]
    metric = HistogramMetricFamily(family.name, family.help, labels=family.labels)
    for labels, cell in cells.items():
        metric.add_metric(labels, list(zip(bounds, accumulate(cell[:-1]), strict=True)), cell[-1])
    return metric
