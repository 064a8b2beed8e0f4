"""The animals: each a mirror that is bad in one way, and what must be said of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from feeds.edition import sums
from feeds.localise import is_localised, localise
from feeds.paths import CHECKPOINT, MINISIG, SUMS, SUMS_AHEAD
from keys.note import Note
from keys.standing import Ending
from tests.feeds.tree import SignedTree, article, picture
from tests.zoo.newsroom import NOW, Files, Newsroom

GIB = 2**30
PAGE, _ = article(1)
PROOF = f"{PAGE}.tlog-proof"
PICTURE, _ = picture()


@dataclass(slots=True)
class Cage:
    """One mirror before it is let out.

    Attributes:
        room: The publisher, a copy for this animal alone.
        files: What the mirror holds: canonical bytes, by path.
        served: By path, bytes that it serves in place of localised ones.
        sparse: By path, how many zeros it serves.
        nginx: Lines for its place in nginx; ``{place}`` is that.
    """

    room: Newsroom
    files: Files
    served: Files = field(default_factory=dict)
    sparse: dict[str, int] = field(default_factory=dict)
    nginx: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Animal:
    """A way to be bad.

    Attributes:
        name: In words.
        spoil: Makes a genuine mirror that bad.
        verdict: What the verifier says first.
        says: What stands among its reasons.
        status: How it ends.
        seen: Whether it was genuine, and looked at, before.
        remembers: Whether the honest mirror was looked at before.
        options: More for the command.
    """

    name: str
    spoil: Callable[[Cage], None]
    verdict: str
    says: str
    status: int = 1
    seen: bool = False
    remembers: bool = False
    options: tuple[str, ...] = ()


def altered(path: str, data: bytes | None = None) -> Callable[[Cage], None]:
    def spoil(cage: Cage) -> None:
        cage.files[path] = cage.files[path] + b" " if data is None else data

    return spoil


def missing(path: str) -> Callable[[Cage], None]:
    return lambda cage: cage.files.__delitem__(path)


def sparse(path: str) -> Callable[[Cage], None]:
    return lambda cage: cage.sparse.update({path: 10 * GIB})


def of_the_first_edition(*paths: str) -> Callable[[Cage], None]:
    def spoil(cage: Cage) -> None:
        cage.files.update({path: cage.room.first[path] for path in paths})

    return spoil


def forged(cage: Cage) -> None:
    """Another page, with a proof that holds in the forger's own log."""
    forger = SignedTree(time=NOW - timedelta(hours=3))
    forger.log = forger.log.generate("news.example/mirror", forger.log.kind)
    forger.fill()
    forger.publish({PAGE: b"<!doctype html>\n<title>forged</title>\n"})
    cage.files.update({path: forger.files[path] for path in (PAGE, PROOF)})


def unreplaced(cage: Cage) -> None:
    cage.served["feeds/all.atom"] = cage.files["feeds/all.atom"]


def truncated(cage: Cage) -> None:
    cage.files[PAGE] = cage.files[PAGE][:-20]


def rolled_back(cage: Cage) -> None:
    """All of the first edition, confirmed anew."""
    cage.files = dict(cage.room.first)
    note = Note.parse(cage.files[CHECKPOINT])
    confirmed = cage.room.clock.cosign(note.text, int(NOW.timestamp()))
    cage.files[CHECKPOINT] = Note(note.text, (note.signatures[0], confirmed)).encode()


def frozen(cage: Cage) -> None:
    """An edition that was honest three days ago."""
    room = Newsroom()
    room.time = NOW - timedelta(days=3)
    room.publish(dict([article(20)]))
    cage.files = dict(room.files)


def behind(cage: Cage) -> None:
    cage.files = dict(cage.room.first)


def forked(cage: Cage) -> None:
    """Another second edition, by the same keys, for some readers only."""
    other = Newsroom()
    other.publish(dict([article(30), article(31), article(32), article(33), article(34)]))
    cage.files = dict(other.files)


def mixed(cage: Cage) -> None:
    """The front page and the feeds of one edition, the articles of the other."""
    for path in ("index.html", "feeds/all.atom", SUMS, f"{SUMS}.tlog-proof", SUMS_AHEAD):
        cage.files[path] = cage.room.first[path]


def stolen_log_key(cage: Cage) -> None:
    """The thief signs; no witness does."""
    cage.room.publish({PAGE: b"by the thief"})
    cage.files = dict(cage.room.files)
    cage.files[CHECKPOINT] = cage.room.signed_by_nobody_else()


