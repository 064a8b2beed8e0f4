"""What ``tamizdat sources check`` prints. Pure."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from textwrap import wrap
from typing import Final

from feeds.snapshot import timestamp
from mirror.cli.articles_words import differences
from mirror.cli.sources_words import printable
from mirror.source.read import ReadArticle
from mirror.source.trial import Trial

_BEGINNING: Final = 240  # characters of a text that are shown
_WIDTH: Final = 90  # columns
_INDENT: Final = " " * 11
_CHANGES: Final = 12  # differences of one text that are shown


def trials_text(trials: Sequence[Trial]) -> str:
    """Each page: what was found on it, what is wanting, and what other rules would change."""
    lines = [line for trial in trials for line in (*_trial_lines(trial), "")]
    good = sum(not trial.wanting for trial in trials)
    pages = "1 page" if len(trials) == 1 else f"{len(trials)} pages"
    lines.append(f"{pages} tried, nothing wanting on {good}; nothing was stored.")
    return "\n".join(map(printable, lines))


def trials_json(trials: Sequence[Trial]) -> str:
    """The same for machines."""
    return json.dumps([_trial_plain(one) for one in trials], ensure_ascii=False, indent=2)


def _trial_lines(trial: Trial) -> Iterator[str]:
    yield trial.url if trial.name == trial.url else f"{trial.name} ({trial.url})"
    if trial.read is not None:
        yield from _article_lines(trial.read, trial.text)
    verdict = "held for a person" if trial.read and trial.read.verdict.held else "published"
    yield _field("verdict", "no article" if trial.read is None else f"would be {verdict}")
    yield from (_field("wanting", reason) for reason in trial.wanting)
    if trial.live is not None and trial.read is not None:
        changes = list(_changes(trial.live, trial.read))
        yield _field("change", "none against the rules that are live" if not changes else "")
        yield from (f"    {line}" for line in changes)
    elif trial.live_problem:
        yield _field("change", f"the rules that are live find no article: {trial.live_problem}")


def _article_lines(read: ReadArticle, text: str) -> Iterator[str]:
    said = read.snapshot
    yield _field("title", said.title)
    yield _field("authors", ", ".join(said.authors) or "none found")
    yield _field("date", f"{_date(said.published_at)} UTC" if said.published_at else "none found")
    yield _field("section", said.section or "none found")
    yield _field("text", f"{len(text):,} characters, {len(text.split()):,} words")
    yield from wrap(_cut(text), _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)


def _changes(before: ReadArticle, now: ReadArticle) -> Iterator[str]:
    old, new = before.snapshot, now.snapshot
    for name, was, becomes in (
        ("title", old.title, new.title),
        ("authors", ", ".join(old.authors), ", ".join(new.authors)),
        ("date", _date(old.published_at), _date(new.published_at)),
    ):
        if was != becomes:
            yield f"{name}: [-{was}-] {{+{becomes}+}}"
    changes = list(differences(replace(old, title=new.title), new))
    yield from (_cut(line) for line in changes[:_CHANGES])
    if len(changes) > _CHANGES:
        yield f"and {len(changes) - _CHANGES} more"


def _trial_plain(trial: Trial) -> dict[str, object]:
    read = trial.read
    said = read.snapshot if read else None
    changes = list(_changes(trial.live, read)) if trial.live and read else []
    return {
        "name": trial.name,
        "url": trial.url,
        "title": said.title if said else None,
        "authors": list(said.authors) if said else [],
        "published": timestamp(said.published_at) if said and said.published_at else None,
        "section": said.section if said else "",
        "characters": len(trial.text),
        "beginning": trial.text[:_BEGINNING],
        "held": read.verdict.held if read else None,
        "score": read.verdict.score if read else None,
        "wanting": list(trial.wanting),
        "changes": changes,
        "live_problem": trial.live_problem,
    }


def _field(name: str, value: str) -> str:
    return f"  {name:<9}{value}".rstrip()


def _cut(text: str) -> str:
    return text if len(text) <= _BEGINNING else f"{text[:_BEGINNING].rstrip()}…"


def _date(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
