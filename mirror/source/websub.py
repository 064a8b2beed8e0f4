"""``Subscription``: a source's hub tells us of news (W3C WebSub). Pure; no I/O.

The hub is not trusted: what it sends is never published. It only has the source asked at once,
and only where its signature is right, so a forged message costs nothing.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from mirror.source.hub import Offer

LEASE: Final = timedelta(days=7)  # that we ask for
MAX_LEASE: Final = timedelta(days=30)  # a longer one is taken for this
DEFAULT_LEASE: Final = timedelta(days=1)  # where the hub does not say
RETRY: Final = timedelta(hours=1)  # after the hub refused, or did not confirm
MAX_CHALLENGE_CHARS: Final = 1_000
_HASHES: Final = {"sha1", "sha256", "sha384", "sha512"}  # W3C WebSub, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One source at one hub.

    Attributes:
        source: Name of the source.
        offer: The hub, and what it calls the source.
        path: Last part of the callback's address: 32 random hex digits.
        secret: By which the hub signs what it sends: 64 random hex digits.
        asked: When the hub was last asked, UTC, or None.
        expires: Until when it tells us, UTC; None before it confirmed.
        problem: Why it does not, in words, or empty.
    """

    source: str
    offer: Offer
    path: str
    secret: str
    asked: datetime | None = None
    expires: datetime | None = None
    problem: str = ""

    @classmethod
    def new(cls, source: str, offer: Offer) -> Self:
        """One that nobody knows of yet."""
        path, secret = secrets.token_hex(16), secrets.token_hex(32)
        return cls(source=source, offer=offer, path=path, secret=secret)

    def is_active(self, now: datetime) -> bool:
        """Whether the hub tells us of news."""
        return self.expires is not None and now < self.expires

    def is_due(self, now: datetime) -> bool:
        """Whether to ask the hub: for the first time, again, or for a longer lease."""
        if self.asked is None:
            return True
        if self.expires is None or now >= self.expires:
            return now - self.asked >= RETRY
        return self.expires - now < (self.expires - self.asked) / 3

    def request(self, callback: str) -> dict[str, str]:
        """The form that the hub is sent (5.1); ``callback`` is the base of our address."""
        return {
            "hub.mode": "subscribe",
            "hub.topic": self.offer.topic,
            "hub.callback": callback + self.path,
            "hub.secret": self.secret,
            "hub.lease_seconds": str(round(LEASE.total_seconds())),
        }

    def was_asked(self, now: datetime, problem: str = "") -> Self:
        """After the hub was asked: it took that, or not."""
        return replace(self, asked=now, problem=problem)

    def confirmed(self, query: Mapping[str, str], now: datetime) -> Self | None:
        """After the hub asked whether we meant it (5.3); None: we did not."""
        challenge = query.get("hub.challenge", "")
        meant = query.get("hub.mode") == "subscribe" and self.asked is not None
        if not meant or query.get("hub.topic") != self.offer.topic:
            return None
        if not challenge or len(challenge) > MAX_CHALLENGE_CHARS:
            return None
        return replace(self, expires=now + lease(query.get("hub.lease_seconds", "")), problem="")

    def denied(self, query: Mapping[str, str]) -> Self | None:
        """After the hub said that it won't tell us (5.2); None: it did not say that."""
        if query.get("hub.mode") != "denied" or query.get("hub.topic") != self.offer.topic:
            return None
        reason = " ".join(query.get("hub.reason", "").split())[:200]
        return replace(
            self, expires=None, problem=f"the hub refused: {reason or 'it says no more'}"
        )

    def is_signed(self, signature: str, body: bytes) -> bool:
        """Whether ``X-Hub-Signature`` shows that the hub knows our secret (8)."""
        method, _, given = signature.strip().partition("=")
        if method.lower() not in _HASHES:
            return False
        right = hmac.new(self.secret.encode(), body, getattr(hashlib, method.lower())).hexdigest()
        return hmac.compare_digest(right.encode(), given.strip().lower().encode())


def lease(seconds: str) -> timedelta:
    """``hub.lease_seconds`` as a span of at most ``MAX_LEASE``."""
    if not (seconds.isascii() and seconds.isdigit()) or int(seconds[:9]) == 0:
        return DEFAULT_LEASE
    return min(timedelta(seconds=int(seconds[:9])), MAX_LEASE)
