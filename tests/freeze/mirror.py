"""A mirror in its namespace: nginx as ``docs/mirrors.md`` sets it up, TLS, a small site."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from feeds.documents import lite_documents
from feeds.localise import is_localised, localise
from feeds.pages import article_files
from feeds.stylesheet import style_path, stylesheet
from tests.browser.reading import write_pages
from tests.feeds.feed_examples import CHANNEL
from tests.feeds.pages_examples import SITE, article, paragraphs
from tests.freeze.line import MIRROR, Line

HOST: Final = "news.example.net"
BASE: Final = f"https://{HOST}/x7k2/"
LITE: Final = "feeds/all-lite.atom"
HEAVY: Final = article(title="A long story", body_html=paragraphs(200))

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def write_site(folder: Path) -> dict[str, str]:
    """Write pages and the lite feed; paths by name, as ``write_pages`` has them."""
    names = write_pages(folder)
    rendered = article_files(HEAVY, SITE)
    names["part"], names["whole"], names["lite"] = rendered.path, rendered.whole, LITE
    stories = [replace(HEAVY, id=f"{n:016x}") for n in range(8)]
    files = rendered.files | lite_documents(CHANNEL, stories)
    files[style_path("en")] = stylesheet("en")
    for path, data in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(localise(data, BASE) if is_localised(path) else data)
    return names


def write_chain(folder: Path, kind: str) -> int:
    """``tls.pem`` and ``tls.key``: a host's certificate and what is between it and a root.

    ``ecdsa`` has one between, as a short chain of Let's Encrypt; ``rsa`` has two, of 2,048 and
    4,096 bits, as many chains have. Returns the bytes that the certificates take on the wire.
    """
    if kind == "ecdsa":
        keys: list[Key] = [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
    else:
        keys = [rsa.generate_private_key(65_537, bits) for bits in (2_048, 2_048, 4_096, 4_096)]
    names = [HOST, *(f"An authority of some name, {n}" for n in range(1, len(keys)))]
    chain = [_certificate(names, keys, n) for n in range(len(keys) - 1)]
    (folder / "tls.pem").write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in chain))
    key = keys[0].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "tls.key").write_bytes(key)
    return sum(len(one.public_bytes(Encoding.DER)) for one in chain)


def _certificate(names: list[str], keys: list[Key], number: int) -> x509.Certificate:
    now = datetime.now(UTC)
    authority = "http://authority.example/certificates"
    access = x509.AccessDescription(
        AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(authority)
    )
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(authority)], None, None, None)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(names[number]))
        .issuer_name(_name(names[number + 1]))
        .public_key(keys[number].public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=80))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.AuthorityInformationAccess([access]), critical=False)
        .add_extension(x509.CRLDistributionPoints([point]), critical=False)
        .sign(keys[number + 1], SHA256())
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@contextmanager
def mirror(
    line: Line, work: Path, docs: str, changes: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Nginx on ``line`` with the block of ``docs``, and ``changes`` in it; serves ``work/srv``."""
    match = re.search(r"```nginx\n(.*?)```", docs, re.DOTALL)
    if match is None:
        raise ValueError("docs/mirrors.md shows no nginx block")
    conf = match[1]
    ours = {
        "/etc/ssl/news.example.net": f"{work}/tls",
        "/etc/nginx/mirror.users": f"{work}/users",
        "/srv/mirror": f"{work}/srv",
    }
    for shown, wanted in (ours | dict(changes or {})).items():
        if shown not in conf:
            raise ValueError(f"the nginx block of docs/mirrors.md has no {shown!r}")
        conf = conf.replace(shown, wanted)
    (work / "users").touch()
    kinds = ("client_body", "fastcgi", "uwsgi", "scgi", "proxy")
    temporary = "".join(f"{kind}_temp_path {work}/{kind};" for kind in kinds)
    (work / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {work}/nginx.pid; error_log {work}/error.log;"
        f" events {{}} http {{ {temporary} {conf} }}",
        encoding="utf-8",
    )
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin") or "nginx"
    process = line.start(
        line.mirror, program, "-e", f"{work}/error.log", "-p", str(work), "-c", f"{work}/nginx.conf"
    )
    try:
        _wait(line, process, work)
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait(line: Line, process: "subprocess.Popen[bytes]", work: Path) -> None:
    code = f"import socket; socket.create_connection(({MIRROR!r}, 443), 1)"
    for _ in range(100):
        if process.poll() is not None:
            break
        asked = ["ip", "netns", "exec", line.reader, "python3", "-c", code]
        if subprocess.run(asked, check=False, capture_output=True).returncode == 0:
            return
        time.sleep(0.1)
    raise RuntimeError(f"nginx does not answer: {(work / 'error.log').read_text('utf-8')}")
