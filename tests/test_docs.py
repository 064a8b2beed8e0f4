"""The documents: what they show works, and what they link to is there."""

import contextlib
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from feeds.paths import CHECKPOINT, SUMS
from mirror.cli.commands import COMMANDS
from mirror.cli.main import run
from mirror.config import load
from mirror.config.kinds import PUSH_BUILT, SOURCES_BUILT
from mirror.endpoints.build import KINDS
from mirror.endpoints.serving import serving
from tests.conftest import PROJECT, TOOLS_PATH
from tests.nginx import free_port

PAGES = tuple(
    sorted(
        (
            *PROJECT.glob("*.md"),
            *(PROJECT / "docs").rglob("*.md"),
        )
    )
)
NAMES = [str(page.relative_to(PROJECT)) for page in PAGES]
LONGEST = 40  # words in a sentence
NEWS = "https://news.example/"

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_COMMAND = re.compile(r"(?:^|[`\s/])tamizdat ([a-z]+)((?: [^`\n|]*)?)")

STORY = """\
<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta property="article:published_time" content="2026-01-0{number}T09:00:00Z"></head><body>
<article><h1>{title}</h1><p>The harbour board met on Monday and decided to open pier number {number}
again, after ten years in which nobody could walk on it or tie a boat to it.</p>
<p>Three hundred people came, and most of them had walked on the pier as children.</p>
<p>Work begins in spring and will take until the summer of next year, the board said.</p>
</article></body></html>
"""


