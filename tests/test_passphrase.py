"""``Passphrase``: where it is read from, and who else may not be able to read it."""

import os
import re
from pathlib import Path

import pytest

from mirror.config import Passphrase, load
from mirror.errors import ConfigError
from mirror.witness.config import load as load_witness
from tests.keys.rings import LOG
from tests.passphrases import write_passphrase


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_passphrase(tmp_path / "words", "correct horse\n")


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_of_the_operator_alone_is_read(file: Path, mode: int) -> None:
    file.chmod(mode)

    assert Passphrase(file=file).read() == "correct horse"


@pytest.mark.parametrize("mode", [0o640, 0o440, 0o604, 0o620, 0o666, 0o644])
def test_one_that_others_can_read_is_refused_with_its_mode_and_the_remedy(
    file: Path, mode: int
) -> None:
    file.chmod(mode)

    with pytest.raises(ConfigError) as caught:
        Passphrase(file=file).read()

    (mistake,) = caught.value.mistakes
    assert f"others can read {file} (mode {mode:04o})" in mistake
    assert f"chmod 600 {file}" in mistake
    assert "correct horse" not in str(caught.value)


def test_the_remedy_can_be_copied_where_the_name_has_a_space(tmp_path: Path) -> None:
    file = write_passphrase(tmp_path / "my words", "correct horse\n")
    file.chmod(0o644)

    with pytest.raises(ConfigError, match=re.escape(f"chmod 600 '{file}'")):
        Passphrase(file=file).read()


def test_a_link_is_judged_by_what_it_leads_to(file: Path) -> None:
    link = file.with_name("link")
    link.symlink_to(file)
    assert Passphrase(file=link).read() == "correct horse"

    file.chmod(0o644)

    with pytest.raises(ConfigError, match="others can read"):
        Passphrase(file=link).read()


@pytest.mark.parametrize("mode", [0o400, 0o440])
def test_systemd_guards_its_credentials_by_their_folder(
    file: Path, mode: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ``User=`` they are of root, mode 0440: that user reads them by an access list."""
    file.chmod(mode)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(file.parent))

    assert Passphrase(credential="words").read() == "correct horse"
    assert Passphrase(file=file).read() == "correct horse"


def test_a_credentials_folder_excuses_no_file_elsewhere(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.chmod(0o440)
    (tmp_path / "credentials").mkdir()
    for folder in (str(tmp_path / "credentials"), ""):
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", folder)
        with pytest.raises(ConfigError, match="others can read"):
            Passphrase(file=file).read()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    with pytest.raises(ConfigError, match="others can read"):
        Passphrase(file=tmp_path / "credentials/../words").read()


def test_a_pipe_is_nobody_s_file() -> None:
    """As in ``--passphrase-file <(pass show news)``; a terminal is writable by its group."""
    out, into = os.pipe()
    os.write(into, b"correct horse\n")
    os.close(into)
    os.fchmod(out, 0o644)
    try:
        assert Passphrase(file=Path(f"/dev/fd/{out}")).read() == "correct horse"
    finally:
        os.close(out)


def test_the_environment_is_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAMIZDAT_TEST_WORDS", "correct horse")

    assert Passphrase(env="TAMIZDAT_TEST_WORDS").read() == "correct horse"


def test_the_passphrase_of_the_configuration_is_one(small_config: Path, file: Path) -> None:
    text = small_config.read_text(encoding="utf-8")
    small_config.write_text(f'{text}passphrase = {{ file = "words" }}\n', encoding="utf-8")
    file.chmod(0o644)
    (config,) = load(small_config)

    with pytest.raises(ConfigError, match="others can read"):
        config.trust.passphrase.read()


def test_the_passphrase_of_a_witness_is_one(file: Path) -> None:
    settings = file.with_name("witness.toml")
    lines = ('passphrase = { file = "words" }', "[[log]]", f'keys = ["{LOG.verifier}"]', "")
    settings.write_text("\n".join(lines), encoding="utf-8")
    file.chmod(0o640)

    with pytest.raises(ConfigError, match="others can read"):
        load_witness(settings).passphrase.read()
