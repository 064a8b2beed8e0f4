"""One newsroom's service: poll, read, publish, push; what it found; what it shows."""

from mirror.service.report import Report
from mirror.service.service import Service

__all__ = ["Report", "Service"]
