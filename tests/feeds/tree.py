"""A small genuine tree in a folder, made of nothing but ``keys`` and ``feeds.edition``.

``SignedTree(folder).fill()`` is a first edition; ``publish`` makes the next. ``plan`` gives the
writes of an edition in the order of format 7, so that a test can stop in the middle.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from feeds.edition import EMPTY_SHA, Entry, sums
from feeds.localise import CANONICAL_BASE, is_localised, localise, seal
from feeds.paths import (
    CHECKPOINT,
    MINISIG,
    SUMS,
    SUMS_AHEAD,
    keyring_path,
    needs_proof,
    proof_path,
)
from keys.checkpoint import Checkpoint
from keys.keyring import Keyring, fingerprint
from keys.merkle import inclusion_proof
from keys.minisign import sign as minisign
from keys.note import Note, SigningKey
from keys.policy import Group, Policy, Witness
from keys.proof import OfflineProof
from keys.standing import Former
from keys.tiles import append, tile_reader
from keys.verifier import Kind

ORIGIN = "news.example/mirror"
BEGIN = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MAX_AGE = timedelta(days=2)
BASE = "https://cloud.example/x7k2/"

Write = tuple[str, bytes | None]
"""A path and its bytes, or None to remove it."""


def key(name: str, kind: Kind = Kind.ED25519) -> SigningKey:
    """The same key for the same name, in every run."""
    return SigningKey(name, kind, hashlib.sha256(f"test {name} {kind}".encode()).digest())


def sha(data: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(data).hexdigest()


def article(number: int, text: str = "text") -> tuple[str, bytes]:
    """Path and page of an article."""
    name = sha(f"news.example/{number}".encode())[:16]
    page = f"<!doctype html>\n<title>{number}</title>\n<article>{text}</article>\n"
    return f"a/{name[:2]}/{name}.html", page.encode()


def earlier(page: bytes) -> tuple[str, bytes]:
    """Path and bytes of an earlier version."""
    return f"p/{sha(page)[:2]}/{sha(page)}.html", page


def picture(data: bytes = b"RIFF picture WEBP") -> tuple[str, bytes]:
    """Path and bytes of a picture."""
    return f"m/{sha(data)[:2]}/{sha(data)}.webp", data


def feed(*titles: str) -> bytes:
    """An Atom feed in canonical bytes."""
    entries = "".join(
        f'<entry><title>{title}</title><link href="{CANONICAL_BASE}a/00/{number}.html"/>'
        "<summary>see https://news.example/ for more</summary></entry>"
        for number, title in enumerate(titles)
    )
    text = f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>\n'
    return seal(text.encode(), "xml")


class SignedTree:
    """A publisher of one tree.

    Args:
        folder: Where the tree is written; None to keep it in ``files`` alone.
        time: Of the first edition; each further one is a minute later.
        base: Localised files are written for this address; None for canonical bytes.
    """

    def __init__(
        self, folder: Path | None = None, *, time: datetime = BEGIN, base: str | None = None
    ) -> None:
        self.folder = folder
        self.time = time
        self.base = base
        self.files: dict[str, bytes] = {}
        self.roots = [key("news.example/root/a")]
        self.threshold = 1
        self.log = key(ORIGIN)
        self.clock = key("news.example/clock", Kind.COSIGNATURE)
        self.size = 0
        self.editions = {0: b""}
        self._mutable: dict[str, bytes] = {}
        self._index: dict[str, tuple[int, str]] = {}
        self.keyring = self.make_keyring(1)

    @property
    def fingerprint(self) -> str:
        """Of the newest keyring."""
        return fingerprint(self.keyring)

    def make_keyring(
        self,
        version: int,
        *,
        expires: date = date(2027, 2, 24),
        former: Sequence[Former] = (),
        signers: Sequence[SigningKey] | None = None,
        threshold: int | None = None,
    ) -> bytes:
        """A keyring for the present keys, signed by ``signers`` or by all roots."""
        keyring = Keyring(
            origin=ORIGIN,
            version=version,
            expires=expires,
            max_age=int(MAX_AGE.total_seconds()),
            threshold=threshold or self.threshold,
            roots=tuple(root.verifier for root in self.roots),
            policy=Policy(
                logs=(self.log.verifier,),
                witnesses=(Witness("clock", self.clock.verifier),),
                groups=(Group("fresh", "all", ("clock",)),),
                quorum="fresh",
            ),
            former=tuple(former),
        )
        text = keyring.encode()
        lines = [root.sign(text) for root in (self.roots if signers is None else signers)]
        return Note(text).with_signatures(*lines).encode()

    def fill(self, articles: int = 3, *, listed: str = BASE) -> "SignedTree":
        """A first edition: articles, a picture, an earlier version, a front page, a feed.

        ``listed`` is the one address in the list of mirrors.
        """
        leaves = dict(article(number) for number in range(articles))
        leaves |= dict([picture(), earlier(article(0, "before")[1])])
        self.publish(
            leaves,
            {
                "index.html": b"<!doctype html>\n<title>The News</title>\n",
                "feeds/all.atom": feed("one", "two"),
                "mirrors.json": b'{"mirrors":[{"kind":"web","since":"2026-11-24","url":"%s"}],'
                b'"origin":"news.example/mirror","updated":"2026-11-24"}' % listed.encode(),
            },
        )
        return self

    def publish(
        self,
        leaves: Mapping[str, bytes | None] | None = None,
        mutable: Mapping[str, bytes | None] | None = None,
    ) -> "SignedTree":
        """The next edition, written in full."""
        self.write(self.plan(leaves, mutable))
        return self

    def plan(
        self,
        leaves: Mapping[str, bytes | None] | None = None,
        mutable: Mapping[str, bytes | None] | None = None,
    ) -> list[Write]:
        """The writes of the next edition in the order of format 7, the head last.

        A leaf that is None is logged with the hash of the empty file; a mutable file that is
        None is listed no more.
        """
        leaves, mutable = leaves or {}, dict(mutable or {})
        if self.size == 0 or self.files.get(self._keyring_path) != self.keyring:
            mutable[self._keyring_path] = self.keyring
        self._mutable = {
            path: data for path, data in (self._mutable | mutable).items() if data is not None
        }
        listed = sums({path: sha(data) for path, data in self._mutable.items()})
        head, tiles, entries = self._append({**leaves, SUMS: listed})
        proofs = {
            path: self._prove(path, number, head, tiles)
            for number, (path, _) in enumerate(entries, self.size - len(entries))
            if needs_proof(path) and leaves.get(path, b"") is not None
        }
        old = [path for path in leaves if path in self.files]
        return self._order(leaves, mutable, listed, proofs=proofs, tiles=tiles, head=head, old=old)

    def refresh(self, time: datetime | None = None) -> list[Write]:
        """The write of a head whose cosignature alone is newer."""
        self.time = time or self.time
        note = Note.parse(self.editions[self.size])
        head = note.with_signatures(self.clock.cosign(note.text, int(self.time.timestamp())))
        self.editions[self.size] = head.encode()
        return [(CHECKPOINT, head.encode())]

    def write(self, writes: Sequence[Write]) -> None:
        """Carry out some writes, in the folder as in ``files``."""
        for path, data in writes:
            if data is None:
                self.files.pop(path, None)
            else:
                self.files[path] = data
            if self.folder:
                _write(self.folder / path, data, self.base if is_localised(path) else None)

    def sign_head(self, size: int, root: bytes) -> bytes:
        """A head as this publisher signs it."""
        text = Checkpoint(ORIGIN, size, root).encode()
        cosigned = self.clock.cosign(text, int(self.time.timestamp()))
        return Note(text).with_signatures(self.log.sign(text), cosigned).encode()

    @property
    def _keyring_path(self) -> str:
        version = self.keyring.split(b"\nversion ", 1)[1].split(b"\n", 1)[0]
        return keyring_path(int(version))

    def _append(
        self, files: Mapping[str, bytes | None]
    ) -> tuple[bytes, dict[str, bytes], list[tuple[str, str]]]:
        entries = [(path, EMPTY_SHA if data is None else sha(data)) for path, data in files.items()]
        lines = [Entry(digest, path).encode() for path, digest in entries]
        grown = append(self.size, lines, self.files.__getitem__)
        if self.size:
            self.time += timedelta(minutes=1)
        self.size = grown.size
        head = self.editions[grown.size] = self.sign_head(grown.size, grown.root)
        return head, grown.files, entries

    def _prove(self, path: str, index: int, head: bytes, tiles: Mapping[str, bytes]) -> bytes:
        both = {**self.files, **tiles}
        hashes = inclusion_proof(index, self.size, tile_reader(self.size, both.__getitem__))
        return OfflineProof(path, index, hashes, head).encode()

    def _order(
        self,
        leaves: Mapping[str, bytes | None],
        mutable: Mapping[str, bytes | None],
        listed: bytes,
        *,
        proofs: Mapping[str, bytes],
        tiles: Mapping[str, bytes],
        head: bytes,
        old: Sequence[str],
    ) -> list[Write]:
        writes = [item for item in mutable.items() if item[0].startswith("log/")]
        writes.append((proof_path(SUMS), proofs[SUMS]))
        with_proof = [(path, data) for path, data in leaves.items() if data is not None]
        for path, data in with_proof:
            if path not in old and path[:2] in {"a/", "p/", "m/"}:
                writes += _with_proof(path, data, proofs)
        for path, kept in leaves.items():
            if kept is None:
                writes += [(path, None), (proof_path(path), None)]
        writes += [item for item in mutable.items() if item[1] is None]
        writes += tiles.items()
        writes.append((SUMS_AHEAD, listed))
        for path, data in with_proof:
            if path in old or path[:2] not in {"a/", "p/", "m/"}:
                writes += _with_proof(path, data, proofs)
        shown = (item for item in mutable.items() if item[1] is not None)
        writes += (item for item in shown if not item[0].startswith("log/"))
        writes.append((SUMS, listed))
        text = Note.parse(head).text
        return [*writes, (MINISIG, minisign(self.log, text).encode()), (CHECKPOINT, head)]


def _with_proof(path: str, data: bytes, proofs: Mapping[str, bytes]) -> list[Write]:
    proof = proofs.get(path)
    return [*([] if proof is None else [(proof_path(path), proof)]), (path, data)]


def _write(file: Path, data: bytes | None, base: str | None) -> None:
    if data is None:
        file.unlink(missing_ok=True)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(localise(data, base) if base else data)
