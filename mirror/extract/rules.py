"""The operator's rules for a page: what to drop, what to keep, and where things are."""

from dataclasses import dataclass
from typing import Final, Protocol

from lxml import etree

from mirror.extract.page import remove, select, tag, text_of

_MAX_NAME_CHARS: Final = 100


class Rules(Protocol):
    """CSS selectors for one host, as in [extract]; empty means "not said"."""

    @property
    def keep(self) -> tuple[str, ...]:
        """Never furniture, and always part of the body."""
        ...

    @property
    def drop(self) -> tuple[str, ...]:
        """Never part of the article."""
        ...

    @property
    def title(self) -> str:
        """The headline."""
        ...

    @property
    def author(self) -> str:
        """Each author's name."""
        ...

    @property
    def date(self) -> str:
        """When it was published: an element with ``datetime``, or with the date as its text."""
        ...

    @property
    def body(self) -> str:
        """The pieces that together are the body."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NoRules:
    """Nothing said."""

    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    title: str = ""
    author: str = ""
    date: str = ""
    body: str = ""


def drop(root: etree._Element, rules: Rules) -> None:
    """Take out what the rules drop, but for what they keep."""
    kept = set(select(root, *rules.keep))
    for node in select(root, *rules.drop):
        if node not in kept and tag(node) not in {"html", "body"}:
            remove(node)


def title(root: etree._Element, rules: Rules) -> str:
    """The headline where the rules say it is, or empty."""
    found = select(root, rules.title) if rules.title else []
    return text_of(found[0]) if found else ""


def authors(root: etree._Element, rules: Rules) -> tuple[str, ...]:
    """The names where the rules say they are."""
    found = select(root, rules.author) if rules.author else []
    names = (text_of(node)[:_MAX_NAME_CHARS] for node in found)
    return tuple(dict.fromkeys(name for name in names if name))


def date(root: etree._Element, rules: Rules) -> str:
    """The date's text where the rules say it is, or empty."""
    found = select(root, rules.date) if rules.date else []
    return (
        (found[0].get("datetime") or found[0].get("content") or text_of(found[0])) if found else ""
    )


def body(root: etree._Element, rules: Rules) -> list[etree._Element]:
    """The body's pieces where the rules say they are, none inside another; with what is kept."""
    if not rules.body:
        return []
    if not rules.keep:
        pieces = select(root, rules.body)
    elif pieces := select(root, rules.body):
        pieces = select(root, rules.body, *rules.keep)
    chosen = set(pieces)
    return [node for node in pieces if chosen.isdisjoint(node.iterancestors())]
