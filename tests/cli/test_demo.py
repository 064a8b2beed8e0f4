"""``tamizdat demo``: where it can't even begin."""

from pathlib import Path

import pytest

from mirror.cli.main import run


def test_a_folder_that_can_t_be_made_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    assert run(["demo", "--folder", str(tmp_path / "file" / "demo"), "--for", "0"]) == 2

    said = capsys.readouterr().err
    assert f"{tmp_path}/file/demo: Not a directory; choose another with --folder" in said
