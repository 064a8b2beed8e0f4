"""The honest publisher of the zoo: two roots of two, a log key, a clock, and what they make."""

import copy
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from feeds.edition import Entry
from feeds.paths import CHECKPOINT, SUMS
from keys.ceremony import finish, join, next_keyring, replace_key
from keys.checkpoint import Checkpoint
from keys.keyring import Keyring, SignedKeyring
from keys.merkle import root
from keys.note import Kind, Note, SigningKey
from keys.standing import Ending
from keys.tiles import append, tile_reader
from tests.feeds.tree import ORIGIN, SignedTree, article, earlier, feed, key, picture, sha

NOW = datetime.now(UTC).replace(microsecond=0)
ROOTS = [key(f"{ORIGIN}/root/{letter}") for letter in "ab"]
NEW_LOG = SigningKey(ORIGIN, Kind.ED25519, b"n" * 32)
EXPIRES = NOW.date() + timedelta(days=60)
CORRECTED = article(1, "corrected")[1]

Files = dict[str, bytes]


class Newsroom(SignedTree):
    """A publisher at its first edition, which stays in ``first``.

    Args:
        listed: The address in the list of mirrors; by default, one where nobody answers.
    """

    def __init__(self, listed: str = "http://127.0.0.1:9/") -> None:
        super().__init__(time=NOW - timedelta(hours=3))
        self.roots, self.threshold = ROOTS, 2
        self.keyring = self.make_keyring(1, expires=EXPIRES)
        self.fill(listed=listed)
        self.first = dict(self.files)

    def go_on(self) -> "Newsroom":
        """The second edition."""
        self.publish(
            dict([article(1, "corrected"), earlier(article(1)[1]), article(9), picture(b"new")]),
            {"index.html": b"<!doctype html>\n<title>today</title>\n", "feeds/all.atom": feed("9")},
        )
        return self

    def copy(self) -> "Newsroom":
        """The same publisher, who may do something else from now on."""
        other = copy.copy(self)
        other.files, other.editions = dict(self.files), dict(self.editions)
        return other

    def next_keyring(self, *, signers: int = 2, skip: bool = False) -> bytes:
        """The keyring after the present one, by so many roots; or the one after that."""
        old = SignedKeyring.parse(self.keyring)
        made = next_keyring(old.keyring, expires=date(2027, 6, 1))
        made = next_keyring(made, expires=date(2027, 7, 1)) if skip else made
        return _sign(made, signers).encode()

    def rotate(self, ending: Ending, *, good: int) -> None:
        """From now on another key signs; the old one ends at the tree of size ``good``."""
        old = SignedKeyring.parse(self.keyring)
        made = replace_key(
            old.keyring,
            self.log.verifier,
            NEW_LOG.verifier,
            last=Checkpoint(ORIGIN, good, root(good, tile_reader(good, self.files.__getitem__))),
            ending=ending,
            expires=EXPIRES,
        )
        self.keyring = finish(_sign(made, 2), old).encode()
        self.log = NEW_LOG

    def signed_by_nobody_else(self) -> bytes:
        """The head with the signature of the log key alone."""
        note = Note.parse(self.editions[self.size])
        return Note(note.text, note.signatures[:1]).encode()

    def log_raw(self, entry: bytes) -> None:
        """An edition with an entry that no honest publisher writes."""
        listed = Entry(sha(self.files[SUMS]), SUMS).encode()
        grown = append(self.size, [entry, listed], self.files.__getitem__)
        self.size = grown.size
        self.files |= grown.files
        self.files[CHECKPOINT] = self.editions[grown.size] = self.sign_head(grown.size, grown.root)

    def publish_as(self, log: SigningKey, leaves: Mapping[str, bytes | None]) -> None:
        """An edition whose head ``log`` signs."""
        kept, self.log = self.log, log
        self.publish(leaves)
        self.log = kept


def _sign(keyring: Keyring, count: int) -> Note:
    text = keyring.encode()
    notes = [Note(text, (one.sign(text),)).encode() for one in ROOTS[:count]]
    return join(text, notes, roots=[one.verifier for one in ROOTS])
