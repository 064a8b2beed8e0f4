"""``tamizdat verify TARGET``: do these files come from the publisher, unchanged?

Part of the base install: nothing of the service is imported, but for an address.
"""

from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Exit, Option

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def verify(
    target: Annotated[
        str, Argument(help="A file, a mirror's folder, a .zip of it, or its address.")
    ],
    *,
    keyring: Annotated[Path | None, Option(help="The keyring file that you trust.")] = None,
    fingerprint: Annotated[str, Option(help="Its SHA-256, where you have no file.")] = "",
    proof: Annotated[
        Path | None, Option(help="For a file: its proof. Default: FILE.tlog-proof beside it.")
    ] = None,
    base: Annotated[str, Option(help="For a folder: the address it was copied from.")] = "",
    state: Annotated[
        Path | None, Option(help="Folder that remembers what mirrors showed before.")
    ] = None,
    sample: Annotated[
        int | None, Option(min=1, help="Compare only so many files, chosen at random.")
    ] = None,
    proofs: Annotated[bool, Option("--proofs", help="Check every proof, not only 100.")] = False,
    json: Annotated[bool, Option("--json", help="Answer as JSON.")] = False,
    timeout: Annotated[
        float, Option(min=0.1, help="For an address: seconds to wait for an answer.")
    ] = 30.0,
    parallel: Annotated[int, Option(min=1, max=256, help="For an address: requests at once.")] = 32,
    mirror: Annotated[
        list[str] | None,
        Option(help="Another mirror, to be asked for keyrings that TARGET lacks. Repeatable."),
    ] = None,
) -> None:
    """Check a file or a mirror against the keys that you trust.

    Exit status: 0 genuine (or updating, behind, stale, as it says), 1 found wanting, 2 could not
    tell.
    """
    from mirror.cli.verify_run import Wish, run_verify

    wish = Wish(
        target=target,
        keyring=keyring,
        fingerprint=fingerprint,
        proof=proof,
        base=base,
        state=state,
        sample=sample,
        proofs=proofs,
        json=json,
        timeout=timeout,
        parallel=parallel,
        mirror=tuple(mirror or ()),
    )
    raise Exit(run_verify(wish))
