"""What each page of a site weighs on the wire: headers, gzip -6, pictures that load at once.

    python -m benchmarks.weight [FOLDER] [--heaviest 50] [--json]

FOLDER is a mirror's folder, such as ``data/site``; without one, a sample with every kind of
page is made. Exits 1 where a page is over the limit (format 1.6). The pages that hold a long
article at one go, and ``verify.html``, are listed, and may be heavier.
"""

import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from posixpath import dirname, join, normpath

from benchmarks._measure import Results, arguments
from feeds.pages import VERIFY_PATH
from feeds.weight import HEADERS, LIMIT, on_wire
from tests.browser.reading import write_pages

_IMAGE = re.compile(rb"<img\b[^>]*>")
_SRC = re.compile(rb'\ssrc="([^"]+)"')
_WHOLE = re.compile(rb'<a class="whole" href="\.\./\.\./(p/[^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """Of one page.

    Attributes:
        path: In the tree.
        page: Bytes of the reply that carries the page, its style and its script.
        pictures: Bytes of the replies that carry the pictures that load at once.
        limited: Whether the limit of format 1.6 is for this page.
    """

    path: str
    page: int
    pictures: int
    limited: bool

    @property
    def total(self) -> int:
        """What comes over the line before the reader scrolls."""
        return self.page + self.pictures

    @property
    def over(self) -> bool:
        """Whether it is heavier than it may be."""
        return self.limited and self.total > LIMIT


def weigh(folder: Path) -> list[Weight]:
    """Every page below ``folder``, the heaviest first."""
    pages = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*.html")}
    wholes = {
        path.decode() for file in pages.values() for path in _WHOLE.findall(file.read_bytes())
    }
    found = [
        Weight(
            path=path,
            page=on_wire(data := file.read_bytes()),
            pictures=sum(_pictures(folder, path, data)),
            limited=path != VERIFY_PATH and path not in wholes,
        )
        for path, file in pages.items()
    ]
    return sorted(found, key=lambda weight: (-weight.total, weight.path))


def _pictures(folder: Path, path: str, page: bytes) -> Iterator[int]:
    for image in _IMAGE.findall(page):
        source = _SRC.search(image)
        if source and b' loading="lazy"' not in image:
            file = folder / normpath(join(dirname(path), source[1].decode()))
            yield HEADERS + file.stat().st_size


def main() -> int:
    """Measure, and say it."""
    parser = arguments(__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--heaviest", type=int, help="list no more than so many")
    wanted = parser.parse_args()
    results = Results("weight")
    with tempfile.TemporaryDirectory() as made:
        if wanted.folder is None:
            write_pages(Path(made))
        weights = weigh(wanted.folder or Path(made))
    for weight in weights[: wanted.heaviest]:
        note = "" if weight.limited else ", without limit"
        said = f"{weight.total} ({weight.page} and {weight.pictures} of pictures{note})"
        results.figure(weight.path, said)
    results.figure("pages", len(weights))
    heaviest = max((weight.total for weight in weights if weight.limited), default=0)
    results.target("the heaviest page with its pictures", heaviest, LIMIT, "bytes")
    return results.say(as_json=wanted.json)


if __name__ == "__main__":
    sys.exit(main())
