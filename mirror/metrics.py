"""Numbers for Prometheus: what the service counts, and what it is like now.

A registry of our own, so that two services in one process (tests) don't share numbers.
Nothing here counts or names readers.
"""

from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from mirror.status import Health, Status

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counters that the service moves on, gauges that are set from a ``Status``."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._polls = self._counter("polls", "Polls of a source.", "source", "outcome")
        self._articles = self._counter("articles", "Versions of articles published.")
        self._holds = self._counter("holds", "Articles held back for a person.")
        self._editions = self._counter("editions", "Editions signed.")
        self._pushes = self._counter(
            "pushes", "Rounds of pushing to a mirror.", "mirror", "outcome"
        )
        self._errors = self._counter("errors", "What fell short, by kind.", "kind")
        self._size = self._gauge("head_size", "Entries in the log.")
        self._age = self._gauge("head_age_seconds", "Since the head was last cosigned.")
        self._expiry = self._gauge("keyring_expires", "When the keyring expires, Unix time.")
        self._held = self._gauge("held_articles", "Articles that wait for a person.")
        self._problems = self._gauge("problems", "Open problems.")
        self._lag = self._gauge("mirror_lag_seconds", "How far a mirror is behind.", "mirror")
        self._theirs = self._gauge("mirror_size", "Size of the mirror's head.", "mirror")
        self._up = self._gauge("mirror_up", "1 where a mirror is current.", "mirror")
        self._source_up = self._gauge("source_up", "1 where the newest poll went well.", "source")

    def polled(self, newsroom: str, source: str, outcome: str) -> None:
        """One poll ended: ``changed``, ``unchanged`` or ``failed``."""
        self._polls.labels(newsroom, source, outcome).inc()

    def published(self, newsroom: str, articles: int) -> None:
        """An edition with that many new or changed articles was signed."""
        self._editions.labels(newsroom).inc()
        self._articles.labels(newsroom).inc(articles)

    def held(self, newsroom: str) -> None:
        """One article was held back."""
        self._holds.labels(newsroom).inc()

    def pushed(self, newsroom: str, mirror: str, outcome: str) -> None:
        """One push ended: ``done``, ``nothing`` or ``failed``."""
        self._pushes.labels(newsroom, mirror, outcome).inc()

    def failed(self, newsroom: str, kind: str) -> None:
        """Something fell short; ``kind`` is one of a few words, never a text."""
        self._errors.labels(newsroom, kind).inc()

    def show(self, statuses: Iterable[Status]) -> None:
        """Set every gauge from ``statuses``; what is no longer in them is gone."""
        for gauge in self._gauges:
            gauge.clear()
        for status in statuses:
            self._show(status)

    def expose(self) -> bytes:
        """The text format that Prometheus reads."""
        return generate_latest(self.registry)

    def _show(self, status: Status) -> None:
        name = status.newsroom
        if status.head is not None and status.head_age is not None:
            self._size.labels(name).set(status.head.size)
            self._age.labels(name).set(status.head_age.total_seconds())
            day = status.head.keyring_expires.toordinal() - _EPOCH
            self._expiry.labels(name).set(day * 86_400)
        self._held.labels(name).set(len(status.held))
        self._problems.labels(name).set(len(status.problems))
        for source in status.sources:
            self._source_up.labels(name, source.name).set(source.health is Health.UP)
        for mirror in status.mirrors:
            self._lag.labels(name, mirror.name).set(mirror.lag_s)
            self._theirs.labels(name, mirror.name).set(mirror.size or 0)
            self._up.labels(name, mirror.name).set(mirror.health is Health.UP)

    @property
    def _gauges(self) -> tuple[Gauge, ...]:
        return tuple(value for value in vars(self).values() if isinstance(value, Gauge))

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"tamizdat_{name}", text, ("newsroom", *labels), registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"tamizdat_{name}", text, ("newsroom", *labels), registry=self.registry)


_EPOCH: Final = 719_163  # date(1970, 1, 1).toordinal()
