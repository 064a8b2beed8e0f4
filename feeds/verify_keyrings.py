"""From the keyring that the verifier knows to the newest that follows it (format 5.5)."""

from typing import Final

from feeds.errors import MissingFileError, TreeError, UnreadableError
from feeds.paths import keyring_path
from feeds.verify_elsewhere import Elsewhere, NoElsewhere
from feeds.verify_proofs import DoubtError
from feeds.verify_reader import Reader, read_one
from feeds.verify_report import Findings, Verdict
from feeds.verify_trust import Pin, Trust
from keys.errors import FormatError, KeyringError
from keys.keyring import SignedKeyring, check_first, check_own, check_update, fingerprint
from keys.note import MAX_NOTE_BYTES

_MAX_KEYRINGS: Final = 1_000  # one a month for eighty years


def walk_keyrings(
    reader: Reader, pin: Pin, findings: Findings, elsewhere: Elsewhere | None = None
) -> Trust:
    """From the pinned keyring to the newest that follows it, in this tree or elsewhere.

    Raises:
        DoubtError: There is no keyring to begin with.
    """
    signed = pinned(reader, pin)
    _check_earlier(reader, signed, findings)
    return _walk(reader, signed, findings, elsewhere or NoElsewhere())


def trust_for_file(pin: Pin, reader: Reader | None) -> Trust:
    """The pinned keyring, or the newest that follows it in the tree that a file stands in.

    Raises:
        DoubtError: There is no keyring to begin with.
    """
    if reader is not None:
        return _walk(reader, pinned(reader, pin), Findings(), NoElsewhere())
    if not pin.keyring:
        problem = (
            "a fingerprint alone is not enough here: give the keyring itself with --keyring,"
            " or verify the file inside its mirror's folder"
        )
        raise DoubtError(Verdict.COULD_NOT_TELL, problem)
    return Trust(_accepted(pin.keyring, pin))


def pinned(reader: Reader, pin: Pin) -> SignedKeyring:
    """The keyring that the verifier trusts from elsewhere.

    Raises:
        DoubtError: It is none, or the tree has none with that fingerprint.
    """
    return _accepted(pin.keyring or _find(reader, pin.fingerprint), pin)


def _walk(reader: Reader, signed: SignedKeyring, findings: Findings, elsewhere: Elsewhere) -> Trust:
    way = [signed]
    lacking: list[str] = []
    while len(way) < _MAX_KEYRINGS:
        path = keyring_path(way[-1].keyring.version + 1)
        following = _here(reader, path, findings)
        if following is None:
            following = _elsewhere(elsewhere, way[-1], findings)
            lacking.append(path)
        else:
            # The tree goes on beyond what it lacks, so that is not merely older.
            for gap in lacking:
                findings.add(Verdict.INCOMPLETE, gap, "is missing")
            lacking.clear()
        if following is None:
            break
        try:
            check_update(way[-1], following)
        except FormatError as error:
            findings.add(Verdict.NOT_GENUINE, path, str(error))
            break
        way.append(following)
    return Trust(way[-1], tuple(way))


def _here(reader: Reader, path: str, findings: Findings) -> SignedKeyring | None:
    """The keyring that the tree has there, not checked yet; what is none is said."""
    try:
        return SignedKeyring.parse(read_one(reader, path, max_bytes=MAX_NOTE_BYTES))
    except TreeError as error:
        if type(error) is not MissingFileError:
            findings.add(Verdict.GENUINE, path, f"{error.problem}; it counts as none")
    except FormatError as error:
        findings.add(Verdict.GENUINE, path, f"no keyring, counts as none ({error})")
    return None


def _elsewhere(
    elsewhere: Elsewhere, signed: SignedKeyring, findings: Findings
) -> SignedKeyring | None:
    """The keyring after ``signed`` that others have."""
    version = signed.keyring.version + 1

    def fits(data: bytes) -> bool:
        try:
            check_update(signed, SignedKeyring.parse(data))
        except FormatError:
            return False
        return True

    found = elsewhere.keyring(signed.keyring.origin, version, fits)
    if found is None:
        return None
    where, data = found
    findings.add(Verdict.GENUINE, keyring_path(version), f"is not here, but {where} has it")
    return SignedKeyring.parse(data)


def _accepted(data: bytes, pin: Pin) -> SignedKeyring:
    try:
        signed = SignedKeyring.parse(data)
        if pin.keyring:
            check_own(signed)
        else:
            check_first(signed, pin.fingerprint)
    except FormatError as error:
        problem = f"the keyring that you trust can't be used: {error}"
        raise DoubtError(Verdict.COULD_NOT_TELL, problem) from error
    return signed


def _find(reader: Reader, wanted: str) -> bytes:
    plain = "".join(letter for letter in wanted.lower() if letter not in " :-\t\n")
    for version in range(1, _MAX_KEYRINGS):
        try:
            data = read_one(reader, keyring_path(version), max_bytes=MAX_NOTE_BYTES)
        except MissingFileError:
            break
        except TreeError:
            continue
        if fingerprint(data) == plain:
            return data
    problem = (
        "no keyring here has the fingerprint that you trust: this is another publisher's mirror,"
        " a forgery, or the fingerprint was copied wrongly"
    )
    raise DoubtError(Verdict.NOT_GENUINE, problem, "log/keys")


def _check_earlier(reader: Reader, signed: SignedKeyring, findings: Findings) -> None:
    """The tree's own copies of the pinned keyring and of those before it."""
    later = signed
    for version in range(signed.keyring.version, 0, -1):
        path = keyring_path(version)
        try:
            found = SignedKeyring.parse(read_one(reader, path, max_bytes=MAX_NOTE_BYTES))
            if version < signed.keyring.version:
                check_update(found, later)
            elif found != signed:
                raise KeyringError("it is not the one that you trust")
        except MissingFileError:
            findings.add(Verdict.INCOMPLETE, path, "is missing")
            break
        except UnreadableError as error:
            findings.add(Verdict.COULD_NOT_TELL, path, error.problem)
            break
        except (TreeError, FormatError) as error:
            findings.add(Verdict.NOT_GENUINE, path, str(error))
            break
        later = found
