"""What can be wrong with signed bytes.

FormatError
├── NoteError            no signed note, or no text that one may carry
├── BadSignatureError    a key that we know did not sign this: not genuine
├── ProofError           a Merkle proof, or the file that carries one, does not hold
├── TileError            a tile or an entry bundle is not what its path says
├── KeyringError         a keyring that says the impossible, or must not be followed
└── KeyFileError         the operator mends the file, its mode or the passphrase
"""


class FormatError(Exception):
    """Anything that ``keys`` raises on purpose."""


class NoteError(FormatError):
    """Bytes that are no signed note, or no checkpoint, or no key in its text form."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"signed note: {problem}")
        self.problem = problem


class BadSignatureError(FormatError):
    """A line bears the name and id of a known key, which did not sign this text."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the signature in the name of {name} is false: somebody changed the text or the line"
        )
        self.name = name


class ProofError(FormatError):
    """A proof that does not hold, or is not one."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"proof: {problem}")


class TileError(FormatError):
    """A tile or entry bundle that is not what its path says."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path


class KeyringError(FormatError):
    """A keyring that says the impossible, or breaks the rule of succession (format 5.5)."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"keyring: {problem}")


class KeyFileError(FormatError):
    """A key file that can't be written or read."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"key file {path}: {problem}")
        self.path = path


KeysFormatError = FormatError  # for modules that catch the errors of several packages
