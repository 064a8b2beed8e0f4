"""Bring mirrors up to date: one GET, then only what changed, the head last (format 7)."""

import asyncio
import time
import traceback
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import structlog

from feeds.errors import FeedsError
from mirror.errors import EndpointError, EndpointUnreachableError, LogBehindError, MirrorError
from mirror.publish.delivery import Delivery
from mirror.publish.heads import VerifyHead
from mirror.publish.outcome import Outcome, Target, Trouble
from mirror.publish.published import Published
from mirror.publish.standing import ForeignHeadError

log: Final = structlog.get_logger(__name__)


async def push_all(
    targets: Iterable[Target],
    ours: Published,
    *,
    verify_head: VerifyHead,
    now: datetime,
    refresh: timedelta,
) -> tuple[Outcome, ...]:
    """``bring_up_to_date`` for every target at once, each alone; outcomes in their order.

    Raises:
        LogBehindError: A mirror shows a larger head by our own key; the others were pushed.
    """
    jobs = [
        bring_up_to_date(target, ours, verify_head=verify_head, now=now, refresh=refresh)
        for target in targets
    ]
    outcomes = []
    for result in await asyncio.gather(*jobs, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
        outcomes.append(result)
    return tuple(outcomes)


async def bring_up_to_date(
    target: Target,
    ours: Published,
    *,
    verify_head: VerifyHead,
    now: datetime,
    refresh: timedelta,
) -> Outcome:
    """Put on one mirror what it lacks. Its own faults are told, never raised.

    With nothing new that is one GET of its head, and one PUT where the cosignature there is
    ``refresh`` old. Cut short at any point, the mirror keeps its old head, or has the new
    one with every file that it pins; another push makes it whole.

    Raises:
        LogBehindError: It shows a larger head by our own key: this machine was restored.
    """
    delivery = Delivery(target, ours)
    begun = time.monotonic()
    limit = target.pace.limit
    trouble, problem = None, None
    try:
        async with asyncio.timeout(limit.total_seconds() if limit else None):
            await delivery.run(verify_head, due=now - refresh)
    except LogBehindError:
        raise
    except TimeoutError:
        trouble = Trouble.UNFINISHED if delivery.advanced else Trouble.UNREACHABLE
        problem = f"mirror {delivery.name}: not done within {limit}; the next push goes on"
    except (MirrorError, FeedsError, OSError) as error:
        trouble, problem = _trouble(error), str(error)
    except Exception as error:  # noqa: BLE001 - one mirror's push never breaks the others
        trace = traceback.format_exc()  # ``log.exception`` may show variables: passwords
        log.critical("mirror.push_broke", mirror=delivery.name, trace=trace)
        trouble = Trouble.OURS
        problem = f"mirror {delivery.name}: a mistake in this program: {error!r}; please report it"
    finally:
        await delivery.close()
    return delivery.outcome(trouble, problem, time.monotonic() - begun)


def _trouble(error: Exception) -> Trouble:
    match error:
        case ForeignHeadError():
            return Trouble.FOREIGN
        case EndpointUnreachableError():
            return Trouble.UNREACHABLE
        case EndpointError():
            return Trouble.REFUSED
        case _:
            return Trouble.OURS
