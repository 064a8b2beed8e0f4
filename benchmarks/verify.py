"""A folder of 100,000 articles verified, beside ``sha256sum -c`` on the same files.

    python -m benchmarks.verify [--articles 100000] [--runs 3] [--json]

The two take turns, files in the page cache for both. Then the replay of 100,000 log entries alone.
With 10,000 articles it takes a tenth of the time, and what loading costs weighs ten times more.
On a busy machine the seconds of processor time tell more than those of the clock.
"""

import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from benchmarks._measure import TAMIZDAT, Results, archive, arguments, median, watched
from feeds.folder import FolderReader
from feeds.verify_log import Replay, read_bundles
from keys.checkpoint import Checkpoint
from keys.note import Note
from mirror.config import Config

BESIDE: Final = 0.5  # of the time that sha256sum needs
REPLAY_S: Final = 1.0  # for ENTRIES
ENTRIES: Final = 100_000
MEMORY_MB: Final = 150.0


def measure(config: Config, runs: int, results: Results) -> None:
    """Both, in turn; then the replay."""
    site = config.store.data / "site"
    reader = FolderReader(site)
    replay, took = _replay(site, reader)
    files = {path: sha for path, sha in replay.current.items() if (site / path).exists()}
    keyring = config.trust.keys / "keyring-1"
    ours, theirs, memory = [], [], 0.0
    ours_cpu, theirs_cpu = [], []
    with tempfile.NamedTemporaryFile("w", suffix=".sums") as sums:
        sums.writelines(f"{sha}  {path}\n" for path, sha in sorted(files.items()))
        sums.flush()
        plain = ["sha256sum", "--quiet", "-c", sums.name]
        verify = [TAMIZDAT, "verify", str(site)]
        watched(plain, site)  # now every file is in the page cache
        for _ in range(runs):
            their = watched(plain, site)
            theirs.append(their.seconds)
            theirs_cpu.append(their.spent)
            our = watched([*verify, "--keyring", str(keyring)], Path.cwd())
            ours.append(our.seconds)
            ours_cpu.append(our.spent)
            memory = max(memory, our.memory_mb)
    results.figure("files", len(files))
    results.figure("seconds, median", median(ours))
    results.figure("sha256sum -c, seconds, median", median(theirs))
    results.figure("seconds of processor time, median", median(ours_cpu))
    results.figure("sha256sum -c, seconds of processor time, median", median(theirs_cpu))
    results.figure("log entries", replay.size)
    results.target("seconds / sha256sum -c", median(ours) / median(theirs), BESIDE)
    results.target(f"replay of {ENTRIES} entries", took / replay.size * ENTRIES, REPLAY_S, "s")
    results.target("memory", memory, MEMORY_MB, "MB")


def _replay(site: Path, reader: FolderReader) -> tuple[Replay, float]:
    head = Checkpoint.parse(Note.parse((site / "log/checkpoint").read_bytes()).text)
    begun = time.perf_counter()
    replay = Replay()
    for _, _, entries in read_bundles(reader, 0, head.size):
        replay.take(entries)
    if replay.root(head.size) != head.root:
        raise SystemExit("the log is not the one that was signed")
    return replay, time.perf_counter() - begun


def main() -> int:
    """0 where every target is met, else 1."""
    parser = arguments(__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    results = Results("verify")
    with ExitStack() as stack:
        config = stack.enter_context(archive(given.articles, results))
        measure(config, given.runs, results)
    return results.say(as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
