"""What commands share that look into a newsroom's database while the service may run."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from typer import Option

if TYPE_CHECKING:
    from mirror.config import Config
    from mirror.store.database import Database

ConfigOption = Annotated[Path, Option("--config", help="The configuration, or a folder of them.")]
JsonOption = Annotated[bool, Option("--json", help="Answer as JSON.")]
DEFAULT_CONFIG: Final = Path("config.toml")
NEXT: Final = (
    "A running service does it within seconds; where none runs, do it with `tamizdat run --once`."
)


@asynccontextmanager
async def opened(config: "Config") -> "AsyncIterator[Database]":
    """The database of a newsroom, without its data folder's lock.

    Raises:
        StoreError: There is none yet, or it can't be opened.
    """
    from mirror.errors import StoreError
    from mirror.store.database import Database

    if not has_begun(config):
        raise StoreError(
            f"{_file(config)} is not there: nothing was read or published yet;"
            " `tamizdat run --once` begins"
        )
    database = await Database.open(config.store.database, config.store.data)
    try:
        yield database
    finally:
        await database.close()


def has_begun(config: "Config") -> bool:
    """Whether there is a database."""
    return config.store.database != "sqlite" or _file(config).exists()


def _file(config: "Config") -> Path:
    from mirror.store.database import SQLITE_FILE

    return config.store.data / SQLITE_FILE
