"""Pages that are no article, whatever their status says: block pages, CAPTCHAs, login walls."""

import re
from typing import Final

from lxml import etree

from mirror.extract.page import text_of

_SHORT: Final = 1_500  # characters: a real article is longer than a refusal
_CHECK: Final = "is a browser check or CAPTCHA, not the article"
_LOGIN: Final = "is a login page, not the article"
_TITLES: Final = tuple(
    (re.compile(pattern, re.IGNORECASE | re.VERBOSE), reason)
    for pattern, reason in (
        (
            r"""just\ a\ moment|attention\ required|checking\ your\ browser|ddos-guard|captcha
            |are\ you\ (?:a\ )?(?:human|robot)|verify\ you\ are\ human|security\ check""",
            _CHECK,
        ),
        (
            r"""^\W*(?:403\b|access\ (?:to\ this\ page\ )?(?:has\ been\ |is\ )?denied|forbidden
            |(?:sorry,\ )?you\ have\ been\ blocked|доступ\ (?:ограничен|запрещ[её]н|заблокирован)
            |сайт\ заблокирован)|not\ available\ in\ your\ (?:country|region)""",
            "is a block page, not the article",
        ),
        (
            r"""^\W*(?:(?:error\ )?(?:404|410|500|502|503)\b|(?:page|article|story)?\ ?not\ found
            |страница\ не\ найдена|service\ unavailable|bad\ gateway|under\ maintenance)""",
            "is an error page, not the article",
        ),
        (r"^\W*(?:log\ ?in|sign\ ?in|вход|авторизация|войти)\b", _LOGIN),
        (
            r"^\W*(?:before\ you\ continue|cookie\ consent|we\ value\ your\ privacy)",
            "is a consent wall, not the article",
        ),
    )
)
_MARKS: Final = re.compile(
    r"cf-challenge|challenge-form|challenge-platform|cf-turnstile|g-recaptcha|h-captcha"
    r"|px-captcha|ddos-guard|_incapsula_",
    re.IGNORECASE,
)
_NEEDS_SCRIPT: Final = re.compile(
    r"(?:enable|requires?|turn on|включите|нужен) (?:\w+ )?java ?script"
    r"|java ?script (?:is )?(?:required|disabled|отключ)",
    re.IGNORECASE,
)
_EMPTY: Final = 200  # characters


def why_no_article(root: etree._Element) -> str:
    """Why the page can't hold an article, in words, or empty. Looks only at short pages' words."""
    text = text_of(root)
    if len(text) > _SHORT or _says_article(root):
        return ""
    title = next((text_of(node) for node in root.iter("title")), "")
    heading = next((text_of(node) for node in root.iter("h1")), "")
    for pattern, reason in _TITLES:
        if pattern.search(title) or pattern.search(heading):
            return reason
    marks = ("id", "class", "src", "action")
    names = " ".join(node.get(mark, "") for node in root.iter("*") for mark in marks)
    if _MARKS.search(names):
        return _CHECK
    if len(text) <= _EMPTY and any(node.get("type") == "password" for node in root.iter("input")):
        return _LOGIN
    noscript = " ".join("".join(node.itertext()) for node in root.iter("noscript"))
    shell = next(root.iter("script"), None) is not None and len(text) <= _EMPTY
    if shell and (_NEEDS_SCRIPT.search(noscript) or not text):
        return "is an empty shell that only a script would fill"
    return ""


def _says_article(root: etree._Element) -> bool:
    """Whether the page's own metadata call it an article, as no refusal does."""
    return any(
        node.get("property") == "og:type" and node.get("content") == "article"
        for node in root.iter("meta")
    )
