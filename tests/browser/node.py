"""The page's own code under Node, asked case by case."""

import base64
import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from feeds.errors import MissingFileError, TreeError
from feeds.verify import Listing, Pin, TooLargeError


def packed(data: bytes | None) -> str:
    """Bytes as the page's code takes them here."""
    return base64.b64encode(data).decode() if data else ""


class Checker:
    """One Node process; each question is a line, and so is each answer."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, kind: str, **facts: object) -> dict[str, Any]:
        """What the page's code finds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"kind": kind, **facts}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the page's code has ended; see what it wrote above"
        found: dict[str, Any] = json.loads(answer)
        return found

    def file(self, data: bytes, proof: bytes | None, pin: Pin) -> dict[str, Any]:
        """The verdict on one file."""
        return self.ask("file", data=packed(data), proof=packed(proof), **_pin(pin))

    def tree(self, files: Mapping[str, bytes], pin: Pin, now: datetime) -> dict[str, Any]:
        """The verdict on a folder."""
        inside = {path: packed(data) for path, data in files.items()}
        return self.ask("tree", files=inside, now=now.timestamp(), **_pin(pin))

    def bundle(self, data: bytes, pin: Pin, now: datetime) -> dict[str, Any]:
        """The verdict on a ``.zip``."""
        return self.ask("bundle", data=packed(data), now=now.timestamp(), **_pin(pin))


@contextmanager
def checker(project: Path, *flags: str) -> Iterator[Checker]:
    """Node with the page's code; ``--plain`` takes the browser's own cryptography away."""
    script = project / "web/verify/check.mjs"
    with subprocess.Popen(
        ["node", str(script), *flags],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        yield Checker(process)
        assert process.stdin is not None
        process.stdin.close()


class FilesReader:
    """A ``Reader`` of files in memory, dot files apart, as a folder has them."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def listing(self) -> Listing:
        """All but dot files."""
        return Listing(frozenset(path for path in self._files if "/." not in f"/{path}"))

    def soon(self, wanted: Mapping[str, int]) -> None:
        """Nothing: what is here is here at once."""

    def read_many(
        self, paths: Iterable[str], *, max_bytes: int
    ) -> Iterator[tuple[str, bytes | TreeError]]:
        """Each with its bytes."""
        for path in paths:
            data = self._files.get(path)
            if data is None:
                yield path, MissingFileError(path)
            elif len(data) > max_bytes:
                yield path, TooLargeError(path, max_bytes)
            else:
                yield path, data

    def hash_many(self, paths: Iterable[str]) -> Iterator[tuple[str, str | TreeError]]:
        """Each with its digest."""
        for path in paths:
            data = self._files.get(path)
            yield path, MissingFileError(path) if data is None else sha256(data).hexdigest()


def _pin(pin: Pin) -> dict[str, str]:
    return {"keyring": packed(pin.keyring), "print": pin.fingerprint}
