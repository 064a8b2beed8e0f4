"""The furniture of news sites: what stands on the page and is not the article.

A modest list of words in class names and ids, for appeals, newsletter boxes, "read more"
asides, share buttons, banners and the like; an operator's ``drop`` adds to it, ``keep`` is
stronger. A block that holds much of the page's text is never taken for furniture: a whole
page may carry ``class="has-newsletter-box"``.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, cast

from lxml import etree
from lxml.html import HtmlElement

from mirror.extract.page import remove, tag

_ALWAYS: Final = [
    "script",
    "style",
    "template",
    "button",
    "input",
    "select",
    "textarea",
    "label",
    "nav",
    "dialog",
    "object",
    "embed",
    "applet",
    "link",
    "meta",
    "base",
    "frame",
    "frameset",
    "map",
    "area",
    "canvas",
    "math",
    "menu",
]
_WHOLE: Final = frozenset({"html", "body", "article", "main", "head"})
_SPARED: Final = _WHOLE | {"img", "picture", "figure", "source"}
_FORMS: Final = frozenset({"footer", "form"})
_MOST: Final = 0.35  # of the page's text: more is no furniture
_HEADINGS: Final = ("h2", "h3", "h4", "h5", "h6")
_MAX_HEADING: Final = 60
_ELSEWHERE: Final = re.compile(
    r"""(?:more\ )?(?:related|recommended|popular|trending)
        (?:\ (?:stories|articles|posts|news|content))?
    |you\ (?:might|may)\ also\ (?:like|be\ interested\ in)|most\ (?:read|popular|viewed)
    |read\ (?:more|next|also)|(?:more|latest)\ (?:from|on|in|stories|news)\b.*|see\ also
    |share\ this.*|sign\ up\ (?:for|to)\b.*|newsletter|support\ (?:us|our\ (?:work|journalism))
    |comments?|leave\ a\ (?:comment|reply)|topics|tags
    |чита(?:йте|ть)\ (?:также|ещ[её]|далее)|по\ теме|похожие\ (?:статьи|новости|материалы)
    |ещ[её]\ по\ теме|самое\ (?:читаемое|популярное)|подпи(?:шитесь|ска)\b.*|поддержите\b.*
    |комментарии|теги""",
    re.VERBOSE | re.IGNORECASE,
)
_LONG: Final = etree.XPath("boolean(.//p[string-length(normalize-space(.)) > 250])")
_OWN: Final = etree.XPath(
    "boolean(.//h1 | .//article | .//main | descendant-or-self::*[@itemprop='articleBody'])"
)
_LENGTH: Final = etree.XPath("string-length(normalize-space(.))")
_MARKED: Final = etree.XPath(  # what no furniture lacks; most paragraphs have none of it
    "descendant-or-self::*[@class or @id or @role or @style or @hidden or @aria-modal"
    " or self::footer or self::form]"
)
_ROLES: Final = frozenset(
    "banner navigation complementary search contentinfo dialog alertdialog menu toolbar".split()  # noqa: SIM905 - reads better
)
_WORDS: Final = re.compile(
    r"""(?:^|[\s_-])(?:
    # appeals
    donat(?:e|ion|ions)|fundrais\w*|contribute|support-?us|membership|paywall|subscri(?:be|ption|ptions)
    |become-a-member|support-(?:box|block|banner|text)|appeal
    # newsletters
    |newsletters?|mailing-?list|signup|sign-up|email-(?:signup|capture|form)
    # elsewhere on the site
    |related(?!-?content-wrap)|topics|tag-?list|article__tags|read-?(?:more|next|also|on)|more-(?:on|from|stories|news|articles|about)
    |see-also|recommend(?:ed|ations?|s)?|recirc\w*|most-(?:read|popular|viewed)|popular-posts?|trending
    |teasers?|promo(?:s|box|tion|tional)?|also-(?:read|on)|up-next|next-(?:article|post|story)|outbrain|taboola
    |zergnet|jp-relatedposts|article-links
    # share and react
    |shar(?:e|ing)|share(?:bar|tools|buttons?|links?)|social(?:s|icons?|links?|media|-\w+)?|addthis|sharedaddy
    |follow-(?:us|buttons?)|comments?|comment-(?:count|form|list|section)|disqus\w*|respond|reactions|print-(?:button|link)
    # banners
    |cookies?|consent|gdpr|pop-?up|modal|overlay|toast|lightbox-nav|ads?|advert\w*|adsense|dfp|sponsor(?:ed|s)?
    |banner|breadcrumbs?|skip-(?:link|to)|back-to-top|toolbar|site-(?:header|footer|nav)|masthead|navbar
    |visually-hidden|visuallyhidden|sr-only|screen-reader-text|noprint|no-print
    )(?:$|[\s_-])""",
    re.VERBOSE | re.IGNORECASE,
)
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def drop_furniture(root: etree._Element, keep: Iterable[etree._Element] = ()) -> None:
    """Take the furniture out of the page, but for ``keep`` and what holds it."""
    kept = set(keep)
    spared = kept | {above for node in kept for above in node.iterancestors()}
    if spared:
        for node in list(root.iter(*_ALWAYS)):
            if node not in spared:
                remove(node)
    else:
        etree.strip_elements(root, *_ALWAYS, with_tail=False)
    whole = 0.0
    suspects = [
        _parent(node) for node in root.iter(*_HEADINGS) if _ELSEWHERE.fullmatch(_said(node))
    ]
    suspects = [
        node for node in dict.fromkeys(suspects) if tag(node) not in _WHOLE and not _LONG(node)
    ]
    for node in suspects + [
        node for node in cast("list[HtmlElement]", _MARKED(root)) if _suspect(node)
    ]:
        if node in spared or kept.intersection(node.iterancestors()):
            continue
        whole = whole or _length(root)
        if _length(node) <= _MOST * whole:
            remove(node)


def is_named_furniture(node: etree._Element) -> bool:
    """Whether the class or id of ``node`` says that it is no part of the article."""
    names = f"{node.get('class', '')} {node.get('id', '')}"
    return len(names) > 1 and _is_furniture(names)


@lru_cache(maxsize=10_000)
def _is_furniture(names: str) -> bool:
    return bool(_WORDS.search(names) or _WORDS.search(_CAMEL.sub("-", names)))


def _suspect(node: etree._Element) -> bool:
    name = tag(node)
    if name in _SPARED:
        return False
    get = node.get
    if name in _FORMS or get("role") in _ROLES or get("aria-modal"):
        return name != "footer" or tag(_parent(node)) != "blockquote"
    if get("hidden") is not None or ((style := get("style")) and _HIDDEN.search(style)):
        return True
    return is_named_furniture(node) and not _OWN(node)


def _said(node: etree._Element) -> str:
    return "".join(node.itertext())[:_MAX_HEADING].strip(" \t\r\n:….")


def _parent(node: etree._Element) -> etree._Element:
    parent = node.getparent()
    return node if parent is None else parent


def _length(node: etree._Element) -> float:
    return float(str(_LENGTH(node)))
