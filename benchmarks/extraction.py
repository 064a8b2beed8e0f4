"""How much of each corpus page's article is extracted, beside the peers, in one run.

    python benchmarks/extraction.py [--worst 10] [--once]

Token F1, precision and recall against the corpus's reference, mean over its pages, and the
time a page; then our worst pages. The reference is another extractor's reading, not a truth.
Text is what a reader gets: for us the featured picture's caption and the finished body, every step
but pictures included.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

import trafilatura
from lxml import etree
from readability import Document

from mirror.extract.extract import extract
from mirror.extract.links import Links
from mirror.extract.matching import words_in
from mirror.extract.page import parse_page, remove, text_of
from mirror.extract.placing import finished
from mirror.source.charset import decode

PAGES = Path(__file__).parents[1] / "../shared/corpus/pages"
URL = "https://news.example/2020/01/02/an-article-about-things"


def ours(html: str) -> str:
    """The body that the mirror would show."""
    extracted = extract(parse_page(html, URL), Links.of(URL, ("news.example",)))
    for embed in list(extracted.body.iter("p")):
        if "data-embed" in embed.attrib:  # our own words
            remove(embed)
    picture = extracted.picture
    caption = f"{picture.caption} {picture.credit}" if picture else ""
    body, _ = finished(extracted.body, extracted.pictures, {})
    return text_of(etree.fromstring(f"<div>{caption} {body}</div>", etree.HTMLParser()))


def plain_trafilatura(*, fast: bool, precision: bool) -> Callable[[str], str]:
    """That extractor alone, with these settings."""
    return lambda html: (
        trafilatura.extract(html, fast=fast, favor_precision=precision, include_comments=False)
        or ""
    )


def readability(html: str) -> str:
    """readability-lxml alone."""
    return text_of(etree.fromstring(Document(html).summary(), etree.HTMLParser()))


EXTRACTORS: dict[str, Callable[[str], str]] = {
    "ours": ours,
    "trafilatura precision": plain_trafilatura(fast=False, precision=True),
    "trafilatura": plain_trafilatura(fast=False, precision=False),
    "trafilatura fast": plain_trafilatura(fast=True, precision=False),
    "readability-lxml": readability,
}


@dataclass
class Result:
    """Of one extractor: F1, precision and recall by page, and the seconds it took."""

    scores: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    seconds: float = 0.0

    def mean(self, which: int) -> float:
        """The mean over the pages."""
        return mean(score[which] for score in self.scores.values())


def score(found: Counter[str], wanted: Counter[str]) -> tuple[float, float, float]:
    """F1, precision, recall over words, each as often as it occurs."""
    both = (found & wanted).total()
    precision, recall = both / max(found.total(), 1), both / max(wanted.total(), 1)
    return 2 * precision * recall / max(precision + recall, 1e-9), precision, recall


def run(repeat: int) -> dict[str, Result]:
    """All extractors over all pages, in turn."""
    results = {name: Result() for name in EXTRACTORS}
    for folder in sorted(PAGES.iterdir()):
        html = decode((folder / "source.html").read_bytes())
        reference = (folder / "expected.html").read_bytes()
        tree = etree.fromstring(reference, etree.HTMLParser(encoding="utf-8"))
        wanted = Counter(words_in(text_of(tree)))
        for name, extractor in EXTRACTORS.items():
            start = time.perf_counter()
            for _ in range(repeat):
                text = extractor(html)
            results[name].seconds += (time.perf_counter() - start) / repeat
            results[name].scores[folder.name] = score(Counter(words_in(text)), wanted)
    return results


def show(results: dict[str, Result], worst: int) -> bool:
    """Print the table; whether ours is at least the best peer."""
    fast = results["trafilatura fast"].seconds
    print(f"{'':24}{'F1':>8}{'prec.':>8}{'recall':>8}{'ms/page':>9}{'x traf. fast':>14}")
    for name, result in results.items():
        numbers = "".join(f"{result.mean(which):8.4f}" for which in range(3))
        each = 1_000 * result.seconds / len(result.scores)
        print(f"{name:24}{numbers}{each:9.1f}{result.seconds / fast:14.2f}")
    print(f"\nour worst {worst} (F1, precision, recall; best peer's F1):")
    by_f1 = sorted(results["ours"].scores.items(), key=lambda entry: entry[1][0])
    for page, figures in by_f1[:worst]:
        peers = max(result.scores[page][0] for name, result in results.items() if name != "ours")
        print(f"  {page:28}" + "".join(f"{number:8.3f}" for number in figures) + f"{peers:10.3f}")
    best = max(result.mean(0) for name, result in results.items() if name != "ours")
    print(f"\nours / best peer: {results['ours'].mean(0) / best:.4f}")
    return results["ours"].mean(0) >= best


def main() -> int:
    """0 where ours is at least the best peer, 1 where not, 2 without the corpus."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--worst", type=int, default=10)
    parser.add_argument("--once", action="store_true", help="time each page once, not three times")
    arguments = parser.parse_args()
    if not PAGES.is_dir():
        print(f"{PAGES} is missing: put the corpus beside the project", file=sys.stderr)
        return 2
    return 0 if show(run(1 if arguments.once else 3), arguments.worst) else 1


if __name__ == "__main__":
    sys.exit(main())
