"""What the demo says when it runs: where everything is. Text with rich's markup."""

from collections.abc import Iterator
from typing import Final

from rich.markup import escape

from mirror.demo.nginx import INSTALL
from mirror.demo.run import Demo
from mirror.keystore import in_groups

FEED: Final = "feeds/all"

_NAMES: Final = {"one": "a folder", "two": "another folder", "three": "nginx, by WebDAV"}


def lines(demo: Demo) -> Iterator[str]:
    """One line at a time."""
    plan = demo.plan
    yield ""
    yield from _row("Newsroom", f"{plan.address('newsroom')}/")
    yield from _row("", f"{plan.address('newsroom')}/ru")
    yield from _row("Status page", f"{plan.address('status')}/")
    for mirror in demo.config.mirrors:
        what = _NAMES.get(mirror.name, "")
        yield ""
        yield from _row(f"Mirror {mirror.name}", mirror.url, what)
        yield from _row("  RSS", f"{mirror.url}{FEED}.rss")
        yield from _row("  Atom", f"{mirror.url}{FEED}.atom")
    yield ""
    yield from _row("Fingerprint", in_groups(demo.fingerprint))
    yield from _row("Folder", str(demo.folder))
    if not demo.webdav:
        yield ""
        yield "[yellow]nginx is not installed: there are two mirrors, not three. For the third:[/]"
        yield f"  {escape(INSTALL)}"
    seconds = plan.every.total_seconds()
    yield ""
    yield f"A story comes out every {seconds:g} s. Ctrl-C ends it; started again, it goes on."
    yield ""


def _row(name: str, value: str, remark: str = "") -> Iterator[str]:
    text = f"[bold]{name:<13}[/] {escape(value)}" if name else f"{'':<13} {escape(value)}"
    yield f"{text}  [dim]({remark})[/]" if remark else text