def text_of(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    return [found[3] for found in _FENCE.finditer(text_of(name)) if found[2] == language]


def prose(name: str) -> str:
    return _FENCE.sub("", text_of(name))


def anchors(text: str) -> set[str]:
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in _HEADING.findall(text))
    return {heading.strip().replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("name", NAMES)
def test_every_link_between_documents_leads_somewhere(name: str) -> None:
    for link in _LINK.findall(prose(name)):
        path, _, anchor = link.partition("#")
        if "://" in path:
            continue
        target = (PROJECT / name).parent / path if path else PROJECT / name
        assert target.exists(), f"{name} links to {link}"
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{name} links to {link}"


@pytest.mark.parametrize("name", NAMES)
def test_sentences_are_short_and_stand_on_lines_of_their_own(name: str) -> None:
    for line in prose(name).splitlines():
        if line.startswith(("|", "[", "#")):
            continue
        for sentence in re.split(r"(?<=[.!?:;])\s", line):
            assert len(sentence.split()) <= LONGEST, f"{name}: {sentence}"


def test_the_readme_shows_every_command() -> None:
    text = text_of("README.md")

    assert [name for name in COMMANDS if f"`tamizdat {name}" not in text] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_command_that_is_shown_exists_and_takes_the_options_shown(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = text_of(name).replace("\\\n", " ")
    shown = {(command, rest) for command, rest in _COMMAND.findall(text) if command in COMMANDS}

    for command, rest in sorted(shown):
        words = re.sub(r"[`).,;:…]|--debug", " ", rest.partition(" | ")[0]).split()
        subcommand = [word for word in words[:1] if re.fullmatch(r"[a-z]+", word)]
        run([command, "--help"])
        general = capsys.readouterr().out
        run([command, *subcommand, "--help"])
        help_text = general + capsys.readouterr().out
        for option in re.findall(r"(?<=\s)--[a-z-]+", f" {' '.join(words)}"):
            assert option in help_text, f"{name}: tamizdat {command}{rest}"


@pytest.mark.parametrize("name", NAMES)
def test_every_piece_of_configuration_that_is_shown_loads(
    name: str, small_config: Path, tmp_path: Path
) -> None:
    base = tomllib.loads(small_config.read_text(encoding="utf-8"))
    for number, block in enumerate(blocks(name, "toml")):
        own = tomllib.loads(block)
        missing = [section for section in base if section not in own]
        whole = tmp_path / f"{number}.toml"
        kept = re.split(r"(?m)^(?=\[)", small_config.read_text(encoding="utf-8"))
        parts = [part for part in kept if part.strip("[\n").partition("]")[0] in missing]
        whole.write_text("\n".join((*parts, block)), encoding="utf-8")

        load(whole)


def test_the_dependencies_are_all_explained_and_pinned() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    wanted = {
        re.split(r"[\[<>=!~, ]", line)[0]
        for lines in (project["dependencies"], *project["optional-dependencies"].values())
        for line in lines
    }
    explained = set(re.findall(r"^\| `([^`]+)` \|", text_of("docs/dependencies.md"), re.MULTILINE))
    pinned = {
        line.partition("==")[0].lower().replace("_", "-")
        for line in text_of("constraints.txt").splitlines()
    }

    assert wanted - explained == set()
    assert {name for name in wanted if name.lower().replace("_", "-") not in pinned} == set()


def test_the_worked_example_names_what_is_there() -> None:
    text = text_of("CONTRIBUTING.md")

    for named in ("KINDS", "PUSH_BUILT", "PLACES", "rsync.py", "serving(path)"):
        assert named in text
    assert "rsync" not in PUSH_BUILT, "it is built now: choose another kind as the example"
    assert set(KINDS) == set(PUSH_BUILT)
    assert SOURCES_BUILT


def test_every_choice_is_in_the_list_and_has_its_four_parts() -> None:
    folder = PROJECT / "docs" / "adr"
    listed = set(_LINK.findall((folder / "README.md").read_text(encoding="utf-8")))
    pages = {page.name for page in folder.glob("0*.md")}

    assert listed == pages
    for page in pages:
        headings = _HEADING.findall((folder / page).read_text(encoding="utf-8"))
        assert headings[1:] == ["Context", "Options", "Decision", "Price"], page


def test_the_unit_asks_for_the_credential_that_the_page_makes() -> None:
    unit, page = text_of("docs/systemd/tamizdat.service"), text_of("docs/running.md")
    credential = re.findall(r"^LoadCredentialEncrypted=(.+):(.+)$", unit, re.MULTILINE)

    assert credential == [("passphrase", "/etc/credstore.encrypted/tamizdat.passphrase")]
    assert credential[0][1] in page
    assert f'passphrase = {{ credential = "{credential[0][0]}" }}' in page
    assert re.search(r"^ExecStart=/opt/tamizdat/bin/tamizdat run ", unit, re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_shell_commands_that_are_shown_parse(name: str) -> None:
    for block in blocks(name, "sh"):
        done = subprocess.run(
            ["sh", "-n"], input=block, text=True, capture_output=True, check=False
        )

        assert done.returncode == 0, f"{name}: {done.stderr}"


@contextlib.contextmanager
def newsroom(folder: Path) -> Iterator[str]:
    """A site of three stories on loopback; its address."""
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    base = f"http://127.0.0.1:{server.server_port}/"
    items = ""
    for number in (1, 2, 3):
        story = STORY.format(title=f"Pier number {number} opens again", number=number)
        (folder / f"story-{number}.html").write_text(story, encoding="utf-8")
        link = f"{base}story-{number}.html"
        items += f"<item><title>Pier number {number}</title><link>{link}</link></item>"
    feed = f'<rss version="2.0"><channel><title>News</title>{items}</channel></rss>'
    (folder / "rss").write_text(feed, encoding="utf-8")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield base
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.real
def test_the_ten_minutes_typed_as_they_stand_end_in_a_mirror_that_is_genuine(
    tmp_path: Path, need: Callable[..., None]
) -> None:
    need("minisign", "sha256sum")
    section = text_of("README.md").partition("ten minutes")[2].partition("\n## ")[0]
    typed = [found[3] for found in _FENCE.finditer(section) if found[2] == "sh"]
    typed = [block for block in typed if "http.server" not in block and block != "tamizdat run\n"]
    with newsroom(tmp_path / "site") as base:
        script = "".join(typed).replace(". .venv/bin/activate\n", "").replace(NEWS, base)
        script = script.replace(
            "tamizdat run --once",
            "printf '[fetch]\\nprivate_addresses = true\\n' >> config.toml; tamizdat run --once",
        )
        environment = {"HOME": str(tmp_path), "PATH": f"{Path(sys.executable).parent}:{TOOLS_PATH}"}
        done = subprocess.run(
            ["sh", "-eu"],
            input=script,
            text=True,
            capture_output=True,
            check=False,
            env=environment,
            cwd=tmp_path,
        )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 new" in done.stdout
    assert "genuine" in done.stdout
    assert "Signature and comment signature verified" in done.stdout
    assert len(list((tmp_path / "newsroom" / "www" / "x7k2" / "a").rglob("*.html"))) == 3


@pytest.mark.real
def test_the_nginx_that_is_shown_takes_a_push_and_serves_it_without_a_log(
    tmp_path: Path, need: Callable[..., None]
) -> None:
    need("nginx", "openssl", "curl")
    readers, publisher = free_port(), free_port()
    tree = tmp_path / "srv"
    (tree / "x7k2").mkdir(parents=True)
    conf = blocks("docs/mirrors.md", "nginx")[0]
    for shown, ours in {
        "listen 443 ssl": f"listen 127.0.0.1:{readers} ssl",
        "listen 8443 ssl": f"listen 127.0.0.1:{publisher} ssl",
        "/etc/ssl/news.example.net": str(tmp_path / "tls"),
        "/etc/nginx/mirror.users": str(tmp_path / "users"),
        "/srv/mirror": str(tree),
    }.items():
        assert shown in conf
        conf = conf.replace(shown, ours)
    run_tool(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
        *("-nodes", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
        *("-keyout", f"{tmp_path}/tls.key", "-out", f"{tmp_path}/tls.pem"),
    )
    password = run_tool("openssl", "passwd", "-apr1", "secret")
    (tmp_path / "users").write_text(f"publisher:{password}", encoding="utf-8")
    curl = ("curl", "--silent", "--show-error", "--cacert", f"{tmp_path}/tls.pem")
    page, reader = tmp_path / "page.html", f"https://127.0.0.1:{readers}/x7k2/a/0d/page.html"
    page.write_text("<p>A story.</p>" * 99, encoding="utf-8")
    every = ("a/0d/page.html", f"m/0d/{'0d' * 32}.webp", "log/tile/0/000.p/7", CHECKPOINT, SUMS)

    with started(tmp_path, conf, readers):
        put = run_tool(
            *curl, "--user", "publisher:secret", "--upload-file", str(page), "--write-out",
            "%{http_code}", f"https://127.0.0.1:{publisher}/x7k2/a/0d/page.html",
        )  # fmt: skip
        refused = run_tool(
            *(*curl, "--upload-file", str(page), "--write-out", "%{http_code}"), reader
        )
        got = run_tool(*curl, "--include", "--header", "Accept-Encoding: gzip", "--head", reader)
        read = run_tool(*curl, "--compressed", reader)
        for path in every[1:]:
            (tree / "x7k2" / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / "x7k2" / path).write_bytes(b"x")
        kept = [
            run_tool(*curl, "--head", f"https://127.0.0.1:{readers}/x7k2/{path}") for path in every
        ]

    for path, said in zip(every, kept, strict=True):
        assert f"cache-control: {serving(path).cache_control}\n" in said.lower().replace("\r", "")
    assert put.endswith("201")
    assert refused.endswith("405")
    assert read == page.read_text(encoding="utf-8")
    assert "content-encoding: gzip" in got.lower()
    assert "connection: close" in got.lower()
    assert "text/html; charset=utf-8" in got.lower()
    assert [log for log in tmp_path.rglob("*.log") if log.stat().st_size] == []


@contextlib.contextmanager
def started(work: Path, conf: str, port: int) -> Iterator[None]:
    """Nginx with ``conf`` in its http block, ended by its own id."""
    temporary = "".join(
        f"{kind}_temp_path {work}/{kind};" for kind in ("fastcgi", "uwsgi", "scgi", "proxy")
    )
    (work / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {work}/nginx.pid; error_log /dev/null crit;"
        f" events {{}} http {{ client_body_temp_path {work}/body; {temporary} {conf} }}",
        encoding="utf-8",
    )
    program = shutil.which("nginx", path=TOOLS_PATH) or "nginx"
    process = subprocess.Popen(
        [program, "-e", "/dev/null", "-p", str(work), "-c", f"{work}/nginx.conf"]
    )
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            assert process.poll() is None, "nginx takes no such configuration"
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


def run_tool(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_debian_package_that_is_installed_is_explained() -> None:
    makefile = text_of("Makefile").replace("\\\n", " ")
    named = re.findall(r"^\w+_PACKAGES = (.*)$", makefile, re.MULTILINE)
    packages = {word for line in named for word in line.split() if not word.startswith("$")}
    section = text_of("docs/dependencies.md").partition("## Debian packages")[2]

    assert packages - set(re.findall(r"`([a-z0-9.-]+)`", section)) == set()
