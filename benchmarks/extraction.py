"""How much of each corpus page's article is extracted, beside the peers, in one run.

    python -m benchmarks.extraction [--worst 10] [--once]

Token F1, precision and recall against the corpus's reference, mean over its pages, and the CPU
time a page; then our worst pages. The reference is another extractor's reading, not a truth.
Text is what a reader gets: for us the featured picture's caption and the finished body. Time is
that of the whole way, from the page's text to title, dates, authors and the clean body; for the
peers, to their text alone. With rules means those of ``rules.toml``, a body for each page.
"""

import argparse
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from typing import Final

import trafilatura
from lxml import etree
from readability import Document

from mirror.extract.extract import Extracted, extract
from mirror.extract.links import Links
from mirror.extract.matching import words_in
from mirror.extract.narrow import page_for
from mirror.extract.page import remove, text_of
from mirror.extract.placing import finished
from mirror.extract.rules import NoRules, Rules
from mirror.source.charset import decode

PAGES: Final = Path(__file__).parents[1] / "../shared/corpus/pages"
URL: Final = "https://news.example/2020/01/02/an-article-about-things"
LINKS: Final = Links.of(URL, ("news.example",))
RULES: Final = {
    name: NoRules(body=found["body"], drop=tuple(found.get("drop", ())))
    for name, found in tomllib.loads(
        Path(__file__).with_name("rules.toml").read_text(encoding="utf-8")
    ).items()
}
NO_RULES: Final = NoRules()
FAST: Final = "trafilatura fast"
SLOWER: Final = 1.15  # times trafilatura's fast settings, without rules
QUICKER: Final = 8.0  # times as many pages a second, with them


def read(html: str, rules: Rules) -> tuple[Extracted, str]:
    """All that the service does with a page's text, but for fetching pictures."""
    extracted = extract(page_for(html, URL, rules), LINKS, rules=rules)
    return extracted, finished(extracted.body, extracted.pictures, {})[0]


def ours(html: str, rules: Rules) -> str:
    """The words that the mirror would show."""
    extracted = extract(page_for(html, URL, rules), LINKS, rules=rules)
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


PEERS: Final[dict[str, Callable[[str], str]]] = {
    "trafilatura precision": plain_trafilatura(fast=False, precision=True),
    "trafilatura": plain_trafilatura(fast=False, precision=False),
    FAST: plain_trafilatura(fast=True, precision=False),
    "readability-lxml": readability,
}
OURS: Final = ("ours", "ours with rules")


@dataclass
class Result:
    """Of one extractor: F1, precision and recall by page, and the seconds that each took."""

    scores: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def mean(self, which: int) -> float:
        """The mean over the pages."""
        return mean(score[which] for score in self.scores.values())

    @property
    def total(self) -> float:
        """Seconds for all pages."""
        return sum(self.seconds.values())


def score(found: Counter[str], wanted: Counter[str]) -> tuple[float, float, float]:
    """F1, precision, recall over words, each as often as it occurs."""
    both = (found & wanted).total()
    precision, recall = both / max(found.total(), 1), both / max(wanted.total(), 1)
    return 2 * precision * recall / max(precision + recall, 1e-9), precision, recall


def run(repeat: int) -> dict[str, Result]:
    """All extractors over all pages, in turn."""
    results = {name: Result() for name in (*OURS, *PEERS)}
    for folder in sorted(PAGES.iterdir()):
        html = decode((folder / "source.html").read_bytes())
        reference = (folder / "expected.html").read_bytes()
        tree = etree.fromstring(reference, etree.HTMLParser(encoding="utf-8"))
        wanted = Counter(words_in(text_of(tree)))
        rules = dict(zip(OURS, (NO_RULES, RULES[folder.name]), strict=True))
        times: dict[str, list[float]] = {name: [] for name in results}
        for _ in range(repeat):
            for name in results:
                start = time.process_time()
                if name in rules:
                    read(html, rules[name])
                else:
                    PEERS[name](html)
                times[name].append(time.process_time() - start)
        for name, result in results.items():
            text = ours(html, rules[name]) if name in rules else PEERS[name](html)
            result.scores[folder.name] = score(Counter(words_in(text)), wanted)
            result.seconds[folder.name] = median(times[name])
    return results


def show(results: dict[str, Result], worst: int) -> bool:
    """Print the table; whether every target is met."""
    fast = results[FAST].total
    print(f"{'':24}{'F1':>8}{'prec.':>8}{'recall':>8}{'ms/page':>9}{'pages/s':>9}{'x fast':>8}")
    for name, result in results.items():
        numbers = "".join(f"{result.mean(which):8.4f}" for which in range(3))
        each = result.total / len(result.scores)
        print(f"{name:24}{numbers}{1_000 * each:9.1f}{1 / each:9.0f}{result.total / fast:8.2f}")
    for name in OURS:
        print(f"\n{name}, worst {worst} (F1, precision, recall; best peer's F1):")
        by_f1 = sorted(results[name].scores.items(), key=lambda entry: entry[1][0])
        for page, figures in by_f1[:worst]:
            peers = max(results[peer].scores[page][0] for peer in PEERS)
            print(f"  {page:28}{''.join(f'{one:8.3f}' for one in figures)}{peers:10.3f}")
    print()
    return all([_is_met(*target) for target in _targets(results)])  # noqa: C419 - each is printed


def _targets(results: dict[str, Result]) -> list[tuple[str, float, float]]:
    """What, what it is, and what it must be at least."""
    best = max(results[peer].mean(0) for peer in PEERS)
    fast, general, ruled = (results[name].total for name in (FAST, *OURS))
    return [
        ("F1 / the best peer's", results[OURS[0]].mean(0) / best, 1.0),
        ("F1 with rules / the best peer's", results[OURS[1]].mean(0) / best, 1.0),
        (f"{SLOWER} x {FAST}'s time / ours", SLOWER * fast / general, 1.0),
        (f"pages a second with rules / {FAST}'s", fast / ruled, QUICKER),
    ]


def _is_met(what: str, measured: float, least: float) -> bool:
    print(
        f"  {'PASS' if measured >= least else 'FAIL'} {what}: {measured:.3f} (at least {least:g})"
    )
    return measured >= least


def main() -> int:
    """0 where every target is met, 1 where not, 2 without the corpus."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--worst", type=int, default=10)
    parser.add_argument("--once", action="store_true", help="time each page once, not five times")
    arguments = parser.parse_args()
    if not PAGES.is_dir():
        print(f"{PAGES} is missing: put the corpus beside the project", file=sys.stderr)
        return 2
    return 0 if show(run(1 if arguments.once else 5), arguments.worst) else 1


if __name__ == "__main__":
    sys.exit(main())
