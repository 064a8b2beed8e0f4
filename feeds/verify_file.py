"""``verify_file``: the verdict on one file, offline, with its proof (format 4)."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from feeds.errors import FeedsError, InvalidPathError
from feeds.paths import media_path
from feeds.verify_keyrings import trust_for_file
from feeds.verify_proofs import DoubtError, check_inclusion, parse_proof
from feeds.verify_reader import Reader
from feeds.verify_report import Findings, Head, Report, Verdict
from feeds.verify_trust import Pin, Trust
from keys.errors import FormatError
from keys.proof import MAX_PROOF_BYTES

MAX_SAVED_BYTES: Final = 64 * 2**20  # a page with its pictures inside

_COMMENT: Final = (b"<!--\n", b"-->\n")
_DATA_URI: Final = re.compile(
    rb"data:([a-z]{1,20}/[a-z0-9.+-]{1,60});base64,([A-Za-z0-9+/]+={0,2})"
)
_SAYS: Final = "it may have been corrected or withdrawn since; only the log says what is current"


def verify_file(
    data: bytes, proof: bytes | None, pin: Pin, *, tree: Reader | None = None
) -> Report:
    """Say whether ``data`` was published, where and when.

    Never raises. The file may carry its proof in a trailing comment, and its pictures inside.
    A keyring that has expired still speaks for old heads.

    Args:
        data: The file as it is.
        proof: What stands beside it, or None.
        pin: The keyring that is trusted.
        tree: The mirror that the file stands in, for newer keyrings; or None.
    """
    findings = Findings()
    found: _Found | None = None
    version = 0
    try:
        trust = trust_for_file(pin, tree)
        version = trust.version
        found = _check(data, proof, trust)
        head = found.head
        when = f"no later than {head.time:%Y-%m-%d %H:%M} UTC" if head.time else "once"
        findings.add(Verdict.GENUINE, found.path, f"published {when}; {_SAYS}")
    except DoubtError as doubt:
        findings.add(doubt.verdict, doubt.path, doubt.problem)
    except (FeedsError, FormatError) as error:
        findings.add(Verdict.COULD_NOT_TELL, "", str(error))
    except Exception as error:  # noqa: BLE001 - a hostile file must get a verdict, not a trace
        problem = f"an error that was not expected: {type(error).__name__}: {error}"
        findings.add(Verdict.COULD_NOT_TELL, "", problem)
    return Report(
        verdict=findings.verdict,
        findings=findings.ordered()[0],
        head=found.head if found else None,
        files=1,
        proofs=1 if found else 0,
        keyring=version,
        path=found.path if found else "",
    )


class _Found(NamedTuple):
    head: Head
    path: str


def _check(data: bytes, beside: bytes | None, trust: Trust) -> _Found:
    if len(data) > MAX_SAVED_BYTES:
        problem = f"larger than {MAX_SAVED_BYTES} bytes: verify the whole mirror instead"
        raise DoubtError(Verdict.COULD_NOT_TELL, problem)
    stripped, inside = _split(data)
    found = beside or inside
    if found is None:
        problem = (
            "there is no proof: neither a .tlog-proof file beside it nor one at its end;"
            " ask for the proof, or verify the whole mirror"
        )
        raise DoubtError(Verdict.COULD_NOT_TELL, problem)
    proof = parse_proof(found)
    head = trust.judge(proof.checkpoint)
    for candidate in _forms(data, stripped, proof.path.count("/")):
        try:
            check_inclusion(proof, hashlib.sha256(candidate).hexdigest(), proof.path)
        except DoubtError:
            continue
        return _Found(head, proof.path)
    problem = "these are not the bytes that were published there, or the proof is another file's"
    raise DoubtError(Verdict.NOT_GENUINE, problem, proof.path)


def _split(data: bytes) -> tuple[bytes, bytes | None]:
    """The file without a trailing proof, and the proof (format 4.2)."""
    start, end = _COMMENT
    if data.endswith(end):
        at = data.rfind(start, max(len(data) - MAX_PROOF_BYTES - len(start) - len(end), 0))
        if at >= 0:
            return data[:at], data[at + len(start) : -len(end)]
    return data, None


def _forms(data: bytes, stripped: bytes, depth: int) -> Iterator[bytes]:
    """What may have been published: as it is, without a proof, with its pictures outside."""
    for form in dict.fromkeys((data, stripped)):
        yield form
        yield put_pictures_back(form, depth)


def put_pictures_back(data: bytes, depth: int) -> bytes:
    """``data`` with the address of a file under ``m/`` for each ``data:`` URI (format 4.3).

    Args:
        data: A page with pictures inside.
        depth: In how many folders the page stood.
    """

    def address(match: re.Match[bytes]) -> bytes:
        try:
            picture = base64.b64decode(match[2], validate=True)
            sha = hashlib.sha256(picture).hexdigest()
            return ("../" * depth + media_path(sha, match[1].decode())).encode()
        except (binascii.Error, InvalidPathError):
            return match[0]

    return _DATA_URI.sub(address, data)
