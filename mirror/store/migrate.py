"""Bring a database to the newest schema; the only import of ``alembic``."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from mirror.errors import StoreError


def upgrade(connection: Connection, migrations: Path, version: str | None) -> None:
    """Run every migration after ``version``, inside the transaction of ``connection``.

    Raises:
        StoreError: The database is of a newer version of this program.
    """
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise StoreError(
            f"the database has schema {version}, which this version does not know:"
            " install the version that wrote it, or a newer one"
        )
    if connection.dialect.name == "sqlite":
        # Its driver begins no transaction before a table is made: a crash would leave half.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    command.upgrade(config, "head")
