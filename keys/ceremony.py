"""What is done to keyrings, from values to values: the next version, and who has signed it.

No secret is touched here: each step gives a text, which the roots sign where they are
(format 5.1, 5.5 and 5.6).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from keys.checkpoint import Checkpoint
from keys.errors import BadSignatureError, FormatError, KeyringError
from keys.keyring import Keyring, SignedKeyring, check_own, check_update, signers
from keys.minisign import Minisig, to_note_line
from keys.note import Note, Signature, VerifierKey
from keys.policy import Policy
from keys.standing import Ending, Former


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a keyring in the making still needs.

    Attributes:
        version: Of which keyring the roots must agree: the one before, or itself.
        count: How many more of its roots; 0 when there are enough.
        names: Its roots that have not signed.
    """

    version: int
    count: int
    names: tuple[str, ...]


def next_keyring(
    old: Keyring,
    *,
    expires: date,
    roots: tuple[VerifierKey, ...] | None = None,
    threshold: int | None = None,
    policy: Policy | None = None,
    max_age: int | None = None,
) -> Keyring:
    """The version after ``old``, with what is given changed and all else as it was.

    Raises:
        KeyringError: The outcome is impossible.
    """
    return replace(
        old,
        version=old.version + 1,
        expires=expires,
        roots=old.roots if roots is None else roots,
        threshold=old.threshold if threshold is None else threshold,
        policy=old.policy if policy is None else policy,
        max_age=old.max_age if max_age is None else max_age,
    )


def replace_key(
    old: Keyring,
    former: VerifierKey,
    new: VerifierKey,
    *,
    last: Checkpoint,
    ending: Ending,
    expires: date,
) -> Keyring:
    """The version after ``old`` in which ``new`` signs in the place of ``former``.

    Args:
        old: The newest keyring.
        former: A log's or witness's key in it.
        new: Of the same kind, and by the same name.
        last: The last tree that ``former`` may have signed.
        ending: Whether it is retired, or revoked.
        expires: Of the new version.

    Raises:
        KeyringError: ``former`` is not in ``old``, or the outcome is impossible.
    """
    if (new.name, new.kind) != (former.name, former.kind):
        raise KeyringError(f"the new key bears the name {new.name}, not {former.name}")
    if last.origin != old.origin:
        raise KeyringError(f"the last tree is of {last.origin}, not {old.origin}")
    if former not in old.policy.keys:
        raise KeyringError(f"version {old.version} has no key {former}")
    policy = replace(
        old.policy,
        logs=tuple(new if key == former else key for key in old.policy.logs),
        witnesses=tuple(
            replace(item, key=new) if item.key == former else item for item in old.policy.witnesses
        ),
    )
    ended = Former(ending, former, last.size, last.root)
    return replace(
        old,
        version=old.version + 1,
        expires=expires,
        policy=policy,
        former=(*old.former, ended),
    )


def revoke_retired(
    old: Keyring, former: VerifierKey, *, last: Checkpoint, expires: date
) -> Keyring:
    """The version after ``old`` in which a key that was only retired is revoked.

    Raises:
        KeyringError: ``old`` has no such retired key, or the outcome is impossible.
    """
    if former not in {item.key for item in old.retired}:
        raise KeyringError(f"version {old.version} has no retired key {former}")
    ended = Former(Ending.REVOKED, former, last.size, last.root)
    return replace(
        old,
        version=old.version + 1,
        expires=expires,
        former=tuple(ended if item.key == former else item for item in old.former),
    )


def join(text: str, files: Iterable[bytes], *, roots: Iterable[VerifierKey]) -> Note:
    """A keyring's ``text`` with the signatures out of ``files``, in the order of ``roots``.

    Args:
        text: What ``Keyring.encode`` gave to be signed.
        files: Each a signature of minisign or signify, or a note of the same text.
        roots: Of the old and of the new keyring; a key of both may stand there twice.

    Raises:
        KeyringError: A file is of another text, or no root made it.
        NoteError: A file is no signature.
        BadSignatureError: A note bears a false line in the name of a root.
    """
    known = tuple(dict.fromkeys(roots))
    lines = [line for data in files for line in _lines(text, data, known)]
    places = {(key.name, key.key_id): place for place, key in enumerate(known)}
    lines.sort(key=lambda line: places[line.name, line.key_id])
    return Note(text).with_signatures(*lines)


def lacking(note: Note, old: Keyring | None) -> tuple[Lacking, ...]:
    """What the roots of ``old`` (None for a first keyring) and of ``note``'s own still owe.

    Raises:
        KeyringError: ``note`` holds no keyring.
        BadSignatureError: A root's line in it is false.
    """
    own = Keyring.parse(note.text)
    return tuple(_lacking(note, keyring) for keyring in (old, own) if keyring is not None)


def finish(note: Note, old: SignedKeyring | None) -> SignedKeyring:
    """The keyring in ``note``, once it may be published after ``old``.

    Raises:
        KeyringError: It breaks format 5.5; the message says how.
        BadSignatureError: A root's line is false.
    """
    signed = SignedKeyring(note, Keyring.parse(note.text))
    if old is not None:
        check_update(old, signed)
    check_own(signed)
    return signed


def _lacking(note: Note, keyring: Keyring) -> Lacking:
    signed = signers(note, keyring.roots)
    missing = tuple(key.name for key in keyring.roots if key not in signed)
    return Lacking(keyring.version, max(0, keyring.threshold - len(signed)), missing)


def _lines(text: str, data: bytes, roots: tuple[VerifierKey, ...]) -> tuple[Signature, ...]:
    try:
        note = Note.parse(data)
    except FormatError:
        return (_from_minisig(text, Minisig.parse(data), roots),)
    if note.text != text:
        raise KeyringError("that signed note is of another text; sign this one again")
    signed = {(key.name, key.key_id) for key in signers(note, roots)}
    return tuple(line for line in note.signatures if (line.name, line.key_id) in signed)


def _from_minisig(text: str, minisig: Minisig, roots: tuple[VerifierKey, ...]) -> Signature:
    for key in roots:
        try:
            return to_note_line(minisig, text, key)
        except BadSignatureError:
            continue
    raise KeyringError("no root of it made that signature, or it is of another text")
