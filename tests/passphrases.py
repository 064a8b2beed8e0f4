"""Passphrase files for tests, as an operator keeps them."""

from pathlib import Path


def write_passphrase(path: Path, text: str) -> Path:
    """A file that its owner alone can read, with ``text``; the path again."""
    path.touch(0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8")
    return path
