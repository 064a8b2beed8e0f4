"""What can go wrong in the service, grouped by what the caller does next.

MirrorError
├── ConfigError                     the operator edits the file
├── KeysError                       the operator mends keys or passphrase
├── StoreError
│   ├── StoreLockedError            another process works on this data folder
│   ├── StoreFullError              the operator frees space; then the round is run again
│   └── StoreDamagedError           the operator restores, or runs ``tamizdat recover``
├── PublishError
│   ├── ClockError                  the operator sets the clock
│   ├── LogConflictError            another writer signed; this one stops
│   ├── QuorumError                 too few witnesses signed; asked again
│   └── LogBehindError              a mirror shows a larger head by our own keys: ``recover``
│       └── WitnessAheadError       a witness says that it cosigned a larger one
├── WitnessError                    one witness gave no cosignature
├── HubError                        a WebSub hub was not told; the next change tells it again
├── RecoverError                    the operator names another mirror, or finds what is missing
├── SourceError
│   ├── SourceUnreachableError      try again at the next poll
│   ├── SourceRefusedError          the source, or a rule of ours, says no; waiting may help
│   └── SourceChangedError          a person looks at the extractor
└── EndpointError
    ├── EndpointUnreachableError    try again with backoff
    └── EndpointRefusedError        the operator fixes credentials or quota
"""

from datetime import datetime


class MirrorError(Exception):
    """Anything that ``mirror`` raises on purpose."""


class ConfigError(MirrorError):
    """The configuration can't be used; every mistake is named at once."""

    def __init__(self, file: str, mistakes: tuple[str, ...]) -> None:
        super().__init__("\n".join((f"{file}:", *(f"  {mistake}" for mistake in mistakes))))
        self.file = file
        self.mistakes = mistakes


class KeysError(MirrorError):
    """A key is missing, unreadable, or its passphrase is."""


class StoreError(MirrorError):
    """The data folder or the database can't be used."""


class StoreLockedError(StoreError):
    """Another process has the data folder."""

    def __init__(self, folder: str) -> None:
        super().__init__(
            f"data folder {folder} is in use by another tamizdat process;"
            " stop that one first, or give this one its own [store] data"
        )
        self.folder = folder


class StoreFullError(StoreError):
    """No space left on the disk."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"no space left to write {path}; nothing is lost: free some space and run again"
        )
        self.path = path


class StoreDamagedError(StoreError):
    """What is stored does not fit together."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"{problem}; nothing was signed: restore the data folder from a backup,"
            " or run `tamizdat recover --from MIRROR`"
        )


class PublishError(MirrorError):
    """Nothing was signed, for this reason."""


class ClockError(PublishError):
    """The machine's clock can't be right."""


class LogConflictError(PublishError):
    """The log moved on under us: another writer."""


class RecoverError(MirrorError):
    """A mirror's tree could not be taken over; nothing was changed."""


class LogBehindError(PublishError):
    """A mirror or witness shows a larger head by our own keys."""

    def __init__(self, mirror: str, theirs: int, ours: int) -> None:
        super().__init__(
            f"mirror {mirror} shows a head of size {theirs}, signed by our own key, but ours is"
            f" {ours}: this machine was restored from a backup, or another one publishes."
            f" Nothing was signed; run `tamizdat recover --from {mirror}`"
        )
        self.mirror = mirror
        self.theirs = theirs
        self.ours = ours


class WitnessAheadError(LogBehindError):
    """A witness says that it cosigned a larger tree; its word alone proves nothing."""

    def __init__(self, witness: str, theirs: int, ours: int) -> None:
        PublishError.__init__(
            self,
            f"witness {witness} says that it cosigned a tree of {theirs} entries, but ours has"
            f" {ours}: this machine was restored from a backup, or another one publishes. Nothing"
            " was signed; run `tamizdat recover --from MIRROR`. If you are sure that the witness"
            " lies, take its [[witness]] out of the configuration",
        )
        self.mirror = witness
        self.theirs = theirs
        self.ours = ours


class QuorumError(PublishError):
    """A head is short of its quorum: kept, and asked for again.

    ``since`` is when it was first asked for; ``missing`` says why, by the witness's name.
    """

    def __init__(
        self, size: int, reasons: tuple[str, ...], since: datetime, missing: dict[str, str]
    ) -> None:
        told = "; ".join(f"{name}: {problem}" for name, problem in missing.items())
        super().__init__(
            f"the head of {size} entries is held, and nothing is pushed: {' '.join(reasons)}"
            f" Missing: {told or 'nobody'}. It is asked for again at the next round"
        )
        self.size = size
        self.since = since
        self.missing = missing


class WitnessError(MirrorError):
    """One witness gave no cosignature."""

    def __init__(self, witness: str, problem: str) -> None:
        super().__init__(f"witness {witness}: {problem}")
        self.witness = witness
        self.problem = problem


class HubError(MirrorError):
    """A WebSub hub could not be told; ``again``: trying once more may help."""

    def __init__(self, hub: str, problem: str, *, again: bool) -> None:
        super().__init__(f"hub {hub}: {problem}")
        self.hub = hub
        self.problem = problem
        self.again = again


class SourceError(MirrorError):
    """One address of the newsroom's site could not be read.

    ``status`` is the HTTP status that came, 0 where none did; ``retry_after_s`` is how long
    the source asked us to wait, in seconds, or None.
    """

    def __init__(
        self, url: str, problem: str, *, status: int = 0, retry_after_s: int | None = None
    ) -> None:
        super().__init__(f"{url}: {problem}")
        self.url = url
        self.problem = problem
        self.status = status
        self.retry_after_s = retry_after_s


class SourceUnreachableError(SourceError):
    """No usable answer; the next poll may get one."""


class SourceRefusedError(SourceError):
    """A refusal, by the source (403, 410, a block page) or by our own limits."""


class SourceChangedError(SourceError):
    """An answer that no longer looks like what the rules expect."""


class EndpointError(MirrorError):
    """One mirror could not be written or read."""

    def __init__(self, mirror: str, problem: str) -> None:
        super().__init__(f"mirror {mirror}: {problem}")
        self.mirror = mirror
        self.problem = problem


class EndpointUnreachableError(EndpointError):
    """No usable answer; trying again may help."""


class EndpointRefusedError(EndpointError):
    """The mirror said no; trying again will not help."""
