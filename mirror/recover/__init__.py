"""Take over what a mirror holds, after a backup was restored or the database was lost."""

from mirror.recover.recover import Recovered, recover

__all__ = ["Recovered", "recover"]
