"""A command that used OpenDAL says how it went, though OpenDAL may abort a process at its end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.room import Room


def test_a_short_command_never_reports_failure_for_how_the_process_ends(
    room: Room, tmp_path: Path
) -> None:
    config = room.folder / "config.toml"
    mirrors = "".join(
        f'\n[[mirror]]\nname = "cloud-{number}"\nurl = "https://cloud-{number}.example/"\n'
        f'push = "opendal+fs:?root={tmp_path}/{number}&atomic_write_dir={tmp_path}/writing"\n'
        for number in range(8)
    )
    config.write_text(config.read_text() + mirrors)

    for number in range(8):
        done = subprocess.run(
            [sys.executable, "-c", "from mirror.cli.main import main; main()", "mirrors", "push",
             f"cloud-{number}", "--config", str(config)],
            capture_output=True, text=True, check=False, env=os.environ, timeout=60,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        assert "current at" in done.stdout
        assert (tmp_path / str(number) / "log/checkpoint").is_file()


def test_a_command_that_fails_still_says_so(room: Room, tmp_path: Path) -> None:
    config = room.folder / "config.toml"
    (tmp_path / "file").touch()
    config.write_text(
        config.read_text()
        + '\n[[mirror]]\nname = "cloud"\nurl = "https://cloud.example/"\n'
        + f'push = "opendal+fs:?root={tmp_path}/file"\n'
    )

    done = subprocess.run(
        [sys.executable, "-c", "from mirror.cli.main import main; main()", "mirrors", "push",
         "cloud", "--config", str(config)],
        capture_output=True, text=True, check=False, env=os.environ, timeout=60,
    )  # fmt: skip

    assert done.returncode == 2 or (done.returncode == 1 and "mirror cloud" in done.stdout)


pytestmark = pytest.mark.real
