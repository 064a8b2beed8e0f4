"""A reader, a censor on the way and a mirror, each in a network namespace of its own.

The censor lets 16,384 bytes of reply through each connection, and drops what comes after in
both directions, without a word. Needs root, and Debian's iproute2 and nftables.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TOOLS: Final = ("ip", "nft", "tc")
MIRROR: Final = "10.66.2.2"
FREEZES_AFTER: Final = 16_384  # bytes of reply, headers of IP and TCP among them

_RULES: Final = f"""
table inet line {{
    chain forward {{
        type filter hook forward priority 0;
        ct reply bytes > {FREEZES_AFTER} drop
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Line:
    """The three of them.

    Attributes:
        reader: Name of the reader's namespace.
        censor: Name of the one between.
        mirror: Name of the mirror's, which has the address ``MIRROR``.
    """

    reader: str
    censor: str
    mirror: str

    def freeze(self) -> None:
        """From now on, connections freeze."""
        run("ip", "netns", "exec", self.censor, "nft", "-f", "-", given=_RULES)

    def thaw(self) -> None:
        """From now on, they do not."""
        run("ip", "netns", "exec", self.censor, "nft", "delete", "table", "inet", "line")

    def throttle(self, rate: str) -> None:
        """Let no more than ``rate`` (as ``tc`` has it, such as ``50kbit``) reach the reader."""
        tbf = ("tbf", "rate", rate, "burst", "3000", "latency", "4s")
        run("tc", "-n", self.censor, "qdisc", "replace", "dev", "near", "root", *tbf)

    def start(self, namespace: str, *command: str) -> "subprocess.Popen[bytes]":
        """Start ``command`` in ``namespace``; the process is the command's own."""
        return subprocess.Popen(["ip", "netns", "exec", namespace, *command])

    def wrap(self, program: Path, file: Path) -> Path:
        """Write ``file``: a script that runs ``program`` where the reader is."""
        file.write_text(f'#!/bin/sh\nexec ip netns exec {self.reader} {program} "$@"\n', "utf-8")
        file.chmod(0o755)
        return file


@contextmanager
def line() -> Iterator[Line]:
    """A line that is open and fast, until the block ends."""
    names = [f"{place}-{os.getpid()}" for place in ("reader", "censor", "mirror")]
    made = Line(*names)
    try:
        for name in names:
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        _join(made.reader, made.censor, "near", "10.66.1")
        _join(made.mirror, made.censor, "far", "10.66.2")
        forward = "echo 1 >/proc/sys/net/ipv4/ip_forward"
        run("ip", "netns", "exec", made.censor, "sh", "-c", forward)
        yield made
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def run(*command: str, given: str = "") -> str:
    """What ``command`` says on standard output.

    Raises:
        RuntimeError: It failed, with what it said.
    """
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def _join(end: str, censor: str, side: str, network: str) -> None:
    run(
        "ip", "-n", end, "link", "add", "out", "type", "veth", "peer", "name", side, "netns", censor
    )
    for namespace, device, host in ((end, "out", 2), (censor, side, 1)):
        run("ip", "-n", namespace, "addr", "add", f"{network}.{host}/24", "dev", device)
        run("ip", "-n", namespace, "link", "set", device, "up")
    run("ip", "-n", end, "route", "add", "default", "via", f"{network}.1")
