# ruff: noqa: RUF001  # Cyrillic on purpose
"""What feeds say themselves beyond the words of pages: the texts around the addresses."""

from typing import Final

FEED_WORDS: Final = {
    "en": {
        "read on": "Read on",
        "lite": "lite",
        "others": "If this address stops working: the other addresses",
        "moving": "If this address stops working",
        "moving why": (
            "Addresses of this site get blocked. The same articles and the same feeds are at "
            "every address below. Keep several of them: when one no longer opens, take the next."
        ),
        "moving how": (
            "In a feed reader, subscribe to the feed at another address too: "
            "a reader that goes by entry ids shows no article twice."
        ),
        "feed at": "feed",
        "all feeds": "All feeds (OPML)",
        "notice": "About the addresses of this site",
    },
    "ru": {
        "read on": "Читать дальше",
        "lite": "кратко",
        "others": "Если этот адрес перестанет открываться: другие адреса",
        "moving": "Если этот адрес перестанет открываться",
        "moving why": (
            "Адреса этого сайта блокируют. По каждому из адресов ниже те же статьи и те же ленты. "
            "Сохраните несколько: когда один перестанет открываться, возьмите следующий."
        ),
        "moving how": (
            "В программе для чтения лент подпишитесь и на ленту по другому адресу: "
            "программа, которая различает записи по идентификатору, не покажет статью дважды."
        ),
        "feed at": "лента",
        "all feeds": "Все ленты (OPML)",
        "notice": "Об адресах этого сайта",
    },
}
