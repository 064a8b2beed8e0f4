"""``follow``: begin to follow a log, or go on after a lost memory, on purpose."""

from keys.errors import FormatError
from keys.note import Note, VerifierKey, verify_note
from mirror.errors import KeysError
from mirror.witness.errors import RefusalError
from mirror.witness.judge import Head, Logs, signed_head
from mirror.witness.state import State


def follow(
    state: State, logs: Logs, origin: str, *, key: VerifierKey, head: bytes | None = None
) -> None:
    """Remember the log ``origin``: from nothing, or from ``head``, which ``key`` cosigned.

    Raises:
        KeysError: The settings do not name that log, or ``head`` does not serve.
        StoreError: It was followed before and no ``head`` is given, or more is remembered.
    """
    if origin not in logs:
        known = ", ".join(logs)
        raise KeysError(f"the settings have no [[log]] of {origin}; they have {known}")
    if head is None:
        state.follow(origin)
    else:
        state.resume(own_head(head, {origin: logs[origin]}, key))


def own_head(data: bytes, logs: Logs, key: VerifierKey) -> Head:
    """The head of one of ``logs`` in ``data``, which the witness's ``key`` cosigned.

    Raises:
        KeysError: It is none, or not of them, or was not cosigned.
    """
    try:
        note = Note.parse(data)
        head = signed_head(note, logs)
        cosigned = verify_note(note, (key,))
    except RefusalError as error:
        raise KeysError(f"that head does not serve: {error.problem}") from error
    except FormatError as error:
        raise KeysError(f"that head does not serve: {error}") from error
    if not cosigned:
        raise KeysError(f"that head lacks a cosignature of this witness, by {key}; take another")
    return head
