"""``Witness``: a key, the logs that it follows, and what it signed last."""

import threading
from collections.abc import Callable
from pathlib import Path

import structlog

from keys.checkpoint import Checkpoint
from keys.note import Signature, SigningKey
from mirror.errors import StoreError
from mirror.witness.errors import RefusalError
from mirror.witness.judge import Head, Logs, check_extends, signed_head, what_shows
from mirror.witness.state import State
from mirror.witness.wire import Request

_log = structlog.get_logger(__name__)


class Witness:
    """Cosigns heads that extend what it cosigned before. Calls may overlap; each is whole."""

    def __init__(
        self, key: SigningKey, logs: Logs, state: State, clock: Callable[[], float]
    ) -> None:
        """A witness that signs with ``key``, of kind ``COSIGNATURE``.

        Args:
            key: Its own.
            logs: Which logs it follows, and their keys.
            state: What it remembers.
            clock: POSIX seconds now.
        """
        self._key = key
        self._logs = logs
        self._state = state
        self._clock = clock
        self._one = threading.Lock()

    def add(self, request: Request) -> Signature:
        """The cosignature that ``request`` asks for; what it means is on disk by then.

        Raises:
            RefusalError: It is not given, and why; a head that may show a second history is kept.
            StoreError: The state can't be read or written; nothing was signed.
        """
        head = signed_head(request.note, self._logs)  # costly, so before the lock
        with self._one, self._state.locked():
            known = self._state.read(head.tree.origin)
            try:
                check_extends(request, head.tree, known)
            except RefusalError as refusal:
                refusal.origin = head.tree.origin
                refusal.evidence = self._keep(head, known, refusal)
                raise
            if head.tree != known:
                self._state.write(head)
                _log.info("witness.cosigned", log=head.tree.origin, size=head.tree.size)
            return self._key.cosign(request.note.text, int(self._clock()))

    def _keep(self, head: Head, known: Checkpoint, refusal: RefusalError) -> Path | None:
        shows = what_shows(head.tree, known, refusal)
        if shows is None:
            return None
        try:
            return self._state.keep(shows, head)
        except StoreError as error:  # the refusal counts more
            _log.error("witness.evidence_not_kept", log=head.tree.origin, problem=str(error))
            return None
