"""``Policy``: which logs and witnesses count, and how many (C2SP tlog-policy, format 5.4).

Written in one form only: logs, witnesses, groups, quorum, one space between words, no
addresses, no comments. Any reader of tlog-policy understands it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Self

from keys.errors import KeyringError, NoteError
from keys.note import Kind, VerifierKey
from keys.text import check_name, from_decimal

MAX_MEMBERS: Final = 32  # logs, witnesses and groups, each
NO_QUORUM: Final = "none"


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness by the name that the policy gives it.

    Attributes:
        name: For groups and the quorum; not the key's name.
        key: Of kind ``COSIGNATURE``.
    """

    name: str
    key: VerifierKey


@dataclass(frozen=True, slots=True)
class Group:
    """Several witnesses or groups that count as one when enough of them signed.

    Attributes:
        name: For other groups and the quorum.
        rule: ``any``, ``all`` or how many, in decimal.
        members: Names that stand before this group; no name is a member twice.

    Raises:
        KeyringError: ``rule`` asks for none, or for more than there are.
    """

    name: str
    rule: str
    members: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 1 <= self.needed <= len(self.members):
            raise KeyringError(f"group {self.name} can't have {self.rule} of its members")

    @property
    def needed(self) -> int:
        """How many members it takes."""
        if self.rule in {"any", "all"}:
            return 1 if self.rule == "any" else len(self.members)
        try:
            return from_decimal(self.rule)
        except ValueError as error:
            raise KeyringError(f"group {self.name}: {error}") from error


@dataclass(frozen=True, slots=True)
class Policy:
    """Whose signatures a head needs.

    Attributes:
        logs: Keys of kind ``ED25519``, 1 to 32.
        witnesses: At most 32; no two with the same key.
        groups: At most 32, each naming only what stands before it.
        quorum: The witness or group that must have signed, or ``none``.

    Raises:
        KeyringError: A field is outside these limits.
    """

    logs: tuple[VerifierKey, ...]
    witnesses: tuple[Witness, ...] = ()
    groups: tuple[Group, ...] = ()
    quorum: str = NO_QUORUM

    def __post_init__(self) -> None:
        if not self.logs:
            raise KeyringError("no log key")
        if max(map(len, (self.logs, self.witnesses, self.groups))) > MAX_MEMBERS:
            raise KeyringError(f"more than {MAX_MEMBERS} logs, witnesses or groups")
        if any(key.kind is not Kind.ED25519 for key in self.logs):
            raise KeyringError("a log's key must be of the kind that signs notes")
        if any(witness.key.kind is not Kind.COSIGNATURE for witness in self.witnesses):
            raise KeyringError("a witness's key must be of the kind that cosigns")
        keys = [key.public for key in self.keys]
        if len(set(keys)) < len(keys):
            raise KeyringError("two logs or witnesses have the same key")
        self._check_names()

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """Every key that counts."""
        return (*self.logs, *(witness.key for witness in self.witnesses))

    def quorum_time(self, times: Mapping[str, int], *, newest: bool = False) -> int | None:
        """When the quorum was complete, or None where it isn't; 0 where none is asked for.

        Args:
            times: POSIX seconds at which each witness, by its name here, cosigned.
            newest: Ask instead for the last moment since when a whole quorum has cosigned: an
                old cosignature beside a new one shows that something was there, and not that it
                is current.
        """
        reached: dict[str, int | None] = {NO_QUORUM: 0}
        reached |= {witness.name: times.get(witness.name) for witness in self.witnesses}
        for group in self.groups:
            signed = sorted(
                (time for time in map(reached.__getitem__, group.members) if time is not None),
                reverse=newest,
            )
            enough = len(signed) >= group.needed
            reached[group.name] = signed[group.needed - 1] if enough else None
        return reached[self.quorum]

    def encode(self) -> str:
        """The text, each line ended by LF."""
        return "".join(f"{line}\n" for line in self._lines())

    @classmethod
    def parse(cls, text: str) -> Self:
        """The policy that ``encode`` wrote.

        Raises:
            KeyringError: ``text`` is anything else.
        """
        logs: list[VerifierKey] = []
        witnesses: list[Witness] = []
        groups: list[Group] = []
        quorum = NO_QUORUM
        for line in text.removesuffix("\n").split("\n"):
            match line.split(" "):
                case ["log", key]:
                    logs.append(read_key(key))
                case ["witness", name, key]:
                    witnesses.append(Witness(name, read_key(key)))
                case ["group", name, rule, *members]:
                    groups.append(Group(name, rule, tuple(members)))
                case ["quorum", name]:
                    quorum = name
                case _:
                    raise KeyringError(f"{line[:80]!r} is no line of its policy")
        policy = cls(tuple(logs), tuple(witnesses), tuple(groups), quorum)
        if policy.encode() != text:
            raise KeyringError("its policy is not in the one valid form and order")
        return policy

    def _lines(self) -> Iterator[str]:
        yield from (f"log {key}" for key in self.logs)
        yield from (f"witness {witness.name} {witness.key}" for witness in self.witnesses)
        for group in self.groups:
            yield " ".join(("group", group.name, group.rule, *group.members))
        yield f"quorum {self.quorum}"

    def _check_names(self) -> None:
        defined = [witness.name for witness in self.witnesses]
        used: set[str] = set()
        for group in self.groups:
            for member in group.members:
                if member not in defined or member in used:
                    raise KeyringError(f"group {group.name}: {member!r} is not free to be in it")
                used.add(member)
            defined.append(group.name)
        if len(set(defined)) < len(defined) or NO_QUORUM in defined:
            raise KeyringError("a witness or group has the name of another, or is called none")
        for name in defined:
            try:
                check_name(name)
            except ValueError as error:
                raise KeyringError(str(error)) from error
        if self.quorum not in {*defined, NO_QUORUM}:
            raise KeyringError(f"its quorum {self.quorum!r} is no witness or group of it")


def read_key(text: str) -> VerifierKey:
    """The verifier key ``text``.

    Raises:
        KeyringError: It is none.
    """
    try:
        return VerifierKey.parse(text)
    except NoteError as error:
        raise KeyringError(str(error)) from error
