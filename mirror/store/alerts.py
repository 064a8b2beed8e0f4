"""Alerts that outlive the process: the ``AlertStore`` in the database."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from mirror.alerts import Alert
from mirror.status import Problem
from mirror.store.database import Database, upsert
from mirror.store.tables import ALERTS


class DatabaseAlertStore:
    """See ``mirror.alerts.AlertStore``."""

    def __init__(self, database: Database) -> None:
        """Alerts of the newsroom that ``database`` is of."""
        self._database = database

    async def load(self) -> tuple[Alert, ...]:
        """Every alert that was saved and not dropped."""
        async with self._database.begin() as connection:
            rows = await connection.execute(select(ALERTS.c.alert).order_by(ALERTS.c.key))
            return tuple(_decode(text) for text in rows.scalars())

    async def save(self, alert: Alert) -> None:
        """Insert or replace; durable on return."""
        async with self._database.begin() as connection:
            row = {"key": alert.problem.key[:300], "alert": _encode(alert)}
            await upsert(connection, ALERTS, [row])

    async def drop(self, key: str) -> None:
        """Forget."""
        async with self._database.begin() as connection:
            await connection.execute(delete(ALERTS).where(ALERTS.c.key == key[:300]))


def _encode(alert: Alert) -> str:
    problem = alert.problem
    fields = {
        "key": problem.key,
        "what": problem.what,
        "since": problem.since.isoformat(),
        "why": problem.why,
        "remedy": problem.remedy,
        "told": alert.told,
        "over": alert.over and alert.over.isoformat(),
    }
    return json.dumps(fields, ensure_ascii=False, sort_keys=True)


def _decode(text: str) -> Alert:
    fields: dict[str, Any] = json.loads(text)
    told, over = fields.pop("told"), fields.pop("over")
    problem = Problem(**fields | {"since": datetime.fromisoformat(fields["since"])})
    return Alert(
        problem=problem, told=tuple(told), over=datetime.fromisoformat(over) if over else None
    )
