"""What can be wrong with articles, trees and addresses.

FeedsError
├── InvalidSnapshotError   the extractor gave something that must not be stored
├── InvalidArticleError    the store gave something that must not be published
├── InvalidAddressError    no article id can be made of this address
├── InvalidChannelError    the config gave a feed what must not be published
├── InvalidAppealError     the config gave an appeal what must not be published
├── InvalidPathError       a path that the format does not allow
└── TreeError
    ├── MissingFileError   the place was read; this file is not there
    └── UnreadableError    the place, or a file of it, could not be read at all
"""


class FeedsError(Exception):
    """Anything that ``feeds`` raises on purpose."""


class InvalidSnapshotError(FeedsError):
    """A snapshot's field is outside its limits."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"snapshot: {field} {problem}")
        self.field = field


class InvalidArticleError(FeedsError):
    """An article's field is outside its limits."""

    def __init__(self, article_id: str, problem: str) -> None:
        super().__init__(f"article {article_id}: {problem}")
        self.article_id = article_id


class InvalidAddressError(FeedsError):
    """An address that is no absolute http(s) URL, or a base that format 1.5 does not allow."""

    def __init__(self, address: str, problem: str) -> None:
        super().__init__(f"address {address[:200]!r}: {problem}")
        self.address = address


class InvalidChannelError(FeedsError):
    """A feed's field is outside its limits."""

    def __init__(self, feed: str, field: str, problem: str) -> None:
        super().__init__(f"feed {feed[:200]}: {field} {problem}")
        self.feed = feed
        self.field = field


class InvalidAppealError(FeedsError):
    """An appeal's field is outside its limits."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"appeal: {field} {problem}")
        self.field = field


class InvalidPathError(FeedsError):
    """A path outside format 2.1."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"path {path[:200]!r}: {problem}")
        self.path = path


class TreeError(FeedsError):
    """A tree could not be read as asked."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class MissingFileError(TreeError):
    """The place answered, and has no such file."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "is not there")


class UnreadableError(TreeError):
    """The place, or this file of it, could not be read."""
