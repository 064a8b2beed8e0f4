"""The operator's web part: ``make_app`` and ``start_web``."""

from mirror.web.app import GetStatus, make_app, start_web
from mirror.web.guard import check_access, is_loopback

__all__ = ["GetStatus", "check_access", "is_loopback", "make_app", "start_web"]
