"""Whether a witness may cosign a head: a function from values to values."""

from collections.abc import Collection, Mapping

from keys.checkpoint import Checkpoint
from keys.errors import BadSignatureError, NoteError, ProofError
from keys.merkle import verify_consistency
from keys.note import Kind, VerifierKey, verify_note
from mirror.witness.errors import (
    ConflictError,
    InconsistentError,
    MalformedError,
    UnknownLogError,
    UnsignedError,
)
from mirror.witness.wire import Request

Logs = Mapping[str, Collection[VerifierKey]]
"""By origin, the keys of kind ``ED25519`` of which one must have signed."""


def signed_tree(request: Request, logs: Logs) -> Checkpoint:
    """The tree that is to be cosigned, once a key of its log vouches for it.

    Raises:
        MalformedError: The head in it is none.
        UnknownLogError: Its log is not one of ``logs``.
        UnsignedError: No key of it signed, or one of them signed something else.
    """
    try:
        tree = Checkpoint.parse(request.note.text)
    except NoteError as error:
        raise MalformedError(str(error)) from error
    if tree.origin not in logs:
        raise UnknownLogError("this witness does not follow that log")
    keys = [key for key in logs[tree.origin] if key.kind is Kind.ED25519]
    try:
        signed = verify_note(request.note, keys)
    except BadSignatureError as error:
        raise UnsignedError(str(error)) from error
    if not signed:
        raise UnsignedError("no key that this witness knows of that log signed the head")
    return tree


def check_extends(request: Request, tree: Checkpoint, known: Checkpoint | None) -> None:
    """Accept ``tree`` as ``known`` (None: none was cosigned yet) or as what follows it.

    Raises:
        MalformedError: The request contradicts itself.
        ConflictError: It starts from another tree than ``known``, or is another of its size.
        InconsistentError: The proof does not hold.
    """
    if request.old > tree.size:
        raise MalformedError(f"the old size {request.old} is larger than the head's {tree.size}")
    size = known.size if known else 0
    if request.old != size:
        raise ConflictError(f"the tree that was cosigned last has {size} entries", size=size)
    if known and tree.size == size and tree.root != known.root:
        raise ConflictError(f"another tree of {size} entries was cosigned", size=size)
    if known is None or not size or tree.size == size:
        if request.proof:
            raise InconsistentError("nothing is to be proven, but there is a proof")
        return
    try:
        verify_consistency(size, tree.size, request.proof, known.root, tree.root)
    except ProofError as error:
        raise InconsistentError(str(error)) from error
