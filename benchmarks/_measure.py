"""What every benchmark says at its end: figures, targets, and whether they are met."""

import argparse
import json
import logging
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks._seed import seed
from mirror import logs
from mirror.config import Config
from mirror.config.load import load_file

ARCHIVE: Final = "TAMIZDAT_BENCH"  # names a folder whose archives several benchmarks share
SEED_SECONDS: Final = 90.0  # for 100,000 articles
MB: Final = 1_000_000
TAMIZDAT: Final = str(Path(sys.executable).with_name("tamizdat"))

_WATCH: Final = """\
import os, subprocess, sys, time
begun = time.perf_counter()
child = subprocess.Popen(sys.argv[1:])
_, status, usage = os.wait4(child.pid, 0)
spent = usage.ru_utime + usage.ru_stime
print(time.perf_counter() - begun, spent, usage.ru_maxrss, file=sys.stderr, flush=True)
os._exit(os.waitstatus_to_exitcode(status))
"""  # a small process of its own: a child's peak counts that of the process it came from


@dataclass(slots=True)
class Results:
    """Of one benchmark.

    Attributes:
        benchmark: Its name.
        figures: What was measured.
        targets: What, measured, at most, in which unit.
    """

    benchmark: str
    figures: dict[str, float | str] = field(default_factory=dict)
    targets: list[tuple[str, float, float, str]] = field(default_factory=list)

    def figure(self, name: str, value: float | str) -> None:
        """Something to know."""
        self.figures[name] = value if isinstance(value, str) else round(value, 4)

    def target(self, what: str, measured: float, most: float, unit: str = "x") -> None:
        """Something that must hold: ``measured`` is at most ``most``."""
        self.targets.append((what, round(measured, 3), most, unit))

    @property
    def passed(self) -> bool:
        """Whether every target is met."""
        return all(measured <= most for _, measured, most, _ in self.targets)

    def say(self, *, as_json: bool) -> int:
        """Print it all; 0, or 1 where a target is missed."""
        if as_json:
            targets = [
                {"what": what, "measured": got, "most": most, "unit": unit, "passed": got <= most}
                for what, got, most, unit in self.targets
            ]
            found = {"benchmark": self.benchmark, "figures": self.figures, "targets": targets}
            print(json.dumps(found, indent=1))
        else:
            for name, value in self.figures.items():
                print(f"       {name}: {value}")
            for what, got, most, unit in self.targets:
                word = "PASS" if got <= most else "FAIL"
                print(f"  {word} {what}: {got:g} {unit} (at most {most:g})")
        return 0 if self.passed else 1


def arguments(text: str | None) -> argparse.ArgumentParser:
    """A parser with what all of them understand."""
    parser = argparse.ArgumentParser(description=(text or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="answer as JSON")
    logs.set_up(verbose=False)
    logging.disable(logging.INFO)
    return parser


@contextmanager
def archive(count: int, results: Results, folder: Path | None = None) -> Iterator[Config]:
    """A newsroom with ``count`` articles, gone afterwards; a shared one where $TAMIZDAT_BENCH says.

    Nothing that it was written with waits to reach the disk.
    """
    shared = os.environ.get(ARCHIVE, "")
    place = Path(shared) if shared else Path(tempfile.mkdtemp(prefix="bench-", dir=folder))
    home = place / str(count)
    try:
        if not (home / "config.toml").exists():
            print(f"seeding {count} articles", file=sys.stderr)
            begun = time.perf_counter()
            seed(home, count)
            took = time.perf_counter() - begun
            results.target(f"seconds to seed {count} articles", took, SEED_SECONDS, "s")
            os.sync()
        yield load_file(home / "config.toml")
    finally:
        if not shared:
            shutil.rmtree(place, ignore_errors=True)


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds, all threads, of doing ``work`` once."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def memory_mb(process: int | str = "self") -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MB


@dataclass(frozen=True, slots=True)
class Watched:
    """A process that has ended.

    Attributes:
        seconds: From its start to its end.
        spent: Seconds of processor time.
        memory_mb: The most that it had.
        said: What it printed.
    """

    seconds: float
    spent: float
    memory_mb: float
    said: str


def watched(command: Sequence[str], folder: Path) -> Watched:
    """Run ``command`` in ``folder`` to its end; where it fails, so does the benchmark."""
    whole = [sys.executable, "-S", "-c", _WATCH, *command]
    done = subprocess.run(whole, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{command[0]}: {done.stdout[:500]}{done.stderr[:500]}")
    seconds, spent, peak = map(float, done.stderr.splitlines()[-1].split())
    return Watched(seconds, spent, peak * 1_024 / MB, done.stdout)


def written_bytes() -> int:
    """Bytes that this process gave to ``write`` so far, to files and sockets."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("wchar")).split()[1])
