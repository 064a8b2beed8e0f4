"""``Witness``: a key, the logs that it follows, and what it signed last."""

import threading
from collections.abc import Callable

from keys.note import Signature, SigningKey
from mirror.witness.judge import Logs, check_extends, signed_tree
from mirror.witness.state import State
from mirror.witness.wire import Request


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
            RefusalError: It is not given, and why.
            StoreError: The state can't be read or written; nothing was signed.
        """
        tree = signed_tree(request, self._logs)  # costly, so before the lock
        with self._one, self._state.locked():
            known = self._state.read(tree.origin)
            check_extends(request, tree, known)
            if tree != known:
                self._state.write(tree)
            return self._key.cosign(request.note.text, int(self._clock()))
