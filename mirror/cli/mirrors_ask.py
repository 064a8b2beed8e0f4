"""What ``tamizdat mirrors add`` asks of each kind of mirror. A new kind adds its questions here."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

Ask = Callable[[str, str], str]  # a question and its default; the answer


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of place, as a person would call it.

    Attributes:
        scheme: What ``push`` starts with; it is offered where this version has that kind. Empty
            for all others, by their address.
        title: For the list to choose from.
        push: Asks what must be known, and makes the address to push to of it.
        secret: What the secret that comes with it is called; empty: it needs none.
    """

    scheme: str
    title: str
    push: Callable[[Ask], str]
    secret: str = ""


def _folder(ask: Ask) -> str:
    return f"file:{quote(ask('Which folder shall hold it', 'www'))}"


def _dav(ask: Ask) -> str:
    address = ask("Its address for writing (https://host/folder/)", "")
    parts = urlsplit(address if "://" in address else f"https://{address}")
    scheme = "dav" if parts.scheme in ("http", "dav") else "davs"
    user = ask("User there (empty: none)", parts.username or "")
    host = parts.netloc.rpartition("@")[2]
    return f"{scheme}://{f'{quote(user)}@' if user else ''}{host}{parts.path or '/'}"


def _sftp(ask: Ask) -> str:
    host = ask("Host (host, or host:port)", "")
    user = ask("User there", "")
    folder = ask("Folder there", f"/home/{user}/www")
    pin = ask("Fingerprint of its host key, from whoever runs it (SHA256:…)", "")
    return f"sftp://{quote(user)}@{host}/{quote(folder.lstrip('/'))}/?host-key={quote(pin, ':/+')}"


def _s3(ask: Ask) -> str:
    endpoint = ask("Address of the service (https://s3.host.example)", "")
    bucket = ask("Bucket", "")
    folder = ask("Folder in it (empty: none)", "").strip("/")
    key = ask("Id of the access key", "")
    path = quote(f"{folder}/") if folder else ""
    return f"s3://{quote(key, '')}@{bucket}/{path}?endpoint={quote(endpoint, ':/')}"


def _git(ask: Ask) -> str:
    address = ask("The repository (https://user@host/name.git)", "")
    branch = ask("The branch that is published", "pages")
    pin = ""
    if address.startswith("ssh:"):
        pin = ask("Fingerprint of its host key, as the host publishes it (SHA256:…)", "")
    host_key = f"&host-key={quote(pin, ':/+')}" if pin else ""
    return f"git:{address}?branch={quote(branch)}{host_key}"


def _ftp(ask: Ask) -> str:
    host = ask("Host (host, or host:port)", "")
    user = ask("User there", "")
    folder = ask("Folder there", "/")
    path = quote(f"{folder.strip('/')}/") if folder.strip("/") else ""
    return f"ftps://{quote(user)}@{host}/{path}"


def _whole(ask: Ask) -> str:
    return ask("Its whole address, as docs/mirrors.md shows it for that kind", "")


KINDS: Final = (
    Kind("file", "a folder on this machine, or mounted on it", _folder),
    Kind("davs", "a web server that takes files by WebDAV", _dav, "Password"),
    Kind("sftp", "a host that takes files by SFTP", _sftp, "Password"),
    Kind("s3", "a bucket of an S3 store", _s3, "Secret of the access key"),
    Kind("git", "a repository whose branch a pages service publishes", _git, "Token"),
    Kind("ftps", "a host that takes files by FTP, with TLS", _ftp, "Password"),
    Kind("", "something else", _whole, "Password"),
)


def offered(built: Collection[str]) -> tuple[Kind, ...]:
    """The kinds that this version has, and any other by its address."""
    return tuple(kind for kind in KINDS if not kind.scheme or kind.scheme in built)


def choose(kinds: tuple[Kind, ...], ask: Ask, say: Callable[[str], None]) -> Kind:
    """Which kind the person means."""
    say("What kind of place is it?")
    for number, kind in enumerate(kinds, 1):
        say(f"  {number}  {kind.title}")
    while True:
        answer = ask("Number", "1")
        if answer.isdecimal() and 1 <= int(answer) <= len(kinds):
            return kinds[int(answer) - 1]
        say(f"A number from 1 to {len(kinds)}.")
