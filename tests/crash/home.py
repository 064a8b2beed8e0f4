"""A newsroom's home for these tests: configuration, keys, data folder, and mirrors in folders."""

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from keys.files import write_key
from keys.note import Kind, SigningKey
from mirror.config import Config, load_text
from mirror.keystore import CLOCK, LOG, ROOT, first_keyring, key_path, keyring_path
from tests.crash.site import BEGUN

ORIGIN = "harbour.example/mirror"
BASES = {"one": "https://one.example/x7k2/", "two": "https://two.example/p/q9/"}

_TREES = {("data", "site"), ("data", "raw"), *(("mirrors", name) for name in BASES)}

_CONFIG = """\
[site]
title = "The Harbour Report"
url = "{site}/"

[[source]]
name = "news"
url = "{site}/feed"

[fetch]
private_addresses = true
concurrency = 4

[trust]
origin = "{origin}"
tag_year = 2026
passphrase = {{ file = "passphrase" }}
keys = "secret"

[feeds]
sections = false

[web]
listen = "127.0.0.1:{port}"
"""
_MIRROR = """
[[mirror]]
name = "{name}"
url = "{base}"
push = "{push}"
concurrency = {lanes}
"""


@dataclass(frozen=True, slots=True)
class Home:
    """One newsroom's home.

    Attributes:
        folder: Holds everything.
        site: Address of the newsroom's site.
        port: Of the status page.
        mirrors: How many of ``BASES`` there are.
        lanes: How many files are put on a mirror at once.
    """

    folder: Path
    site: str
    port: int = 8470
    mirrors: int = len(BASES)
    lanes: int = 16

    @property
    def config_file(self) -> Path:
        """The configuration."""
        return self.folder / "config.toml"

    @property
    def data(self) -> Path:
        """[store] data."""
        return self.folder / "data"

    @property
    def trees(self) -> dict[str, tuple[Path, str | None]]:
        """The published tree and every mirror: folder, and base."""
        mirrors = {name: (self.folder / "mirrors" / name, base) for name, base in self._bases}
        return {"data/site": (self.data / "site", None), **mirrors}

    @property
    def _bases(self) -> list[tuple[str, str]]:
        return list(BASES.items())[: self.mirrors]

    @property
    def keyring(self) -> bytes:
        """The keyring that readers pin."""
        return keyring_path(self.folder / "secret", 1).read_bytes()

    def make(self) -> "Home":
        """Write configuration and keys."""
        self.folder.mkdir(parents=True)
        self.config_file.write_text(self.text())
        (self.folder / "passphrase").write_text("correct horse\n")
        (self.folder / "passphrase").chmod(0o600)
        keys = self.folder / "secret"
        keys.mkdir(0o700)
        made = {
            ROOT: SigningKey.generate(f"{ORIGIN}/root/a", Kind.ED25519),
            LOG: SigningKey.generate(ORIGIN, Kind.ED25519),
            CLOCK: SigningKey.generate(f"{ORIGIN}/clock", Kind.COSIGNATURE),
        }
        for role, key in made.items():
            write_key(key_path(keys, role), key, b"correct horse")
        keyring = first_keyring(
            self.config.trust,
            root=made[ROOT],
            log=made[LOG].verifier,
            clock=made[CLOCK].verifier,
            expires=BEGUN.replace(year=2100).date(),
        )
        keyring_path(keys, 1).write_bytes(keyring.encode())
        return self

    @property
    def config(self) -> Config:
        """The configuration, read."""
        return load_text(self.text(), self.config_file)

    def text(self) -> str:
        """The configuration file."""
        mirrors = (
            _MIRROR.format(name=name, base=base, push=f"file:mirrors/{name}", lanes=self.lanes)
            for name, base in self._bases
        )
        return _CONFIG.format(site=self.site, origin=ORIGIN, port=self.port) + "".join(mirrors)

    def copy(self, to: Path) -> "Home":
        """The same home elsewhere."""
        shutil.copytree(self.folder, to)
        return replace(self, folder=to)

    def copy_of_changed(self, to: Path, before: "Home") -> "Home":
        """The same, with links to the files of trees that are as ``before``: none is written to."""

        def copy(source: str, target: str) -> None:
            place = Path(source).relative_to(self.folder)
            old = before.folder / place
            if place.parts[:2] in _TREES and _same(Path(source), old):
                os.link(old, target)
            else:
                shutil.copy2(source, target)

        shutil.copytree(self.folder, to, copy_function=copy)
        return replace(self, folder=to)


def _same(file: Path, old: Path) -> bool:
    if not old.exists():
        return False
    one, other = file.stat(), old.stat()
    return (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)
