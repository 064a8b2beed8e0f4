"""The demo's parts, started in order and ended in reverse."""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from keys.keyring import fingerprint
from mirror.config import Config
from mirror.demo.nginx import Nginx, find_nginx
from mirror.demo.plan import Plan, check_ports, load_plan
from mirror.demo.settings import prepare
from mirror.demo.static import folder_app
from mirror.errors import MirrorError, StoreError, StoreLockedError
from mirror.keystore import keyring_path
from mirror.listening import serve
from mirror.newsroom.app import make_newsroom

GRACE_S: Final = 2.0  # for the service to end by itself; with the rest, 5 s at most


class Serve(Protocol):
    """The service: works for ``configs`` until ``stop`` is set."""

    def __call__(self, configs: tuple[Config, ...], /, *, stop: asyncio.Event) -> Awaitable[None]:
        """Return soon after ``stop`` is set."""
        ...


@dataclass(frozen=True, slots=True)
class Demo:
    """What runs: for those who tell of it."""

    folder: Path
    plan: Plan
    config: Config
    fingerprint: str
    webdav: bool


async def run_demo(
    folder: Path,
    serve: Serve,
    *,
    stop: asyncio.Event,
    tell: Callable[[Demo], None],
    base: int | None = None,
    every: timedelta | None = None,
) -> None:
    """Run a demo in ``folder``, an absolute path, until ``stop`` is set, or the service ends.

    ``tell`` is called once, when newsroom and mirrors answer and the service is about to.

    Raises:
        MirrorError: It can't be set up, or the service failed.
    """
    with _only_here(folder):
        plan = load_plan(folder, datetime.now(UTC), base=base, every=every)
        nginx, binary = Nginx(folder, plan), find_nginx()
        nginx.end_left_over()
        check_ports(folder, plan, webdav=binary is not None)
        config = prepare(folder, plan, webdav=binary is not None)
        async with _servers(folder, plan), _running(nginx, binary):
            tell(Demo(folder, plan, config, _fingerprint(config), binary is not None))
            await _serve(serve, config, stop)


async def _serve(serve: Serve, config: Config, stop: asyncio.Event) -> None:
    service = asyncio.ensure_future(serve((config,), stop=stop))
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((service, stopped), return_when=asyncio.FIRST_COMPLETED)
        done, _ = await asyncio.wait((service,), timeout=GRACE_S)
        if done:
            service.result()
    finally:
        for task in (service, stopped):
            task.cancel()
        await asyncio.wait((service, stopped), timeout=0.5)


@contextlib.asynccontextmanager
async def _servers(folder: Path, plan: Plan) -> AsyncIterator[None]:
    newsroom = make_newsroom(start=plan.start, every=plan.every, seed=plan.seed)
    apps = {
        "newsroom": newsroom,
        **{name: folder_app(folder / "mirrors" / name, plan.word(name)) for name in ("one", "two")},
    }
    async with contextlib.AsyncExitStack() as stack:
        for role, app in apps.items():
            try:
                runner = await serve(app, "127.0.0.1", plan.port(role))
            except OSError as error:
                raise MirrorError(f"port {plan.port(role)} ({role}): {error.strerror}") from error
            stack.push_async_callback(runner.cleanup)
        yield


@contextlib.asynccontextmanager
async def _running(nginx: Nginx, binary: str | None) -> AsyncIterator[None]:
    if binary is None:
        yield
        return
    await nginx.start(binary)
    try:
        yield
    finally:
        await nginx.stop()


@contextlib.contextmanager
def _only_here(folder: Path) -> Iterator[None]:
    """One demo in one folder at a time; the lock goes with the process."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / "demo.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"{folder}: {error.strerror}; choose another with --folder") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreLockedError(str(folder)) from error
        yield
    finally:
        os.close(handle)


def _fingerprint(config: Config) -> str:
    return fingerprint(keyring_path(config.trust.keys, 1).read_bytes())
