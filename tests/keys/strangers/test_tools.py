"""minisign, signify-openbsd and openssl, as Debian has them."""

import base64
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from keys import minisign
from keys.ceremony import finish, join, next_keyring, replace_key
from keys.checkpoint import Checkpoint
from keys.errors import BadSignatureError, KeyringError, NoteError
from keys.keyring import Keyring, SignedKeyring, check_first, check_update
from keys.merkle import leaf_hash
from keys.note import Kind, Note, SigningKey, verify_note
from keys.pkcs8 import public_pem, unseal
from keys.standing import Ending
from tests.keys import rings
from tests.keys.rings import FIRST

LOG = SigningKey.generate("news.example/mirror", Kind.ED25519)
TEXT = Checkpoint(LOG.name, 3, leaf_hash(b"x")).encode()

# In a process of its own: what tests write by themselves is sealed with less work.
_WRITE_KEY = f"""
import sys
from pathlib import Path
from keys.files import write_key
from keys.note import Kind, SigningKey
key = SigningKey("{LOG.name}", Kind.ED25519, bytes.fromhex(sys.argv[2]))
write_key(Path(sys.argv[1]), key, b"pass word")
"""

pytestmark = pytest.mark.real


def _tool(name: str, package: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not there: apt-get install {package}")
    return path


def _run(*command: str | Path, words: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, input=words, check=False, capture_output=True, text=True)


@pytest.fixture
def head(tmp_path: Path) -> Path:
    """``head.txt`` with ``checkpoint.minisig`` and the log's public keys beside it."""
    (tmp_path / "checkpoint").write_bytes(Note(TEXT, (LOG.sign(TEXT),)).encode())
    text = _run("sed", "/^$/,$d", tmp_path / "checkpoint").stdout  # as format 8 says it
    (tmp_path / "head.txt").write_text(text)
    (tmp_path / "checkpoint.minisig").write_bytes(minisign.sign(LOG, TEXT).encode())
    (tmp_path / "log.pub").write_bytes(minisign.public_file(LOG.verifier))
    (tmp_path / "site.pem").write_text(public_pem(LOG.verifier))
    return tmp_path / "head.txt"


def _minisign_verify(head: Path) -> Sequence[str | Path]:
    tool, signature = _tool("minisign", "minisign"), head.with_name("checkpoint.minisig")
    return tool, "-Vm", head, "-x", signature, "-P", minisign.public_line(LOG.verifier)


def _signify_verify(head: Path) -> Sequence[str | Path]:
    tool, signature = (
        _tool("signify-openbsd", "signify-openbsd"),
        head.with_name("checkpoint.minisig"),
    )
    return tool, "-V", "-m", head, "-x", signature, "-p", head.with_name("log.pub")


def _openssl_verify(head: Path) -> Sequence[str | Path]:
    raw = head.with_name("raw")
    raw.write_bytes(LOG.sign(TEXT).payload)
    key = head.with_name("site.pem")
    verify = ("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", key, "-in", head)
    return _tool("openssl", "openssl"), *verify, "-sigfile", raw


@pytest.mark.parametrize("verify", [_minisign_verify, _signify_verify, _openssl_verify])
def test_stock_tools_accept_our_head_and_no_other(head: Path, verify: object) -> None:
    assert callable(verify)
    assert _run(*verify(head)).returncode == 0

    head.write_text(TEXT.replace("3", "4"))
    assert _run(*verify(head)).returncode != 0


def test_minisign_accepts_our_public_file(head: Path) -> None:
    tool, signature = _tool("minisign", "minisign"), head.with_name("checkpoint.minisig")

    assert _run(tool, "-Vm", head, "-x", signature, "-p", head.with_name("log.pub")).returncode == 0


def test_a_roots_minisign_signature_becomes_a_note_line(head: Path) -> None:
    tool, folder = _tool("minisign", "minisign"), head.parent
    _run(tool, "-G", "-W", "-p", folder / "root.pub", "-s", folder / "root.key")
    made = _run(tool, "-S", "-l", "-W", "-m", head, "-s", folder / "root.key")
    root = minisign.read_public((folder / "root.pub").read_bytes(), "news.example/mirror/root/a")

    minisig = minisign.Minisig.parse(Path(f"{head}.minisig").read_bytes())
    line = minisign.to_note_line(minisig, TEXT, root)

    assert made.returncode == 0
    assert minisig.encode() == Path(f"{head}.minisig").read_bytes()
    assert [found.key for found in verify_note(Note(TEXT, (line,)), [root])] == [root]
    with pytest.raises(BadSignatureError):
        minisign.to_note_line(minisig, f"{TEXT} ", root)


def test_a_hashed_minisign_signature_is_refused_with_the_remedy(head: Path) -> None:
    tool, folder = _tool("minisign", "minisign"), head.parent
    _run(tool, "-G", "-W", "-p", folder / "root.pub", "-s", folder / "root.key")
    _run(tool, "-S", "-W", "-m", head, "-s", folder / "root.key")

    with pytest.raises(NoteError, match="sign again with: minisign -S -l"):
        minisign.Minisig.parse(Path(f"{head}.minisig").read_bytes())


def test_two_of_three_roots_change_a_keyring_with_minisign_alone(tmp_path: Path) -> None:
    tool = _tool("minisign", "minisign")
    roots = []
    for letter in "abc":
        public = tmp_path / f"{letter}.pub"
        _run(tool, "-G", "-W", "-p", public, "-s", tmp_path / f"{letter}.key")
        roots.append(minisign.read_public(public.read_bytes(), f"{LOG.name}/root/{letter}"))

    def ceremony(keyring: Keyring, letters: str, old: SignedKeyring | None) -> SignedKeyring:
        paper = tmp_path / f"keyring-{keyring.version}"
        paper.write_text(keyring.encode())
        files = []
        for letter in letters:
            signature = tmp_path / f"{letter}.minisig"
            secret = tmp_path / f"{letter}.key"
            _run(tool, "-S", "-l", "-W", "-m", paper, "-s", secret, "-x", signature)
            files.append(signature.read_bytes())
        return finish(join(keyring.encode(), files, roots=roots), old)

    first = ceremony(replace(FIRST, roots=tuple(roots)), "ac", None)
    check_first(first, first.fingerprint)
    rotated = replace_key(
        first.keyring,
        rings.LOG.verifier,
        rings.NEW_LOG.verifier,
        last=rings.tree_at(6),
        ending=Ending.RETIRED,
        expires=date(2028, 2, 24),
    )
    second = ceremony(rotated, "cb", first)

    check_update(first, SignedKeyring.parse(second.encode()))
    assert second.keyring.judge(rings.head(7, rings.NEW_LOG, rings.LOG, clock=1, a=1)).good
    with pytest.raises(KeyringError, match="signed by 1 of"):
        ceremony(next_keyring(rotated, expires=rotated.expires), "a", second)


def test_a_roots_signify_signature_becomes_a_note_line(head: Path) -> None:
    tool, folder = _tool("signify-openbsd", "signify-openbsd"), head.parent
    _run(tool, "-G", "-n", "-p", folder / "root.pub", "-s", folder / "root.sec")
    made = _run(tool, "-S", "-s", folder / "root.sec", "-m", head, "-x", folder / "sig")
    root = minisign.read_public((folder / "root.pub").read_bytes(), "news.example/mirror/root/b")

    minisig = minisign.Minisig.parse((folder / "sig").read_bytes())
    line = minisign.to_note_line(minisig, TEXT, root)

    assert made.returncode == 0
    assert [found.key for found in verify_note(Note(TEXT, (line,)), [root])] == [root]


def test_openssl_opens_our_key_files_and_finds_scrypt_in_them(tmp_path: Path) -> None:
    openssl, path = _tool("openssl", "openssl"), tmp_path / "log.pem"
    subprocess.run([sys.executable, "-c", _WRITE_KEY, path, LOG.seed.hex()], check=True)

    opened = _run(openssl, "pkey", "-in", path, "-passin", "stdin", "-pubout", words="pass word\n")
    wrong = _run(openssl, "pkey", "-in", path, "-passin", "stdin", "-pubout", words="other\n")
    der = b"".join(
        base64.b64decode(line)
        for line in path.read_bytes().split(b"KEY-----\n")[1].split(b"-----")[0].splitlines()
    )
    parsed = subprocess.run(
        [openssl, "asn1parse", "-inform", "DER"], input=der, capture_output=True, check=True
    ).stdout

    assert opened.stdout == public_pem(LOG.verifier)
    assert wrong.returncode != 0
    assert b"scrypt" in parsed
    assert re.findall(rb"INTEGER *:(\w+)", parsed) == [b"4000", b"08", b"05"]  # N, r and p
    assert b":aes-256-cbc" in parsed


def test_we_open_what_openssl_sealed_with_scrypt(tmp_path: Path) -> None:
    openssl, plain = _tool("openssl", "openssl"), tmp_path / "plain.pem"
    _run(openssl, "genpkey", "-algorithm", "ed25519", "-out", plain)

    sealed = _run(openssl, "pkcs8", "-topk8", "-scrypt", "-in", plain, "-passout", "pass:x")
    seed = unseal(sealed.stdout, b"x")

    public = _run(openssl, "pkey", "-in", plain, "-pubout").stdout
    assert public_pem(SigningKey("x", Kind.ED25519, seed).verifier) == public


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    openssl, plain = _tool("openssl", "openssl"), tmp_path / "plain.pem"
    _run(openssl, "genpkey", "-algorithm", "x25519", "-out", plain)
    sealed = _run(openssl, "pkcs8", "-topk8", "-scrypt", "-in", plain, "-passout", "pass:x")

    with pytest.raises(ValueError, match="another kind than Ed25519"):
        unseal(sealed.stdout, b"x")
