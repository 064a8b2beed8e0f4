"""First push, nothing changed, five new: ours beside cp, rsync and rclone, in one run.

``python -m benchmarks.push [FILES] [RUNS] [PART …]``: files of 10 kB each, half pages and half
proofs. Parts are folder, dav, sftp, s3, and dav-far and sftp-far over a line of 50 ms.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks._measure import Results, arguments
from benchmarks._push_kinds import KINDS, Kind
from benchmarks._pushing import Tree, push, seed
from mirror.config import MirrorConfig
from mirror.endpoints.build import build

MEMORY_MB: Final = 100

_GIVEN: Final = {"name", "url", "push", "password"}

# Ours against the peer, at most: (part, job, peer).
TARGETS: Final[Mapping[tuple[str, str, str], float]] = {
    ("folder", "first push", "cp -r"): 1.2,
    ("dav", "first push", "rclone, pacer off"): 0.8,
    ("dav", "first push", "rclone as it comes"): 0.02,
    ("sftp", "first push", "rsync"): 1.3,
    ("sftp", "first push", "rclone"): 0.4,
    ("s3", "first push", "rclone"): 0.8,
    ("dav-far", "first push", "rclone, pacer off"): 0.5,
    ("sftp-far", "first push", "rsync"): 1.5,
    ("dav-far", "nothing changed", "rclone"): 1 / 3,
    ("sftp-far", "nothing changed", "rclone"): 1 / 3,
    ("dav-far", "five new", "rclone"): 1 / 3,
    ("sftp-far", "five new", "rclone"): 1 / 3,
}


def main() -> int:
    """Print tables and targets; 1 where one is missed."""
    parser = arguments(__doc__)
    parser.add_argument("files", nargs="?", type=int, default=2_000)
    parser.add_argument("runs", nargs="?", type=int, default=3)
    parser.add_argument("parts", nargs="*", default=tuple(KINDS))
    given = parser.parse_args()
    results = Results("push")
    with tempfile.TemporaryDirectory() as name:
        for part in given.parts:
            work = Path(name) / part
            tree = Tree(work / "tree", given.files // 2)
            seed(tree, 5 * given.runs)
            with KINDS[part](work) as kind:
                _measure(kind, tree, given.runs, results)
    return results.say(as_json=given.json)


def _measure(kind: Kind, tree: Tree, runs: int, results: Results) -> None:
    """All three jobs, ours and the peers in turn."""
    start = tree.size
    kept = {name: kind.fresh() for name in ("ours", *kind.peers)}

    def ours(place: str) -> Callable[[], object]:
        config = kind.config(place)
        return lambda: push(tree, partial(build, config))

    def theirs(name: str, place: str) -> Callable[[], object]:
        return lambda: _run(*kind.peers[name](tree.folder, place))

    def anew(job: Callable[[str], Callable[[], object]]) -> Callable[[], object]:
        def begin() -> object:
            return job(kind.fresh())()

        return begin

    first = {name: anew(partial(theirs, name)) for name in kind.peers}
    first = {"ours": anew(ours), **first}
    names = {"rclone": kind.first}
    _say(kind, "first push", _rounds(runs, first), results, names)
    for name, place in kept.items():
        (ours(place) if name == "ours" else theirs(name, place))()
    again = {
        name: ours(place) if name == "ours" else theirs(name, place) for name, place in kept.items()
    }
    _say(kind, "nothing changed", _rounds(runs, again), results)

    def grown() -> None:
        tree.size += 5
        ours(kept["ours"])()

    _more(tree, 5)
    _say(kind, "five new", _rounds(1, {**again, "ours": grown}), results)
    tree.size = start
    _, memory = _alone(tree, kind.config(kind.fresh()))
    results.target(f"{kind.part}: memory of a first push", memory, MEMORY_MB, "MB")


def _more(tree: Tree, pages: int) -> None:
    """Make some pages new to those who compare folders."""
    for page in sorted(tree.folder.glob("a/*/*.html"))[:pages]:
        page.with_name(f"f{page.name[1:]}").write_bytes(page.read_bytes())


def _say(
    kind: Kind,
    job: str,
    rows: Mapping[str, float],
    results: Results,
    names: Mapping[str, str] | None = None,
) -> None:
    for name, seconds in rows.items():
        shown = (names or {}).get(name, name)
        ratio = rows["ours"] / seconds
        figure = f"{seconds:.3f} s, ours is {ratio:.2f} x"
        results.figure(f"{kind.part}, {job}: {shown}", figure)
        print(f"{kind.part}, {job}: {shown}: {figure}", file=sys.stderr, flush=True)
        most = TARGETS.get((kind.part, job, shown))
        if most is not None:
            results.target(f"{kind.part}, {job}, against {shown}", ratio, most)


def _rounds(runs: int, jobs: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    took: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(runs):
        for name, job in jobs.items():
            begun = time.perf_counter()
            job()
            took[name].append(time.perf_counter() - begun)
    return {name: statistics.median(times) for name, times in took.items()}


def _alone(tree: Tree, config: MirrorConfig) -> tuple[float, float]:
    """Seconds and peak of memory in MB of a first push in a process of its own."""
    done = subprocess.run(
        (sys.executable, "-m", "benchmarks._pushing", str(tree.folder), str(tree.size)),
        input=json.dumps(config.model_dump(mode="json", include=_GIVEN, exclude_none=True)),
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, memory = map(float, done.stdout.split())
    return seconds, memory


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
