"""Pages that are no article, whatever their status says: block pages, CAPTCHAs, login walls.

A page that calls itself an article is believed. Of the others, headings that only such pages have
count whatever their length; other words, only where there is little else on the page.
"""

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Final
from urllib.parse import urljoin, urlsplit

from lxml import etree

from mirror.extract.page import text_of

_SHORT: Final = 1_500  # characters: a real article is longer than a refusal
_EMPTY: Final = 200  # characters
_NOTHING: Final = 60  # characters: a heading at most
_CHECK: Final = "is a browser check or CAPTCHA, not the article"
_LOGIN: Final = "is a login page, not the article"
_CONSENT: Final = "is a consent wall, not the article"
_MANY: Final = 5  # headings that are links, on a front page
_FRONT: Final = "is the front page, not the article; that may be gone"
_SHELL: Final = "is an empty shell that only a script would fill"


def _patterns(where: str, form: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """What ``refusals.toml`` has for ``where``, with the reason of each."""
    text = files("mirror.extract").joinpath("refusals.toml").read_text("utf-8")
    return tuple(
        (re.compile(form.format("|".join(one[where])), re.IGNORECASE), one["reason"])
        for one in tomllib.loads(text)["refusal"]
        if where in one
    )


_WHOLE: Final = _patterns("whole", r"\W*(?:{})\W*")
_HEADS: Final = _patterns("heads", "{}")
_WORDS: Final = _patterns("words", "{}")
_PRIVACY: Final = re.compile(
    r"cookies?|consent|partners|legitimate interest|personal data|advertising|tracking|privacy"
    r"|your device|legal basis",
    re.IGNORECASE,
)
_MUCH_PRIVACY: Final = 0.05  # of the words; a report about it has less
_MARKS: Final = re.compile(
    r"cf-challenge|challenge-form|challenge-platform|cf-turnstile|g-recaptcha|h-captcha"
    r"|px-captcha|ddos-guard|_incapsula_|checkcaptcha|smartcaptcha",
    re.IGNORECASE,
)
_NEEDS_SCRIPT: Final = re.compile(
    r"(?:enable|requires?|turn on|включите|нужен) (?:\w+ )?java ?script"
    r"|java ?script (?:is )?(?:required|disabled|отключ)",
    re.IGNORECASE,
)
_SITE_NAME: Final = re.compile(r"\s[|\u2013\u2014\u00b7-]\s")
_AROUND: Final = frozenset({"nav", "footer", "aside", "form", "script", "style", "template"})
_UNSEEN: Final = frozenset({"noscript", "head"})


def why_no_article(root: etree._Element, url: str = "") -> str:
    """Why the page that ``url`` gave can't hold an article, in words, or empty."""
    if _says_article(root):
        return ""
    heads = tuple(_headings(root))
    for pattern, reason in _WHOLE:
        if any(map(pattern.fullmatch, heads)):
            return reason
    if url and _is_front_page(root, url):
        return _FRONT
    core = _core(root)
    if _is_consent(root, core):
        return _CONSENT
    return _of_short(root, core, heads) if len(core) <= _SHORT else ""


def _of_short(root: etree._Element, core: str, heads: tuple[str, ...]) -> str:
    for patterns, texts in ((_HEADS, heads), (_WORDS, (core, *heads))):
        for pattern, reason in patterns:
            if any(map(pattern.search, texts)):
                return reason
    return _by_marks(root, core)


def _headings(root: etree._Element) -> Iterator[str]:
    title = next((text_of(node) for node in root.iter("title")), "")
    yield from (title, *_SITE_NAME.split(title)[:1])
    yield from (text_of(node) for node in root.iter("h1"))


def _core(root: etree._Element) -> str:
    """The page's own words: without menus, forms, and what stands at its head and foot."""
    return " ".join(" ".join(_pieces(root)).split())


def _pieces(node: etree._Element) -> Iterator[str]:
    """Texts in order; a stack of its own, since pages may be nested deeply."""
    stack: list[etree._Element | str] = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            yield part
            continue
        inside = isinstance(part.tag, str) and not _is_around(part)
        if part.tail and part is not node:
            stack.append(part.tail)
        if inside:
            stack.extend(reversed(part))
            if part.text:
                stack.append(part.text)


def _is_around(node: etree._Element) -> bool:
    tag = node.tag
    if tag == "header":
        return not any(True for _ in node.iterancestors("article", "main"))
    return tag in _AROUND or tag in _UNSEEN


def _is_front_page(root: etree._Element, url: str) -> bool:
    """Whether the page says that its own address is the site's first, and was asked by another.

    Some sites say so of each article, by mistake; a front page has many headlines that lead on.
    """
    if urlsplit(url).path in {"", "/"} or _headlines(root) < _MANY:
        return False
    for node in root.iter("link", "meta"):
        is_link = node.tag == "link" and node.get("rel", "").lower() == "canonical"
        if is_link or node.get("property") == "og:url":
            try:
                own = urlsplit(
                    urljoin(url, (node.get("href") or node.get("content") or "x").strip())
                )
            except ValueError:
                continue
            return own.path in {"", "/"} and not own.query
    return False


def _headlines(root: etree._Element) -> int:
    """How many headings are links."""
    return sum(
        next(node.iter("a"), None) is not None or next(node.iterancestors("a"), None) is not None
        for node in root.iter("h2", "h3", "h4")
    )


def _is_consent(root: etree._Element, core: str) -> bool:
    found = len(_PRIVACY.findall(core))
    asks = next(root.iter("button"), None) is not None
    return asks and found > max(8, _MUCH_PRIVACY * len(core.split()))


def _by_marks(root: etree._Element, core: str) -> str:
    marks = ("id", "class", "src", "action")
    names = " ".join(node.get(mark, "") for node in root.iter("*") for mark in marks)
    if _MARKS.search(names):
        return _CHECK
    if len(core) <= _EMPTY and any(node.get("type") == "password" for node in root.iter("input")):
        return _LOGIN
    noscript = " ".join("".join(node.itertext()) for node in root.iter("noscript"))
    has_script = next(root.iter("script"), None) is not None
    if has_script and len(core) <= _EMPTY and _NEEDS_SCRIPT.search(noscript):
        return _SHELL
    return _SHELL if has_script and len(core) <= _NOTHING else ""


def _says_article(root: etree._Element) -> bool:
    """Whether the page's own metadata call it an article, as no refusal does."""
    return any(
        node.get("property") == "og:type" and node.get("content") == "article"
        for node in root.iter("meta")
    )
