"""Bundles, good and hostile, of a small genuine tree; made by ``zipfile`` and then spoilt."""

import io
import random
import stat
import struct
import zipfile
from collections.abc import Iterable, Mapping
from typing import Final
from warnings import catch_warnings, simplefilter

from feeds.verify import Verdict
from tests.feeds.tree import SignedTree, article, picture

STORY, PAGE = article(1)
PROOF: Final = f"{STORY}.tlog-proof"
Item = tuple[str | zipfile.ZipInfo, bytes]


def zipped(
    files: Mapping[str, bytes] | Iterable[Item], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A ``.zip`` of these files, in their order; a name may come twice."""
    out = io.BytesIO()
    items = files.items() if isinstance(files, Mapping) else files
    with catch_warnings(), zipfile.ZipFile(out, "w", method) as bundle:
        simplefilter("ignore")  # of names that come twice
        for name, data in items:
            bundle.writestr(name, data, compress_type=method)
    return out.getvalue()


def under(top: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The same files in a folder."""
    return {f"{top}/{path}": data for path, data in files.items()}


def of_kind(path: str, mode: int) -> zipfile.ZipInfo:
    """An entry that Unix tools unpack as something of that mode."""
    entry = zipfile.ZipInfo(path)
    entry.create_system = 3
    entry.external_attr = mode << 16
    return entry


def story(tree: SignedTree) -> dict[str, bytes]:
    """One article with its proof and the keyring."""
    return {path: tree.files[path] for path in (STORY, PROOF, "log/keys/1")}


def illustrated() -> tuple[SignedTree, dict[str, bytes]]:
    """An article that shows a picture, with both and the proof."""
    path, data = picture()
    page = f'<!doctype html>\n<img src="../../{path}">\n'.encode()
    name = "a/00/0011223344556677.html"
    tree = SignedTree().publish({name: page, path: data})
    return tree, {one: tree.files[one] for one in (name, f"{name}.tlog-proof", path)}


def _patched(data: bytes, at: int, value: bytes) -> bytes:
    return data[:at] + value + data[at + len(value) :]


def entry_at(bundle: bytes, path: str) -> int:
    """Where the entry for ``path`` begins in the directory."""
    at = bundle.rfind(b"PK\1\2")
    while at >= 0:
        (length,) = struct.unpack_from("<H", bundle, at + 28)
        if bundle[at + 46 : at + 46 + length] == path.encode():
            return at
        at = bundle.rfind(b"PK\1\2", 0, at)
    raise KeyError(path)


def spoilt(bundle: bytes, path: str, field: int, value: int, width: int = 2) -> bytes:
    """``bundle`` with another value in one field of the directory."""
    return _patched(bundle, entry_at(bundle, path) + field, value.to_bytes(width, "little"))


def overlaid(bundle: bytes, path: str, onto: str) -> bytes:
    """Let the entry for ``path`` begin where that of ``onto`` does."""
    (offset,) = struct.unpack_from("<L", bundle, entry_at(bundle, onto) + 42)
    return spoilt(bundle, path, 42, offset, 4)


def renamed_inside(bundle: bytes, path: str) -> bytes:
    """Another name of the same length in the entry's own header."""
    return bundle.replace(path.encode(), b"x" * len(path), 1)


def bomb(tree: SignedTree, size: int) -> bytes:
    """The tree, with so many zeros for a picture."""
    return zipped({**tree.files, picture()[0]: bytes(size)})


def crowd(count: int) -> bytes:
    """A directory of that many entries, and zip64 where it must be."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as bundle:
        for number in range(count):
            bundle.writestr(zipfile.ZipInfo(f"x/{number}"), b"")
    return out.getvalue()


def good(tree: SignedTree) -> dict[str, bytes]:
    """By name, bundles that hold a whole genuine tree."""
    files = tree.files
    apple = {"__MACOSX/news/._index.html": b"x", "news/.DS_Store": b"x"}
    backward = [(path.replace("/", "\\"), data) for path, data in under("news", files).items()]
    folders: list[Item] = [(f"{top}/", b"") for top in ("a", "log", "p")]
    return {
        "deflated": zipped(files),
        "stored": zipped(files, zipfile.ZIP_STORED),
        "in a folder": zipped(under("news", files)),
        "in a folder of any name": zipped(under("Копия 1", files)),
        "by the Finder": zipped({**under("news", files), **apple}),
        "by PowerShell": zipped(_raw(backward)),
        "with folders": zipped([*folders, *files.items()]),
        "with a dot": zipped(_raw([(f"./{path}", data) for path, data in files.items()])),
        "with a comment": _commented(zipped(files), b"hello PK\5\6"),
        "with the same bytes twice under a dot": zipped([*files.items(), (".x", b""), (".x", b"")]),
    }


def _raw(items: Iterable[tuple[str, bytes]]) -> list[Item]:
    """Entries whose names ``zipfile`` leaves alone."""
    entries: list[Item] = []
    for name, data in items:
        entry = zipfile.ZipInfo("x")
        entry.filename = name
        entries.append((entry, data))
    return entries


def _commented(bundle: bytes, comment: bytes) -> bytes:
    return bundle[:-2] + len(comment).to_bytes(2, "little") + comment


def hostile(tree: SignedTree) -> dict[str, tuple[bytes, Verdict]]:
    """By name, bundles that are not as they should be, and the verdict on each."""
    files = tree.files
    whole = zipped(files)
    link = of_kind("index2.html", stat.S_IFLNK | 0o777)
    pipe = of_kind("index2.html", stat.S_IFIFO | 0o777)
    bad, open_, lacking = Verdict.NOT_GENUINE, Verdict.COULD_NOT_TELL, Verdict.INCOMPLETE
    tricks = ("../evil", "/etc/passwd", "a/../../evil", "C:/evil", "C:evil", "..\\evil")
    odd = ("a//b", "a/./b", "a\nb", "a\0b", "x\u202eb")
    left_out = {path: data for path, data in files.items() if path != "index.html"}
    half = {path: data for path, data in files.items() if path != STORY}
    cases: dict[str, tuple[bytes, Verdict]] = {
        f"path {name!r}": (zipped(_raw([*files.items(), (name, b"x")])), bad)
        for name in (*tricks, *odd)
    }
    return cases | {
        "altered": (zipped({**files, STORY: b"other words"}), bad),
        "extra": (zipped({**files, "extra.html": b"x"}), bad),
        "missing": (zipped(left_out), lacking),
        "no article": (zipped(half), lacking),
        "symbolic link": (zipped([*files.items(), (link, b"/etc/passwd")]), bad),
        "link in place of a page": (
            zipped([*left_out.items(), (of_kind("index.html", stat.S_IFLNK), b"/etc/passwd")]),
            bad,
        ),
        "pipe": (zipped([*files.items(), (pipe, b"")]), bad),
        "a name twice, forged last": (zipped([*files.items(), (STORY, b"forged")]), bad),
        "a name twice, forged first": (zipped([(STORY, b"forged"), *files.items()]), bad),
        "a head twice": (zipped([*files.items(), ("log/checkpoint", b"forged")]), bad),
        "a head twice, forged first": (
            zipped([("log/checkpoint", b"forged"), *files.items()]),
            bad,
        ),
        "a file beside the folder": (zipped({**under("news", files), "evil.html": b"x"}), open_),
        "two folders deep": (zipped(under("one/two", files)), open_),
        "locked": (spoilt(whole, STORY, 8, 1), open_),
        "wholly locked": (spoilt(whole, "log/checkpoint", 8, 1), open_),
        "another method": (spoilt(whole, STORY, 10, 9), open_),
        "overlapping": (overlaid(whole, STORY, "index.html"), open_),
        "another name inside": (renamed_inside(whole, STORY), open_),
        "claims too little": (spoilt(whole, STORY, 24, 3, 4), open_),
        "claims too much": (spoilt(whole, STORY, 24, 99_999, 4), open_),
        "claims four gigabytes": (spoilt(whole, STORY, 24, 0xFFFFFFF0, 4), bad),
        "begins outside": (spoilt(whole, STORY, 42, len(whole), 4), open_),
        "wide number without a field": (spoilt(whole, STORY, 42, 0xFFFFFFFF, 4), open_),
        "cut": (whole[:-30], open_),
        "empty": (zipped({}), open_),
        "no end": (whole[:200], open_),
        "two disks": (_patched(whole, len(whole) - 18, b"\1\0"), open_),
        "fewer entries": (_patched(whole, len(whole) - 14, b"\1\0\1\0"), open_),
        "wide end without its place": (
            _patched(whole, len(whole) - 14, b"\xff\xff\xff\xff"),
            open_,
        ),
        "something before it": (b"PK\3\4 prefix" + whole, open_),
        "too large a bundle of entries": (
            zipped(
                {path: data + bytes(70_000 * ("entries" in path)) for path, data in files.items()}
            ),
            bad,
        ),
        "300 MB of zeros": (bomb(tree, 300 * 2**20), bad),
    }


def mangled(bundle: bytes, seed: int) -> bytes:
    """``bundle`` with some bytes of its frame changed at random."""
    chance = random.Random(seed)  # noqa: S311 - a test
    data = bytearray(bundle)
    frame = bundle.find(b"PK\1\2")
    for _ in range(chance.randint(1, 3)):
        at = (
            chance.randrange(frame, len(data)) if chance.random() < 0.9 else chance.randrange(frame)
        )
        data[at] = chance.choice((0, 1, 0xFF, data[at] ^ 1, chance.randrange(256)))
    return bytes(data)
