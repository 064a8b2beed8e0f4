"""What ``tamizdat articles`` prints. Pure."""

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final

from feeds.snapshot import Snapshot, timestamp, words
from mirror.cli.newsrooms import NEXT
from mirror.config import Config
from mirror.store.catalogue import Row, Version
from mirror.store.mirrors import MirrorRecord

SOFT: Final = (
    "Its page says so and holds no text. Earlier versions and pictures stay in the archive under\n"
    "p/ and m/, named nowhere; `withdraw --erase` removes them too."
)
_AROUND: Final = 8  # words that are shown before and after a change
_SHOWN_CHARS: Final = 2_000  # of a held text
_WIDTH: Final = 96  # columns
_LONGEST: Final = 20_000  # words of a version that are compared


def rows_text(rows: Sequence[Row], *, held: bool) -> str:
    """A list: date, id, state and title, then address and reasons."""
    if not rows:
        return "Nothing is held." if held else "No article was read yet."
    return "\n".join(line for row in rows for line in _row_lines(row))


def rows_json(rows: Sequence[Row]) -> str:
    """The same for machines."""
    return json.dumps([_row_plain(row) for row in rows], ensure_ascii=False, indent=2)


def history_text(row: Row, history: Sequence[Version], late: Sequence[str] = ()) -> str:
    """One article with all its versions, and what changed from each to the next.

    ``late`` are the mirrors that may still show what its newest page replaced.
    """
    lines = [row.title, f"  {row.url}", f"  id {row.id}, {_standing(row)}"]
    if late:
        lines.append(f"  not on every mirror yet: {', '.join(late)}")
    lines.append("")
    lines += [line for version in history for line in _version_lines(version)]
    lines += [line for version in history[-1:] for line in _held_text(version)]
    for before, now in pairwise(history):
        change = list(differences(before.snapshot, now.snapshot))
        lines += ["", f"From version {before.number} to {now.number}:"]
        lines += [f"  {line}" for line in change] or ["  not a word is different"]
    return "\n".join(lines)


def _held_text(version: Version) -> Iterator[str]:
    """What is to be decided about, as it would be published: its words."""
    if version.status != "held":
        return
    text = words(version.snapshot.body_html)
    yield ""
    yield f"Version {version.number} as it is held ({len(text):,} characters):"
    yield from textwrap.wrap(
        text[:_SHOWN_CHARS], _WIDTH, initial_indent="  ", subsequent_indent="  "
    ) or ["  no text"]
    if len(text) > _SHOWN_CHARS:
        yield "  …"


def history_json(row: Row, history: Sequence[Version], late: Sequence[str] = ()) -> str:
    """The same for machines, texts left out."""
    told = [
        {
            "number": one.number,
            "status": one.status,
            "title": one.snapshot.title,
            "read": timestamp(one.snapshot.fetched_at),
            "until": timestamp(one.until) if one.until else None,
            "changed": list(one.change),
            "reasons": list(one.reasons),
        }
        for one in history
    ]
    plain = {**_row_plain(row), "not_yet_on": list(late), "versions": told}
    return json.dumps(plain, ensure_ascii=False, indent=2)


def differences(before: Snapshot, now: Snapshot) -> Iterator[str]:
    """Each change of words, as ``… kept [-old-] {+new+} kept …``."""
    old, new = _all_words(before), _all_words(now)
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        gone = f"[-{' '.join(old[a:b])}-]" if a < b else ""
        come = f"{{+{' '.join(new[c:d])}+}}" if c < d else ""
        around = (
            " ".join(new[max(c - _AROUND, 0) : c]),
            gone,
            come,
            " ".join(new[d : d + _AROUND]),
        )
        yield " ".join(part for part in around if part)


def erased_text(row: Row, config: Config, known: Mapping[str, MirrorRecord]) -> str:
    """What happens now, and what remains where."""
    mirrors = ", ".join(mirror.name for mirror in config.mirrors) or "none is configured"
    return "\n".join(
        (
            f"{row.id} is erased from the database.",
            f"Pages, pictures, feeds and lists follow with the next edition. {NEXT}",
            "",
            "What remains, and where:",
            f"- Mirrors ({mirrors}): each deletes it with its next push. One that can't be reached",
            "  owes it until it can. One that is no longer in the configuration keeps it. Which:",
            f"  tamizdat articles show {row.id}",
            *_out_of_reach(config, known),
            "- The log: paths and hashes of its files, for ever, on every mirror. They show that",
            "  something was published and taken away; who knows its address or has a copy can",
            "  tell that it was this. They don't give its text back.",
            "- Backups of the data folder, file system snapshots, and the program's own journal,",
            "  which may name its address: see to these yourself.",
            "- What readers have: saved pages, feed readers' stores, other people's archives and",
            f"  relays. And the source: {config.site.url}",
        )
    )


def _out_of_reach(config: Config, known: Mapping[str, MirrorRecord]) -> Iterator[str]:
    for mirror in config.mirrors:
        record = known.get(mirror.name)
        if record is not None and record.paused:
            yield f"  {mirror.name} is paused, and keeps it until `mirrors resume {mirror.name}`."
        elif record is not None and record.last_error:
            yield f"  {mirror.name} fell short the last time: {record.last_error}"


def _row_lines(row: Row) -> Iterator[str]:
    yield f"{_date(row.published)}  {row.id}  {_standing(row)}: {row.title}"
    yield f"  {row.url}"
    for reason in row.held:
        yield f"  held: {reason}"


def _standing(row: Row) -> str:
    words_ = [str(row.state) if row.published else "not published"]
    words_ += ["held"] if row.held else []
    words_ += ["being erased"] if row.erasing else []
    words_ += ["waits to be published"] if row.waits and not row.held else []
    return ", ".join(words_)


def _row_plain(row: Row) -> dict[str, object]:
    return {
        "id": row.id,
        "url": row.url,
        "title": row.title,
        "state": str(row.state),
        "published": timestamp(row.published) if row.published else None,
        "held": list(row.held),
        "waits": row.waits,
        "erasing": row.erasing,
    }


def _version_lines(version: Version) -> Iterator[str]:
    line = f"version {version.number}: read {_date(version.snapshot.fetched_at)}, {version.status}"
    if version.until:
        changed = ", ".join(version.change) or "nothing that readers see"
        line += f", replaced {_date(version.until)} ({changed})"
    yield line
    for reason in version.reasons:
        yield f"  held: {reason}"


def _date(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "-" * 16


def _all_words(snapshot: Snapshot) -> list[str]:
    return f"{snapshot.title} {words(snapshot.body_html)}".split()[:_LONGEST]