def former_key(ending: Ending) -> Callable[[Cage], None]:
    def spoil(cage: Cage) -> None:
        room, old = cage.room, cage.room.log
        room.rotate(ending, good=room.size)
        room.publish(dict([article(40)]))
        room.publish_as(old, dict([article(41, "by the old key")]))
        cage.files = dict(room.files)

    return spoil


def keyring_of_one_root(cage: Cage) -> None:
    cage.files["log/keys/2"] = cage.room.next_keyring(signers=1)


def skipped_keyring(cage: Cage) -> None:
    cage.files["log/keys/2"] = cage.room.next_keyring(skip=True)


def withheld_keyring(cage: Cage) -> None:
    cage.room.rotate(Ending.RETIRED, good=cage.room.size)
    cage.room.publish(dict([article(42)]))
    cage.files = dict(cage.room.files)
    del cage.files["log/keys/2"]


def soft_404(cage: Cage) -> None:
    cage.served["sorry.html"] = b"<!doctype html>\n<p>Sorry, nothing here.\n"
    cage.nginx = "try_files $uri /{place}/sorry.html;"


def proof_of_another(cage: Cage) -> None:
    cage.files[PROOF] = cage.files[f"{article(0)[0]}.tlog-proof"]


def from_the_future(cage: Cage) -> None:
    cage.room.time = NOW + timedelta(hours=2)
    cage.room.publish(dict([article(50)]))
    cage.files = dict(cage.room.files)


def path_trick(path: str) -> Callable[[Cage], None]:
    """A path in the signed log itself, by a thief of every online key."""

    def spoil(cage: Cage) -> None:
        cage.room.log_raw(b"0" * 64 + b"  " + path.encode() + b"\n")
        cage.files = dict(cage.room.files)

    return spoil


def signed_json_bomb(cage: Cage) -> None:
    """A list of mirrors that is signed, and deeper than any parser goes."""
    cage.room.publish({}, {"mirrors.json": b"[" * 1_000_000})
    cage.files = dict(cage.room.files)


def billion_laughs(cage: Cage) -> None:
    lines = [b'<!DOCTYPE feed [<!ENTITY a0 "ha">']
    lines += [b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12)]
    cage.files["feeds/all.atom"] = b"\n".join([*lines, b"]><feed>&a11;</feed>"])


def other_sums(cage: Cage) -> None:
    """A table that admits a forged front page."""
    cage.files["index.html"] = b"forged"
    cage.files[SUMS] = cage.files[SUMS_AHEAD] = sums({"index.html": "0" * 64})


def gzip_bomb(cage: Cage) -> None:
    cage.nginx = 'add_header Content-Encoding "gzip";'


def sent_away(cage: Cage) -> None:
    cage.nginx = f"rewrite ^/[^/]+/{PAGE}$ http://localhost:9/secret redirect;"


def nothing(_: Cage) -> None:
    """It is as it should be."""


NOT, LOST, TELL = "not genuine", "incomplete", "could not tell"

