"""Embeds (video, posts, maps) as links that say what they are."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

from lxml import etree

from mirror.extract.page import absolute, tag

_NOT_FOR_READERS: Final = re.compile(
    r"doubleclick|googletagmanager|googlesyndication|adservice|/ads?/|ad\.|criteo|taboola"
    r"|outbrain|recaptcha|consent|facebook\.com/plugins/like|/comments?/|disqus|analytics|pixel",
    re.IGNORECASE,
)
_KINDS: Final = (  # host ending, what it is in English, in Russian
    ("youtube.com", "Video on YouTube", "Видео на YouTube"),
    ("youtube-nocookie.com", "Video on YouTube", "Видео на YouTube"),
    ("youtu.be", "Video on YouTube", "Видео на YouTube"),
    ("vimeo.com", "Video on Vimeo", "Видео на Vimeo"),
    ("dailymotion.com", "Video on Dailymotion", "Видео на Dailymotion"),
    ("tiktok.com", "Video on TikTok", "Видео в TikTok"),
    ("twitter.com", "Post on X", "Пост в X"),
    ("x.com", "Post on X", "Пост в X"),
    ("t.me", "Post on Telegram", "Пост в Telegram"),
    ("telegram.org", "Post on Telegram", "Пост в Telegram"),
    ("instagram.com", "Post on Instagram", "Пост в Instagram"),
    ("facebook.com", "Post on Facebook", "Пост в Facebook"),
    ("vk.com", "Post on VK", "Пост во «ВКонтакте»"),
    ("soundcloud.com", "Audio on SoundCloud", "Аудио на SoundCloud"),
    ("spotify.com", "Audio on Spotify", "Аудио на Spotify"),
    ("datawrapper.de", "Chart on Datawrapper", "График на Datawrapper"),
    ("datawrapper.dwcdn.net", "Chart on Datawrapper", "График на Datawrapper"),
    ("flourish.studio", "Chart on Flourish", "График на Flourish"),
    ("maps.google.com", "Map on Google Maps", "Карта на Google Maps"),
    ("openstreetmap.org", "Map on OpenStreetMap", "Карта на OpenStreetMap"),
)
_OTHERS: Final = {
    "video": ("Video", "Видео"),
    "audio": ("Audio", "Аудио"),
    "map": ("Map", "Карта"),
    "": ("Embedded page", "Встроенная страница"),
}
_VIDEO_ID: Final = re.compile(r"/(?:embed|shorts|live|v)/([A-Za-z0-9_-]{6,20})")


@dataclass(frozen=True, slots=True)
class Embed:
    """A link that stands for an embed: where it leads, and what it is, in words."""

    url: str
    label: str


def read_embed(node: etree._Element, base: str, language: str) -> Embed | None:
    """What ``node`` (iframe, video or audio) shows, or None where it is nothing for readers."""
    address = _source(node, base)
    if not address or _NOT_FOR_READERS.search(address) or _is_tiny(node):
        return None
    russian = language.lower().startswith("ru")
    host = urlsplit(address).hostname or ""
    for ending, english, other in _KINDS:
        if host == ending or host.endswith(f".{ending}"):
            return Embed(_watchable(address), other if russian else english)
    kind = tag(node) if tag(node) in _OTHERS else "map" if "/maps" in address else ""
    return Embed(address, f"{_OTHERS[kind][russian]}: {host}")


def _source(node: etree._Element, base: str) -> str:
    tried = [node.get(name, "") for name in ("src", "data-src", "data-lazy-src")]
    tried += [source.get("src", "") for source in node.iter("source")]
    return next((url for url in (absolute(base, value) for value in tried if value) if url), "")


def _is_tiny(node: etree._Element) -> bool:
    return any(node.get(side, "").strip() in {"0", "1"} for side in ("width", "height"))


def _watchable(address: str) -> str:
    """The page that a person opens, for an address that players open."""
    parts = urlsplit(address)
    match = _VIDEO_ID.search(parts.path)
    if match and "youtube" in (parts.hostname or ""):
        return f"https://www.youtube.com/watch?v={match[1]}"
    if parts.hostname == "player.vimeo.com" and (number := re.search(r"/video/(\d+)", parts.path)):
        return f"https://vimeo.com/{number[1]}"
    if parts.hostname == "platform.twitter.com" and (post := parse_qs(parts.query).get("id")):
        return f"https://x.com/i/status/{post[0]}" if post[0].isdigit() else address
    return address.partition("?")[0] if parts.hostname == "t.me" else address
