"""Which commands there are, what each is for, and which module is it.

A command's module has ``app``, a ``typer.Typer``; it is imported when the command is used,
so that ``tamizdat --help`` stays fast and the verifier needs nothing of the service.
"""

from typing import Final, NamedTuple


class Command(NamedTuple):
    """One command: the module that has its ``app``, and one line of help."""

    module: str
    help: str


COMMANDS: Final = {
    "init": Command("mirror.cli.init", "Make a configuration, keys and a data folder."),
    "run": Command("mirror.cli.run", "Run the service, or one round of it with --once."),
    "demo": Command("mirror.cli.demo", "A sample newsroom and three mirrors on this machine."),
    "verify": Command("mirror.cli.verify", "Check that files come from the publisher, unchanged."),
    "keys": Command("mirror.cli.keys", "Make, show, sign and replace keys and keyrings."),
    "witness": Command("mirror.cli.witness", "Cosign a publisher's heads, as a partner does."),
    "mirrors": Command("mirror.cli.mirrors", "Show the mirrors, and bring one up to date."),
    "articles": Command("mirror.cli.articles", "Show, release, drop or withdraw articles."),
    "sources": Command(
        "mirror.cli.sources", "Show the sources, find some, and try rules on saved pages."
    ),
    "backfill": Command("mirror.cli.backfill", "Read a site's archive, at a polite rate."),
    "recover": Command(
        "mirror.cli.recover", "Take over what a mirror holds, after a restored backup."
    ),
}