ANIMALS = [
    Animal(name="an altered article", spoil=altered(PAGE), verdict=NOT, says="is not what was pub"),
    Animal(name="a forged article", spoil=forged, verdict=NOT, says=f"{PAGE}: is not what was"),
    Animal(
        name="a swapped picture",
        spoil=altered(PICTURE, picture(b"another")[1]),
        verdict=NOT,
        says=f"{PICTURE}: is not what was published",
    ),
    Animal(name="a missing article", spoil=missing(PAGE), verdict=LOST, says=f"{PAGE}: is missing"),
    Animal(
        name="an old article page with its old proof",
        spoil=of_the_first_edition(PAGE, PROOF),
        verdict=NOT,
        says=f"{PAGE}: is not what was published",
    ),
    Animal(
        name="an old feed beside new articles",
        spoil=of_the_first_edition("feeds/all.atom"),
        verdict=NOT,
        says="feeds/all.atom: is not what was published",
    ),
    Animal(name="an unreplaced address", spoil=unreplaced, verdict=NOT, says="mirror.invalid"),
    Animal(name="a truncated file", spoil=truncated, verdict=NOT, says=f"{PAGE}: is not what"),
    Animal(
        name="a head that was rolled back",
        spoil=rolled_back,
        verdict="rolled back",
        says="this address showed 11 entries before, and now 6",
        seen=True,
    ),
    Animal(
        name="a frozen head",
        spoil=frozen,
        verdict="stale",
        says="nothing newer than",
        status=0,
    ),
    Animal(
        name="a mirror that is only behind",
        spoil=behind,
        verdict="behind",
        says="it holds 6 of the 11 entries that were seen elsewhere",
        remembers=True,
        status=0,
    ),
    Animal(
        name="a forked head",
        spoil=forked,
        verdict="forked",
        says="both are signed, and can't both be true",
        remembers=True,
    ),
    Animal(name="mixed editions", spoil=mixed, verdict=NOT, says="SHA256SUMS: is not what was"),
    Animal(name="a stolen log key", spoil=stolen_log_key, verdict=NOT, says="quorum"),
    Animal(
        name="a retired key",
        spoil=former_key(Ending.RETIRED),
        verdict=NOT,
        says="retired",
    ),
    Animal(
        name="a revoked key",
        spoil=former_key(Ending.REVOKED),
        verdict=NOT,
        says="revoked",
    ),
    Animal(
        name="a keyring by one root of two",
        spoil=keyring_of_one_root,
        verdict=NOT,
        says="signed by 1 of",
    ),
    Animal(name="a skipped keyring", spoil=skipped_keyring, verdict=NOT, says="log/keys/2: "),
    Animal(name="a withheld keyring", spoil=withheld_keyring, verdict=NOT, says="log/checkpoint: "),
    Animal(
        name="a soft 404 for the next keyring",
        spoil=soft_404,
        verdict="genuine",
        says="log/keys/2: is a page that stands here for whatever is not there; it counts as none",
        status=0,
    ),
    Animal(
        name="the proof of another article",
        spoil=proof_of_another,
        verdict=NOT,
        says="the proof of another file",
    ),
    Animal(
        name="a head from the future", spoil=from_the_future, verdict=TELL, says="clock", status=2
    ),
    Animal(
        name="a path that climbs out",
        spoil=path_trick("../../../etc/passwd"),
        verdict=NOT,
        says="etc/passwd",
    ),
    Animal(name="an absolute path", spoil=path_trick("/etc/passwd"), verdict=NOT, says="passwd"),
    Animal(
        name="10 GB of zeros for a picture", spoil=sparse(PICTURE), verdict=NOT, says="larger than"
    ),
    Animal(name="10 GB of zeros for a page", spoil=sparse(PAGE), verdict=NOT, says="larger than"),
    Animal(
        name="10 GB of zeros for a feed",
        spoil=sparse("feeds/all.atom"),
        verdict=NOT,
        says="larger than",
    ),
    Animal(
        name="10 GB of zeros for the head",
        spoil=sparse(CHECKPOINT),
        verdict=NOT,
        says="log/checkpoint: is larger than",
    ),
    Animal(
        name="10 GB of zeros for the signature",
        spoil=sparse(MINISIG),
        verdict=NOT,
        says="larger than",
    ),
    Animal(name="an XML bomb", spoil=billion_laughs, verdict=NOT, says="feeds/all.atom: is not"),
    Animal(
        name="a JSON bomb",
        spoil=altered("mirrors.json", b'{"mirrors":' + b"[" * 500_000),
        verdict=NOT,
        says="mirrors.json: is not what was published",
    ),
    Animal(
        name="a JSON bomb that was signed",
        spoil=signed_json_bomb,
        verdict="genuine",
        says="all 13 files",
        status=0,
    ),
    Animal(name="a table that lies", spoil=other_sums, verdict=NOT, says="SHA256SUMS: is not"),
    Animal(name="a gzip bomb", spoil=gzip_bomb, verdict=TELL, says="compressed", status=2),
    Animal(
        name="a page that leads to another host",
        spoil=sent_away,
        verdict=TELL,
        says="which is not followed",
        status=2,
    ),
    Animal(
        name="an honest mirror of which three files and SHA256SUMS are compared",
        spoil=nothing,
        verdict="genuine",
        says="only 4 of 13 files were compared",
        status=0,
        options=("--sample", "3"),
    ),
    Animal(
        name="no animal at all",
        spoil=nothing,
        verdict="genuine",
        says="all 13 files are as the publisher signed them",
        status=0,
    ),
]


def place_of(animal: Animal) -> str:
    """The folder that it lives in."""
    return animal.name.replace(" ", "-")


def write(cage: Cage, folder: Path, base: str) -> None:
    """Let it out: its files, as a mirror at ``base`` serves them."""
    for path, data in cage.files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(localise(data, base) if is_localised(path) else data)
    for path, data in cage.served.items():
        (folder / path).write_bytes(data)
    for path, size in cage.sparse.items():
        with (folder / path).open("wb") as stream:
            stream.truncate(size)
