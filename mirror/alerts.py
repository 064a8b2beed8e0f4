"""Alerts: one message for one event, by every route that the operator named.

An event is open from ``raise_`` to ``clear``; while it is, raising it again sends nothing.
What could not be sent is kept, durably, and tried again at the next chance: the next
``raise_``, ``clear`` or ``deliver``. A route that times out may still have got the message,
so the promise is "at least once"; in all ordinary cases it is once.
"""

import asyncio
import contextlib
import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import structlog

from mirror.errors import MirrorError
from mirror.status import Problem

SEND_TIMEOUT: Final = timedelta(seconds=15)

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One event and who was told.

    Attributes:
        problem: What is the matter; its ``key`` names the event.
        told: Routes that took the message, by ``route_id``.
        over: When the event ended, or None while it lasts.
    """

    problem: Problem
    told: tuple[str, ...] = ()
    over: datetime | None = None


class AlertStore(Protocol):
    """Where alerts outlive the process: at most one for each ``problem.key``."""

    async def load(self) -> tuple[Alert, ...]:
        """Every alert that was saved and not dropped."""
        ...

    async def save(self, alert: Alert) -> None:
        """Insert ``alert``, or replace the one with its key; durable on return."""
        ...

    async def drop(self, key: str) -> None:
        """Forget the alert with that key; where there is none, that succeeds."""
        ...


class MemoryAlertStore:
    """An ``AlertStore`` that forgets with the process."""

    def __init__(self) -> None:
        self._alerts: dict[str, Alert] = {}

    async def load(self) -> tuple[Alert, ...]:
        """Every alert that was saved and not dropped."""
        return tuple(self._alerts.values())

    async def save(self, alert: Alert) -> None:
        """Insert or replace."""
        self._alerts[alert.problem.key] = alert

    async def drop(self, key: str) -> None:
        """Forget."""
        self._alerts.pop(key, None)


class Alerts:
    """The open events of one newsroom.

    Calls may overlap. ``raise_`` and ``clear`` return when the event is stored; sending goes
    on in the background, so that a slow route delays no round. No error of a route comes out.

    Args:
        newsroom: Stands at the start of every message.
        routes: Apprise URLs. They hold secrets, and are neither stored nor logged.
        store: Where events are kept.
        now: The clock, UTC.
        timeout: For one route and one message.
        failed: Called once for every message that a route did not take.
    """

    def __init__(
        self,
        newsroom: str,
        routes: Sequence[str],
        store: AlertStore,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        timeout: timedelta = SEND_TIMEOUT,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        self._newsroom = newsroom
        self._routes = {route_id(route): route for route in routes}
        self._store = store
        self._now = now
        self._timeout = timeout
        self._failed = failed
        self._open: dict[str, Alert] | None = None
        self._guard = asyncio.Lock()
        self._sending: asyncio.Task[None] | None = None
        self._again = False

    async def raise_(self, problem: Problem) -> None:
        """The event is on: tell, unless everybody was told since it began."""
        async with self._guard:
            alerts = await self._loaded()
            known = alerts.get(problem.key)
            if known is None or known.over is not None:
                await self._keep(Alert(problem=problem))
                _log.warning(
                    "alert.raised",
                    newsroom=self._newsroom,
                    key=problem.key,
                    what=problem.what,
                    why=problem.why,
                )
        self._send_soon()

    async def clear(self, key: str) -> None:
        """The event is over; what nobody was told of yet is still told, as over."""
        if self._open is not None and not self._open:
            return  # as most times: no event is on, and nothing is left to send
        async with self._guard:
            known = (await self._loaded()).get(key)
            if known is not None and known.over is None:
                await self._keep(replace(known, over=_whole(self._now())))
                _log.info("alert.cleared", newsroom=self._newsroom, key=key)
        self._send_soon()

    async def problems(self) -> tuple[Problem, ...]:
        """The events that are on, oldest first."""
        async with self._guard:
            alerts = (await self._loaded()).values()
            lasting = (alert.problem for alert in alerts if alert.over is None)
            return tuple(sorted(lasting, key=lambda problem: (problem.since, problem.key)))

    async def deliver(self) -> None:
        """Send what is owed; returns when every route was tried once."""
        self._send_soon()
        if self._sending is not None:
            await asyncio.shield(self._sending)

    async def close(self, *, within: timedelta | None = None) -> None:
        """Send what is owed, ``within`` (``timeout``); what remains is kept for the next start."""
        try:
            async with asyncio.timeout((within or self._timeout).total_seconds()):
                await self.deliver()
        except TimeoutError:
            _log.warning("alert.unsent_at_end", newsroom=self._newsroom)
        if self._sending is not None:
            self._sending.cancel()

    def _send_soon(self) -> None:
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send_all())
        else:
            self._again = True

    async def _send_all(self) -> None:
        self._again = True
        while self._again:
            self._again = False
            try:
                await self._send_round()
            except MirrorError as error:  # the store; what it holds is tried at the next chance
                self._failed()
                _log.error("alert.store_failed", newsroom=self._newsroom, problem=str(error))

    async def _send_round(self) -> None:
        async with self._guard:
            waiting = tuple((await self._loaded()).values())
        for alert in waiting:
            for route in self._routes.keys() - set(alert.told):
                await self._send(alert, route)
            await self._forget_if_done(alert.problem.key)

    async def _send(self, alert: Alert, route: str) -> None:
        title, body = message(self._newsroom, alert)
        problem = await send(self._routes[route], title, body, within=self._timeout)
        if problem:
            self._failed()
            _log.error(
                "alert.not_sent",
                newsroom=self._newsroom,
                key=alert.problem.key,
                route=route,
                problem=problem,
                remedy="it is tried again; check [alerts] urls",
            )
            return
        async with self._guard:
            now = (await self._loaded()).get(alert.problem.key)
            if now is not None and now.problem.since == alert.problem.since:
                await self._keep(replace(now, told=(*now.told, route)))

    async def _forget_if_done(self, key: str) -> None:
        async with self._guard:
            alert = (await self._loaded()).get(key)
            if alert is None or alert.over is None:
                return
            if not self._routes.keys() - set(alert.told):
                await self._store.drop(key)
                (await self._loaded()).pop(key, None)

    async def _keep(self, alert: Alert) -> None:
        await self._store.save(alert)
        (await self._loaded())[alert.problem.key] = alert

    async def _loaded(self) -> dict[str, Alert]:
        if self._open is None:
            self._open = {alert.problem.key: alert for alert in await self._store.load()}
        return self._open


def route_id(route: str) -> str:
    """A short name for a route, the same after a restart, that gives no secret away."""
    return hashlib.sha256(route.encode()).hexdigest()[:8]


def message(newsroom: str, alert: Alert) -> tuple[str, str]:
    """Title and text: what, since when, why, what to do."""
    problem = alert.problem
    lines = [f"{problem.what}", f"Since: {_utc(problem.since)}"]
    if alert.over is not None:
        lines.append(f"Over since: {_utc(alert.over)}; this message could not be sent before.")
    if problem.why:
        lines.append(f"Why: {problem.why}")
    if problem.remedy:
        lines.append(f"What to do: {problem.remedy}")
    return f"{newsroom}: {problem.what}", "\n".join(lines)


async def send(route: str, title: str, body: str, *, within: timedelta) -> str:
    """Send by one Apprise URL; empty where it was taken, else what went wrong.

    It runs in a thread that does not outlive the process: apprise blocks, and a route that
    hangs must not keep the service from ending.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()

    def tell(problem: str) -> None:
        if not answer.done():
            answer.set_result(problem)

    def work() -> None:
        try:
            problem = _notify(route, title, body)
        except Exception as error:  # noqa: BLE001 - a plug-in may raise anything
            problem = type(error).__name__
        with contextlib.suppress(RuntimeError):  # the loop ended first
            loop.call_soon_threadsafe(tell, problem)

    threading.Thread(target=work, name="alert", daemon=True).start()
    try:
        async with asyncio.timeout(within.total_seconds()):
            return await answer
    except TimeoutError:
        return f"no answer within {within.total_seconds():g} s"


def _notify(route: str, title: str, body: str) -> str:
    import apprise  # noqa: PLC0415  # with the first message: the service starts without it

    target = apprise.Apprise()
    if not target.add(route):
        return "is no address that apprise knows"
    taken = target.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT)
    return "" if taken else "the route did not take the message"


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
