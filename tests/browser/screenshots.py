"""The pictures of docs/pages.md: ``python -m tests.browser.screenshots docs/screenshots``."""

import io
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import CHROMIUM, FLAGS, serve
from tests.browser.reading import write_pages

QUALITY: Final = 75  # of WebP


@dataclass(frozen=True, slots=True)
class Shot:
    """The top of one page at one size."""

    page: str
    width: int
    height: int
    scheme: Literal["light", "dark"]

    @property
    def file(self) -> str:
        return f"{self.page}-{self.width}-{self.scheme}.webp"


SHOTS: Final = (
    Shot("front", 390, 700, "light"),
    Shot("english", 390, 700, "light"),
    Shot("english", 390, 700, "dark"),
    Shot("arabic", 390, 700, "light"),
    Shot("russian", 320, 600, "dark"),
    Shot("long", 320, 600, "light"),
    Shot("archive", 320, 600, "light"),
    Shot("english", 768, 700, "dark"),
    Shot("front", 768, 700, "light"),
    Shot("english", 1280, 700, "light"),
)


def take(browser: Browser, base: str, paths: dict[str, str], shot: Shot) -> bytes:
    """A WebP picture."""
    page = browser.new_page(
        viewport={"width": shot.width, "height": shot.height}, color_scheme=shot.scheme
    )
    page.goto(f"{base}{paths[shot.page]}")
    png = page.screenshot()
    page.close()
    small = io.BytesIO()
    Image.open(io.BytesIO(png)).save(small, "WEBP", quality=QUALITY, method=6)
    return small.getvalue()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        paths = write_pages(Path(place))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with serve(Path(place)) as base:
            for shot in SHOTS:
                (folder / shot.file).write_bytes(take(browser, base, paths, shot))
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
