"""The head that a tree shows, and its second signature for stock tools (format 2.4, 2.6)."""

from feeds.errors import MissingFileError, TreeError
from feeds.paths import CHECKPOINT, MINISIG
from feeds.verify_compare import Wrong
from feeds.verify_proofs import DoubtError
from feeds.verify_reader import Reader, TooLargeError, read_one
from feeds.verify_report import Head, Verdict
from feeds.verify_trust import Trust
from keys.errors import FormatError
from keys.minisign import MAX_FILE_BYTES, check_head
from keys.note import MAX_NOTE_BYTES, Note


def read_head(reader: Reader, trust: Trust) -> Head:
    """The head at ``log/checkpoint``, if it is to be trusted.

    Raises:
        DoubtError: There is none, or it is not.
    """
    try:
        note = read_one(reader, CHECKPOINT, max_bytes=MAX_NOTE_BYTES)
    except MissingFileError as error:
        problem = "is not there: this is no mirror, or not the top of one"
        raise DoubtError(Verdict.COULD_NOT_TELL, problem, CHECKPOINT) from error
    except TooLargeError as error:
        raise DoubtError(Verdict.NOT_GENUINE, error.problem, CHECKPOINT) from error
    except TreeError as error:
        raise DoubtError(Verdict.COULD_NOT_TELL, error.problem, CHECKPOINT) from error
    try:
        return trust.judge(note)
    except DoubtError as doubt:
        raise DoubtError(doubt.verdict, doubt.problem, CHECKPOINT) from doubt


def check_minisig(reader: Reader, head: Head, trust: Trust) -> dict[str, Wrong]:
    """What is wrong with ``log/checkpoint.minisig``; empty where nothing is."""
    try:
        data = read_one(reader, MINISIG, max_bytes=MAX_FILE_BYTES)
    except TreeError as error:
        return {MINISIG: Wrong.of(error)}
    note = Note.parse(head.note)
    first = note.signatures[0]
    for key in trust.log_keys:
        if (key.name, key.key_id) == (first.name, first.key_id):
            try:
                check_head(data, note.text, key)
            except FormatError as error:
                return {MINISIG: Wrong(Verdict.NOT_GENUINE, f"is not of this head: {error}")}
            return {}
    problem = "the head's first signature is not by a key of the log"
    return {MINISIG: Wrong(Verdict.NOT_GENUINE, problem)}
