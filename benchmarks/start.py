"""How long until ``tamizdat --help`` answers, and until ``tamizdat run`` works.

    python -m benchmarks.start [--articles 100000] [--runs 5] [--json]

``run`` works once its status page answers: keys open, log checked, polls begun.
"""

import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

from benchmarks._measure import TAMIZDAT, Results, archive, arguments, median
from benchmarks._seed import configured
from tests.nginx import free_port

HELP_MS: Final = 150.0
RUN_S: Final = 1.0
PATIENCE_S: Final = 60.0


def time_of_help() -> float:
    """Seconds until it has answered."""
    begun = time.perf_counter()
    subprocess.run([TAMIZDAT, "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def time_of_run(file: Path, port: int) -> float:
    """Seconds until the status page answers."""
    begun = time.perf_counter()
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([TAMIZDAT, "run", "--config", str(file)], stdout=quiet, stderr=quiet)
    try:
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() - begun > PATIENCE_S:
                raise SystemExit("tamizdat run does not answer")
            time.sleep(0.01)
        return time.perf_counter() - begun
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def main() -> int:
    """0 where every target is met, else 1."""
    parser = arguments(__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    results = Results("start")
    with ExitStack() as stack:
        config = stack.enter_context(archive(given.articles, results))
        port = free_port()
        silent = f"http://127.0.0.1:{free_port()}/rss"  # nobody listens there
        file = configured(config, [silent], [], listen=f"127.0.0.1:{port}").file
        time_of_help()  # once, so that what it loads is in the page cache
        helped = median([time_of_help() for _ in range(given.runs)])
        time_of_run(file, port)
        ran = median([time_of_run(file, port) for _ in range(given.runs)])
    results.target("tamizdat --help", helped * 1_000, HELP_MS, "ms")
    results.target(f"tamizdat run with {given.articles} articles", ran, RUN_S, "s")
    return results.say(as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
