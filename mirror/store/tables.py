"""The tables. Times are Unix seconds, UTC; hashes are hex; JSON is canonical text."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

METADATA: Final = MetaData()

_ID: Final = String(16)
_SHA: Final = String(64)
_PATH: Final = String(200)

ARTICLES: Final = Table(  # one row for each article that has, or had, something to publish
    "article",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("state", String(16), nullable=False),  # feeds.article.State
    Column("pending", Integer, nullable=False, default=0),  # 1: its page must be made again
    Column("version", Integer, nullable=False, default=0),  # number of the published one, or 0
    Column("published", BigInteger, nullable=False, default=0),  # what readers see; sorts feeds
    Column("updated", BigInteger, nullable=False, default=0),
    Column("section", String(40), nullable=False, default=""),  # slug
    Column("language", String(35), nullable=False, default=""),
    Index("article_by_date", "published", "id"),
    Index("article_by_section", "section", "published", "id"),
    Index("article_by_language", "language", "published", "id"),
    Index("article_pending", "pending"),
)

ADDRESSES: Final = Table(  # every address by which an article is known (format 1.1)
    "address",
    METADATA,
    Column("id", _ID, primary_key=True),  # of this address
    Column("form", Text, nullable=False),  # its normal form; empty once erased
    Column("article", _ID, nullable=False, index=True),
    Column("logged", Integer, nullable=False, default=0),  # 1: its alias page is published
    Index("address_logged", "logged"),
)

VERSIONS: Final = Table(  # every version of every article, with what was fetched
    "version",
    METADATA,
    Column("article", _ID, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("status", String(16), nullable=False),  # ready, held, published, dropped, erased
    Column("snapshot", LargeBinary, nullable=False),  # Snapshot.encode()
    Column("fetched", BigInteger, nullable=False),
    Column("reasons", Text, nullable=False, default="[]"),  # JSON: why it is held
    Column("raw", _SHA, nullable=False, default=""),  # of the page as fetched, under data/raw
    Column("raw_type", String(200), nullable=False, default=""),
    Column("headers", Text, nullable=False, default="{}"),  # JSON: of the answer
    Column("page", _SHA, nullable=False, default=""),  # of the published page
    Column("until", BigInteger, nullable=False, default=0),  # when it was replaced
    Column("change", String(100), nullable=False, default=""),  # what the next one changed
    Index("version_by_status", "status", "article"),
)

FILES: Final = Table(  # which articles need which files under m/ and p/, for erasing
    "file",
    METADATA,
    Column("path", _PATH, primary_key=True),
    Column("article", _ID, primary_key=True),
    Index("file_by_article", "article"),
)

FOUND: Final = Table(  # addresses that wait to be read
    "found",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("item", Text, nullable=False),  # JSON: mirror.source.item.Item
    Column("source", String(100), nullable=False),
    Column("found", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("problem", Text, nullable=False, default=""),
    Index("found_by_due", "due"),
)

SOURCES: Final = Table(
    "source",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("state", Text, nullable=False),  # SourceState.encode()
    Column("last_ok", BigInteger, nullable=False, default=0),
    Column("last_error", Text, nullable=False, default=""),
    Column("found", Integer, nullable=False, default=0),
)

LOGS: Final = Table(  # one row: the guard of format 2.7, and the head that was signed
    "log",
    METADATA,
    Column("origin", String(200), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", _SHA, nullable=False),
    Column("signed", BigInteger, nullable=False, default=0),  # size that ``head`` states
    Column("time", BigInteger, nullable=False, default=0),  # of the newest cosignature
    Column("head", LargeBinary, nullable=False, default=b""),  # log/checkpoint
)

EDITIONS: Final = Table(
    "edition",
    METADATA,
    Column("size", BigInteger, primary_key=True),
    Column("before", BigInteger, nullable=False),  # size of the edition before
    Column("root", _SHA, nullable=False),
    Column("time", BigInteger, nullable=False),
)

LEAVES: Final = Table(  # the current entry for each path
    "leaf",
    METADATA,
    Column("path", _PATH, primary_key=True),
    Column("sha", _SHA, nullable=False),
    Column("index", BigInteger, nullable=False, unique=True),
    Column("first", BigInteger, nullable=False),
)

MUTABLES: Final = Table(  # what SHA256SUMS lists, and what it listed once
    "mutable",
    METADATA,
    Column("path", _PATH, primary_key=True),
    Column("sha", _SHA, nullable=False),  # of the empty file: it is no more
    Column("since", BigInteger, nullable=False),  # size of the edition that changed it
    Index("mutable_by_since", "since"),
)

LISTINGS: Final = Table(  # which article came to a list at which place, from 0, the oldest
    "listing",
    METADATA,
    Column("list", String(60), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("article", _ID, nullable=False),
    Index("listing_by_article", "article"),
)

NAMES: Final = Table(  # authors and tags that have lists, or will
    "name",
    METADATA,
    Column("list", String(60), primary_key=True),
    Column("name", String(200), nullable=False),  # as readers see it
    Column("shelf", String(20), nullable=False),  # of the contents; empty: it has no page yet
    Column("place", Integer, nullable=False),  # there, from 0, the oldest
    Column("pages", Integer, nullable=False),  # of its list, that are published
    Column("due", Integer, nullable=False),  # 1: it came with an upgrade; pages are to be made
    Index("name_by_shelf", "shelf", "place"),
    Index("name_by_due", "due"),
)

LABELS: Final = Table(  # the articles of feeds that are chosen by author or tag
    "label",
    METADATA,
    Column("feed", String(60), primary_key=True),
    Column("article", _ID, primary_key=True),
    Column("published", BigInteger, nullable=False),
    Index("label_by_date", "feed", "published", "article"),
    Index("label_by_article", "article"),
)

ARCHIVED: Final = Table(  # which articles an archive document of a feed holds; 0: none yet
    "archived",
    METADATA,
    Column("feed", String(60), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("article", _ID, primary_key=True),
    Index("archived_by_article", "article"),
)

SECTIONS: Final = Table(  # in the order of the menu
    "section",
    METADATA,
    Column("slug", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("place", Integer, nullable=False),
)

MIRRORS: Final = Table(
    "mirror",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("size", BigInteger, nullable=False, default=-1),  # -1: not seen yet
    Column("last_push", BigInteger, nullable=False, default=0),
    Column("last_error", Text, nullable=False, default=""),
    Column("paused", Integer, nullable=False, default=0),
    Column("resume", Text, nullable=False, default=""),  # JSON: mirror.publish.outcome.Resume
    Column("listed_since", BigInteger, nullable=False, default=0),
    Column("swept", BigInteger, nullable=False, default=0),  # superseded tiles gone up to here
    Column("retiring", BigInteger, nullable=False, default=0, server_default="0"),  # since when
    Column("audited", BigInteger, nullable=False, default=0, server_default="0"),  # last, when
)

LOSSES: Final = Table(  # files that a mirror was found without, and that were put there again
    "loss",
    METADATA,
    Column("mirror", String(100), primary_key=True),
    Column("path", _PATH, primary_key=True),
    Column("found", BigInteger, nullable=False),  # when it was last put back
    Column("checked", BigInteger, nullable=False),  # when it was last looked for since then
    Column("times", Integer, nullable=False),  # how often it was put back
)

OWED: Final = Table(  # deletions that a mirror missed (format 7)
    "owed",
    METADATA,
    Column("mirror", String(100), primary_key=True),
    Column("path", _PATH, primary_key=True),
)

ALERTS: Final = Table(
    "alert",
    METADATA,
    Column("key", String(300), primary_key=True),
    Column("alert", Text, nullable=False),  # JSON: mirror.alerts.Alert
)

KEPT: Final = Table(  # single values
    "kept",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("value", Text, nullable=False),
)

ROBOTS: Final = Table(  # robots.txt of each host that is read
    "robots",
    METADATA,
    Column("origin", String(300), primary_key=True),  # scheme, host, port
    Column("text", Text, nullable=False),
    Column("fetched", BigInteger, nullable=False),
)

SUBSCRIPTIONS: Final = Table(  # at the WebSub hubs of sources
    "subscription",
    METADATA,
    Column("source", String(100), primary_key=True),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("path", String(64), nullable=False),  # of the callback; nobody else knows it
    Column("secret", String(64), nullable=False),  # by which the hub signs
    Column("asked", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),  # 0: the hub has not confirmed it
    Column("problem", Text, nullable=False, default=""),
)

BACKFILL: Final = Table(  # addresses that a backfill has still to read
    "backfill",
    METADATA,
    Column("job", String(100), primary_key=True),
    Column("id", _ID, primary_key=True),  # of the address
    Column("item", Text, nullable=False),  # JSON: mirror.source.item.Item
    Column("source", String(100), nullable=False),
    Column("found", BigInteger, nullable=False),  # date of the article as far as it is known
    Column("due", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("problem", Text, nullable=False, default=""),
    Index("backfill_by_date", "job", "found", "id"),
)

BACKFILL_FILES: Final = Table(  # sitemap files that a backfill has gone through
    "backfill_file",
    METADATA,
    Column("job", String(100), primary_key=True),
    Column("url", Text, primary_key=True),
)

MEDIA_DAYS: Final = Table(  # how much of the day's budget for pictures is used up
    "media_day",
    METADATA,
    Column("day", Integer, primary_key=True, autoincrement=False),  # days since 1970, UTC
    Column("bytes", BigInteger, nullable=False),
)
