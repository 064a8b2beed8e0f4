"""Whether a witness may cosign a head: a function from values to values."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from keys.checkpoint import Checkpoint
from keys.errors import BadSignatureError, NoteError, ProofError
from keys.merkle import verify_consistency
from keys.note import Kind, Note, VerifierKey, verify_note
from mirror.witness.errors import (
    ConflictError,
    InconsistentError,
    MalformedError,
    RefusalError,
    UnknownLogError,
    UnsignedError,
)
from mirror.witness.wire import Request

Logs = Mapping[str, Collection[VerifierKey]]
"""By origin, the keys of kind ``ED25519`` of which one must have signed."""


@dataclass(frozen=True, slots=True)
class Head:
    """A tree that its log vouches for.

    Attributes:
        tree: The tree.
        note: The same, with the lines of the log's keys alone, all of which were checked.
    """

    tree: Checkpoint
    note: Note


class Shows(StrEnum):
    """What a refused head may show; the values stand in the names of files."""

    SAME_SIZE = "same-size"  # two trees of one size: there are two histories
    UNPROVEN = "unproven"  # larger: a second history, unless the log can still prove it
    SMALLER = "smaller"  # an old head, which anybody can send, or a second history


def signed_head(note: Note, logs: Logs) -> Head:
    """The head in ``note``, once a key of its log vouches for it.

    Raises:
        MalformedError: There is none.
        UnknownLogError: Its log is not one of ``logs``.
        UnsignedError: No key of it signed, or one of them signed something else.
    """
    try:
        tree = Checkpoint.parse(note.text)
    except NoteError as error:
        raise MalformedError(str(error)) from error
    if tree.origin not in logs:
        raise UnknownLogError("this witness does not follow that log")
    keys = [key for key in logs[tree.origin] if key.kind is Kind.ED25519]
    try:
        signed = verify_note(note, keys)
    except BadSignatureError as error:
        raise UnsignedError(str(error)) from error
    if not signed:
        raise UnsignedError("no key that this witness knows of that log signed the head")
    known = {(one.key.name, one.key.key_id) for one in signed}
    lines = (line for line in note.signatures if (line.name, line.key_id) in known)
    return Head(tree, Note(note.text).with_signatures(*lines))


def check_extends(request: Request, tree: Checkpoint, known: Checkpoint) -> None:
    """Accept ``tree`` as ``known`` (the empty one: none was cosigned yet) or as what follows it.

    Raises:
        MalformedError: The request contradicts itself.
        ConflictError: It starts from another tree than ``known``, or is another of its size.
        InconsistentError: The proof does not hold.
    """
    if request.old > tree.size:
        raise MalformedError(f"the old size {request.old} is larger than the head's {tree.size}")
    size = known.size
    if request.old != size:
        raise ConflictError(f"the tree that was cosigned last has {size} entries", size=size)
    if tree.size == size and tree.root != known.root:
        raise ConflictError(f"another tree of {size} entries was cosigned", size=size)
    if not size or tree.size == size:
        if request.proof:
            raise InconsistentError("nothing is to be proven, but there is a proof")
        return
    try:
        verify_consistency(size, tree.size, request.proof, known.root, tree.root)
    except ProofError as error:
        raise InconsistentError(str(error)) from error


def what_shows(tree: Checkpoint, known: Checkpoint, refusal: RefusalError) -> Shows | None:
    """What the refused ``tree`` may show beside ``known``; None: nothing.

    Whoever asks with a wrong old size, to learn the right one, shows nothing by that.
    """
    if tree == known or not tree.size or not known.size:
        return None
    if tree.size == known.size:
        return Shows.SAME_SIZE
    if tree.size < known.size:
        return Shows.SMALLER
    return Shows.UNPROVEN if isinstance(refusal, InconsistentError) else None
