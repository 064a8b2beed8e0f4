"""Names for files, made of names for people."""

import re
from hashlib import sha256
from typing import Final
from unicodedata import normalize

_CYRILLIC: Final = str.maketrans(  # as passports and addresses have it
    {
        **dict(zip("абвгдезийклмнопрстуфыэіґў", "abvgdeziyklmnoprstufyeigu", strict=True)),
        "ж": "zh",
        "х": "kh",  # noqa: RUF001  # Cyrillic on purpose
        "ц": "ts",
        "ч": "ch",
        "ш": "sh",
        "щ": "sch",
        "ъ": "",
        "ь": "",
        "ю": "yu",
        "я": "ya",
        "ё": "e",
        "ї": "yi",
        "є": "ye",
    }
)
_DEVICES: Final = frozenset(  # Windows opens no file of that name, whatever its ending
    ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)))
)


def section_slug(name: str) -> str:
    """A section's file name without ending: ``News`` is ``news``, for any script."""
    plain = normalize("NFKD", name.lower().translate(_CYRILLIC))
    slug = re.sub(r"[^a-z0-9]+", "-", re.sub(r"[^\x00-\x7f]", "", plain)).strip("-")[:40]
    letters = sum(char.isalnum() for char in plain)
    if 2 * len(slug) <= letters:
        return sha256(name.encode()).hexdigest()[:8]
    return f"{slug}-" if slug in _DEVICES else slug
