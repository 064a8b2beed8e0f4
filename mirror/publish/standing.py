"""Where a mirror stands, by its own ``log/checkpoint``."""

from typing import Final

from feeds.paths import CHECKPOINT
from mirror.errors import EndpointError, LogBehindError
from mirror.publish.heads import Head, VerifyHead, is_unfinished, whole_lines
from mirror.publish.published import Published

_NOT_BY_US: Final = (
    f"its {CHECKPOINT} is not by our log key, so nothing was written. See whose it is;"
    " if this address is yours alone, delete that file there and push again"
)
_NOT_OUR_TREE: Final = (
    f"its {CHECKPOINT} bears our log key's signature, but on a tree of {{size}} entries that"
    " we never published, so nothing was written. Keep that file: it is evidence that somebody"
    " else has the log key, or that this machine lost a part of its log"
)


class ForeignHeadError(EndpointError):
    """A head stands there that must not be overwritten."""


async def standing(
    mirror: str, theirs: bytes | None, ours: Published, verify_head: VerifyHead
) -> Head | None:
    """The edition of ours that the mirror was given last; None where it was given none.

    Raises:
        ForeignHeadError: Its head is not an edition of ours.
        LogBehindError: Its head is larger than ours, and by our own key.
    """
    if theirs is None:
        return None
    head = verify_head(theirs) or verify_head(whole_lines(theirs))
    if head is None:
        if is_unfinished(theirs, ours.head):
            return None
        raise ForeignHeadError(mirror, _NOT_BY_US)
    if head.size > ours.size:
        raise LogBehindError(mirror, head.size, ours.size)
    if await ours.edition_root(head.size) != head.root:
        raise ForeignHeadError(mirror, _NOT_OUR_TREE.format(size=head.size))
    return head
