"""Keyrings for tests, with their secret keys."""

from datetime import date

from keys.checkpoint import Checkpoint
from keys.keyring import Keyring, SignedKeyring
from keys.note import Kind, Note, SigningKey, VerifierKey
from keys.policy import Group, Policy, Witness
from tests.keys.trees import entries, slow_root

ORIGIN = "news.example/mirror"


def secret(name: str, kind: Kind = Kind.ED25519, number: int = 0) -> SigningKey:
    """Always the same key for the same name and number."""
    return SigningKey(name, kind, f"{name} {number}".encode().ljust(32)[-32:])


LOG = secret(ORIGIN)
NEW_LOG = secret(ORIGIN, number=1)
CLOCK = secret("news.example/clock", Kind.COSIGNATURE)
NEW_CLOCK = secret("news.example/clock", Kind.COSIGNATURE, 1)
PARTNERS = tuple(secret(f"partner-{letter}.example", Kind.COSIGNATURE) for letter in "ab")
ROOTS = tuple(secret(f"{ORIGIN}/root/{letter}") for letter in "abcd")
ALL_THREE = tuple(root.verifier for root in ROOTS[:3])

POLICY = Policy(
    (LOG.verifier,),
    (
        Witness("clock", CLOCK.verifier),
        Witness("a", PARTNERS[0].verifier),
        Witness("b", PARTNERS[1].verifier),
    ),
    (Group("fresh", "2", ("clock", "a", "b")),),
    "fresh",
)
FIRST = Keyring(
    origin=ORIGIN,
    version=1,
    expires=date(2027, 2, 24),
    max_age=172_800,
    threshold=2,
    roots=ALL_THREE,
    policy=POLICY,
)


def sign(keyring: Keyring, *roots: SigningKey) -> SignedKeyring:
    """``keyring`` with the signatures of ``roots``."""
    text = keyring.encode()
    return SignedKeyring(Note(text, tuple(root.sign(text) for root in roots)), keyring)


def tree_at(size: int) -> Checkpoint:
    """The checkpoint of the test log at ``size``."""
    return Checkpoint(ORIGIN, size, slow_root(entries(size)))


def head(size: int, *logs: SigningKey, **times: int) -> Note:
    """A head signed by ``logs``, cosigned by the witnesses clock, a and b at ``times``."""
    text = tree_at(size).encode()
    witnesses = {"clock": CLOCK, "a": PARTNERS[0], "b": PARTNERS[1], "new_clock": NEW_CLOCK}
    cosigned = [witnesses[name].cosign(text, time) for name, time in times.items()]
    return Note(text, (*(log.sign(text) for log in logs), *cosigned))


def verifier(name: str, kind: Kind = Kind.ED25519, number: int = 0) -> VerifierKey:
    """The public half of ``secret``."""
    return secret(name, kind, number).verifier
