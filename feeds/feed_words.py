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
        "closes": (
            "This address will soon close: {addresses}. Subscribe to the feed at another one now."
        ),
        "what a feed is": (
            "This is a feed: the newest articles of this site, for a feed reader. "
            "A feed reader fetches it by itself and keeps what you have not read yet.\n"
            "To subscribe, copy the address of this page from the top of your browser "
            "and paste it into a feed reader where it asks for a new subscription."
        ),
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
        "closes": (
            "Этот адрес скоро закроется: {addresses}. Подпишитесь на ленту по другому адресу."
        ),
        "what a feed is": (
            "Это лента: новые статьи этого сайта для программы чтения лент. "
            "Такая программа сама загружает ленту и хранит то, что вы ещё не прочли.\n"
            "Чтобы подписаться, скопируйте адрес этой страницы из адресной строки браузера "
            "и вставьте его в программу для чтения лент там, где она предлагает новую подписку."
        ),
    },
}
