"""The operator's own templates: a folder of files to a ``Design`` that pages can be made with."""

from pathlib import Path
from typing import Annotated, Final

from pydantic import BeforeValidator, ValidationInfo

from feeds.design import OURS, Design
from mirror.config.values import absolute

MAX_TEMPLATES: Final = 50
MAX_TEMPLATE_BYTES: Final = 100_000  # a page may have 12,000, compressed


def read_design(value: object, info: ValidationInfo) -> Design:
    """The templates of the folder ``value``, tried on sample articles; ours where it is empty.

    Files that begin with a dot count as none.

    Raises:
        ValueError: With every mistake in every file.
    """
    if isinstance(value, Design):
        return value
    if not isinstance(value, str):
        raise ValueError('must be a folder in quotes, like "templates"')  # noqa: TRY004  # pydantic
    if not value:
        return OURS
    folder = absolute(Path(value), info)
    design = Design(_texts(folder), str(folder))
    if not design.own:
        raise ValueError('holds no file; put a template there, or write ""')
    from feeds.pages.rehearsal import problems

    if found := problems(design):
        raise ValueError("can't be used:\n    " + "\n    ".join(found))
    return design


def _texts(folder: Path) -> tuple[tuple[str, str], ...]:
    try:
        files = sorted(file for file in folder.iterdir() if not file.name.startswith("."))
    except OSError as error:
        raise ValueError(
            f'can\'t be read: {error.strerror}; make the folder, or write ""'
        ) from None
    if len(files) > MAX_TEMPLATES:
        raise ValueError(f"holds over {MAX_TEMPLATES} files; is it the right folder?")
    return tuple((file.name, _text(file)) for file in files)


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_TEMPLATE_BYTES + 1)
        text = raw.decode("utf-8")
    except OSError as error:
        raise ValueError(f"can't be used: {file.name} can't be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ValueError(
            f"can't be used: {file.name} is no UTF-8 text (byte {error.start})"
        ) from None
    if len(raw) > MAX_TEMPLATE_BYTES:
        raise ValueError(f"can't be used: {file.name} is larger than {MAX_TEMPLATE_BYTES:,} bytes")
    return text


Templates = Annotated[Design, BeforeValidator(read_design)]
