"""What comes through a line that freezes connections after 16 kB, and how soon over a slow one.

    python -m benchmarks.freeze [--rate 50kbit] [--json]

Reader, censor and mirror are network namespaces of their own, so it takes root, nginx,
Chromium, iproute2 and nftables. The mirror is the nginx of ``docs/mirrors.md``, and then the
same with one thing changed. Exits 1 where a page that is within the limit does not come.
"""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from benchmarks._measure import Results, arguments
from tests.freeze.line import line
from tests.freeze.mirror import BASE, mirror, write_chain, write_site
from tests.freeze.reader import first_text_ms, reader, reads

DOCS: Final = Path(__file__).parent.parent / "docs/mirrors.md"
PAGES: Final = ("front", "english", "long", "part", "russian", "lite")  # read one after the other
FROZEN_MS: Final = 8_000
SLOW_MS: Final = 60_000
VARIANTS: Final[Mapping[str, tuple[str, dict[str, str]]]] = {
    "as the docs say": ("ecdsa", {}),
    "with an RSA chain": ("rsa", {}),
    "with connections kept alive": ("ecdsa", {"keepalive_timeout 0;": "keepalive_timeout 65;"}),
    "with HTTP/2": (
        "ecdsa",
        {"listen 443 ssl;": "listen 443 ssl http2;", "keepalive_timeout 0;": ""},
    ),
}


def frozen(results: Results) -> int:
    """Read over a line that freezes; how many pages did not come as the docs say."""
    lost = 0
    for name, (chain, changes) in VARIANTS.items():
        with tempfile.TemporaryDirectory() as folder, line() as made:
            work = Path(folder)
            names = write_site(work / "srv/x7k2")
            results.figure(f"bytes of certificates {name}", write_chain(work, chain))
            made.freeze()
            with (
                mirror(made, work, DOCS.read_text("utf-8"), changes),
                reader(made, work) as context,
            ):
                page = context.new_page()
                read = [one for one in PAGES if reads(page, BASE + names[one], FROZEN_MS)]
                heavy = reads(context.new_page(), BASE + names["whole"], FROZEN_MS)
        missed = [one for one in PAGES if one not in read]
        said = f"{len(read)} of {len(PAGES)}" + (f", frozen: {', '.join(missed)}" if missed else "")
        results.figure(f"pages that come {name}", said)
        results.figure(f"a page of 32 kB {name}", "comes" if heavy else "frozen")
        lost += 0 if changes or chain == "rsa" else len(missed)
    return lost


def slow(results: Results, rate: str) -> None:
    """Read over a line as slow as 2G that freezes too."""
    with tempfile.TemporaryDirectory() as folder, line() as made:
        work = Path(folder)
        names = write_site(work / "srv/x7k2")
        write_chain(work, "ecdsa")
        made.freeze()
        made.throttle(rate)
        with mirror(made, work, DOCS.read_text("utf-8")), reader(made, work) as context:
            for name in ("front", "english", "long"):
                page = context.new_page()
                came = reads(page, BASE + names[name], SLOW_MS)
                said = f"{first_text_ms(page) / 1_000:.1f} s" if came else "did not come"
                results.figure(f"time to the first text at {rate}: {name}", said)


def main() -> int:
    """Measure, and say it."""
    parser = arguments(__doc__)
    parser.add_argument("--rate", default="50kbit", help="of the slow line, as tc has it")
    wanted = parser.parse_args()
    results = Results("freeze")
    lost = frozen(results)
    slow(results, wanted.rate)
    results.target("pages that freeze on a mirror as the docs say", lost, 0, "pages")
    return results.say(as_json=wanted.json)


if __name__ == "__main__":
    sys.exit(main())
