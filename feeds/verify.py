"""Do these bytes come from the publisher, unchanged? Verdicts on a file or a mirror (format 6).

The parts: ``verify_keyrings`` walks the keyrings, ``verify_trust`` judges heads by them;
``verify_log`` replays the log; ``verify_compare`` and ``verify_extra`` hold the files against
it, ``verify_settle`` tells a push under way from a forgery; ``verify_history`` looks at what was
seen before.
"""

from feeds.verify_elsewhere import Elsewhere
from feeds.verify_file import MAX_SAVED_BYTES, verify_file
from feeds.verify_history import Known, Memory, NoMemory
from feeds.verify_reader import Listing, Reader, TooLargeError
from feeds.verify_report import Finding, Head, Report, Verdict
from feeds.verify_seen import Seen
from feeds.verify_tree import SAMPLED_PROOFS, Options, verify_tree
from feeds.verify_trust import Pin

__all__ = [
    "MAX_SAVED_BYTES",
    "SAMPLED_PROOFS",
    "Elsewhere",
    "Finding",
    "Head",
    "Known",
    "Listing",
    "Memory",
    "NoMemory",
    "Options",
    "Pin",
    "Reader",
    "Report",
    "Seen",
    "TooLargeError",
    "Verdict",
    "verify_file",
    "verify_tree",
]
