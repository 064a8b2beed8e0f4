"""Moments as the tables have them: Unix seconds, 0 for none."""

from datetime import UTC, datetime


def stored(moment: datetime | None) -> int:
    """Whole Unix seconds; 0 for None."""
    return 0 if moment is None else int(moment.timestamp())


def moment(seconds: int) -> datetime:
    """The UTC moment of these Unix seconds."""
    return datetime.fromtimestamp(seconds, UTC)


def moment_or_none(seconds: int) -> datetime | None:
    """The same, with None for 0."""
    return moment(seconds) if seconds else None
