"""The interface texts in English; plural forms stand between bars (one, other)."""

from typing import Final

ENGLISH: Final = {
    "months": (
        "January February March April May June July August September October November December"
    ),
    # an article
    "skip": "Skip to the text",
    "menu": "This site",
    "minutes": "{number} min read|{number} min read",
    "updated": "updated {time}",
    "corrected": "Corrected {time}: {what} changed.",
    "corrected somehow": "Corrected {time}.",
    "part title": "title",
    "part text": "text",
    "part picture": "picture",
    "part authors": "authors",
    "part dates": "dates",
    "earlier": "Earlier version",
    "earlier erased": "The earlier version was removed.",
    "earlier more": "Corrections before these stand on the earlier versions.",
    "gone": "No longer on the original site. This copy was kept as it stood then.",
    "withdrawn": "This article was withdrawn on {time}. Its text is not offered here any more.",
    "larger": "Larger picture: {width} × {height} px, {size} kB",  # noqa: RUF001  # the sign for sizes
    "read on": "Read on: part {part} of {parts}",
    "whole": "All of it on one page: {size} kB, too much for some lines",
    "part": "Part {part} of {parts}",
    "beginning": "Back to the beginning",
    "topics": "Topics",
    "copy": "Copy of an article by {site}, as {original} had it on {time}.",
    "here since": "This version is here since {time}.",
    "newest": "Newest version of this page",
    "check": "Other addresses, and how to check this copy",
    "moved": "The article is here",
    # front page, sections, lists
    "front": "Front page",
    "edition": "Edition of {time}.",
    "stale": "If that is days ago, use another address.",
    "archive": "All articles",
    "older": "Older articles",
    "newer": "Newer articles",
    "page": "Page {number}",
    "empty": "Nothing has been published here yet.",
    "was corrected": "corrected",
    "was gone": "no longer on the original site",
    "was withdrawn": "withdrawn",
    "feeds": "Follow in a feed reader",
    # addresses and checks
    "mirrors": "Addresses and checks",
    "others": "Other addresses",
    "others text": (
        "All of these hold the same articles. Keep some of them: when one stops working, "
        "the next one may not have."
    ),
    "others none": "No other address is listed.",
    "since": "since {date}",
    "genuine": "Is this copy genuine?",
    "genuine text": (
        "Whoever runs an address cannot change a word unnoticed: everything here is signed. "
        "Compare this fingerprint of the keys with one that you have from another place, "
        "in print or from somebody you trust. A forger would put his own here."
    ),
    "genuine page": "Check an article or a whole copy in the browser",
    "fingerprint": "Fingerprint",
    "commands": (
        "Someone with a command line can check a whole copy with common tools, "
        "in the folder that holds it:"
    ),
    "scan": "To pass it on by screen",
    "scan feed": "Scan it with a phone",
    "subscribe": "Subscribe",
    "subscribe text": (
        "A feed reader is an app that fetches new articles by itself. Give it the address of"
        " a feed of this site once; when this address is blocked, give it another one."
    ),
    "subscribe full": "All articles, full text",
    "subscribe lite": "Beginnings only, for a slow line",
    "subscribe every": "Every feed, as a file to import (OPML)",
    "subscribe copy": "Addresses to copy:",
    # look-up
    "find": "Find an article",
    "find text": (
        "Every article of {site} that was copied is found by its original address, "
        "also when that is blocked."
    ),
    "find address": "Original address, or its path",
    "find button": "Find",
    "find looking": "Looking…",
    "find absent": "There is no article with that address in this copy.",
    "find wrong": "That is no address of a page.",
    "find unsure": "This page could not ask whether it is here. If it is, it is at this link:",
    "find link": "the article",
    "find script": (
        "Looking up by address needs JavaScript, which does not run here. "
        "Without it, use the lists, or work out the address as said under “Find an article”."
    ),
    "find lists": "Or look through the newest articles, the sections or the full list:",
    "find command": (
        "Or work out where it is: take the original address without https://, www., "
        "a last slash and all from ? on, and type this with it on a command line:"
    ),
    "find command result": (
        "The first two of the sixteen digits are the folder, all sixteen the page:"
    ),
    "find not": (
        "What is not there was not copied, or was removed. "
        "The newest articles may be here a few minutes later than on the original site."
    ),
    "missing": "There is no such page here",
    "missing text": (
        "The address may be mistyped, or the article was never copied. "
        "It can also be newer than this copy."
    ),
}
