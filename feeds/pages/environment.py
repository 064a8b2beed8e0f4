"""Templates, styles and scripts, ours or the operator's, read and compiled once."""

import base64
import json
import re
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from jinja2 import (
    ChoiceLoader,
    Environment,
    FunctionLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from feeds.design import EXTRA, OURS, Design
from feeds.ids import MAX_ADDRESS_CHARS, TRACKING_PARAMETERS, TRACKING_PREFIXES
from feeds.pages.body import REL

_PACKAGE: Final = PackageLoader("feeds")
_FIXED: Final = frozenset({"alias.html", "feed.css"})  # the format has them, or no page does
_LOADING: Final[dict[str, Any]] = {
    "autoescape": True,
    "undefined": StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
    "auto_reload": False,
}


def replaceable() -> frozenset[str]:
    """The names of the templates and styles that a ``Design`` may have in place of ours."""
    names = {file.name for file in files("feeds").joinpath("templates").iterdir()}
    return frozenset(name for name in names if name.endswith((".html", ".css"))) - _FIXED | {EXTRA}


@cache
def environment(design: Design) -> Environment:
    """Where the templates of ``design`` are found; ours also as ``ours/<name>``.

    What the operator wrote gets at nothing but what a page is made of: the process that reads
    it holds keys.
    """
    if design == OURS:
        made = Environment(loader=_PACKAGE, **_LOADING)  # noqa: S701  # autoescape is in _LOADING
    else:
        loaders = (FunctionLoader(_own(design)), _PACKAGE, PrefixLoader({"ours": _PACKAGE}))
        made = ImmutableSandboxedEnvironment(loader=ChoiceLoader(loaders), **_LOADING)
    made.globals["REL"] = REL
    return made


@cache
def template(
    name: str, *styles: str, scripts: tuple[str, ...] = (), design: Design = OURS
) -> Template:
    """The template ``name``, with ``styles`` and ``scripts`` inline and a policy for only them.

    A page may ask its own mirror, and nobody else: for its pictures, for the script of
    ``feeds.pages.reading``, and for what scripts ask for.

    Raises:
        jinja2.TemplateError: The template is missing, or no template.
    """
    css = "".join(stylesheet(style, design) for style in styles)
    css += _small(design.text(EXTRA) or "")
    code = "".join(script(part) for part in scripts)
    policy = (
        f"default-src 'none'; img-src 'self' data:; style-src {_digest(css)}; "
        f"script-src 'self'{code and ' ' + _digest(code)}; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'"
    )
    made = {
        key: Markup(text)  # noqa: S704  # ours; no quotes in a policy, no end tags in the others
        for key, text in (("css", css), ("script", code), ("policy", policy))
    }
    return _compiled(f"{name}.html", design, made)


def _compiled(name: str, design: Design, values: dict[str, Any]) -> Template:
    """The template ``name`` with ``values`` of its own: the one in Jinja2's cache is shared."""
    within = environment(design)
    source, file = _source(name, design)
    code = within.compile(source, name, file)
    return within.template_class.from_code(within, code, within.make_globals(values))


@cache
def stylesheet(name: str, design: Design = OURS) -> str:
    """The style sheet ``name`` as pages carry it, without what only people need."""
    return _small(_source(f"{name}.css", design)[0])


@cache
def script(name: str, **more: str) -> str:
    """The script ``name`` as pages carry it: filled in, without comments and indents.

    ``more`` are values to fill in beside those that every script may use.
    """
    tracking = {"names": sorted(TRACKING_PARAMETERS), "prefixes": TRACKING_PREFIXES}
    values = {
        **more,
        "tracking": json.dumps(tracking, separators=(",", ":")),
        "max_chars": str(MAX_ADDRESS_CHARS),
    }
    code = re.sub(r"\{\{ (\w+) \}\}", lambda match: values[match[1]], _source(f"{name}.js")[0])
    return re.sub(r"^(?:\s*//.*|\s*)\n|^[ ]+", "", code, flags=re.MULTILINE)


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def _source(name: str, design: Design = OURS) -> tuple[str, str | None]:
    """The text of the file ``name``, and the name under which a mistake in it is told."""
    within = environment(design)
    assert within.loader is not None  # noqa: S101  # set above
    source, file, _ = within.loader.get_source(within, name)
    return source, file


def _own(design: Design) -> Callable[[str], tuple[str, str, Callable[[], bool]] | None]:
    """Finds the operator's files, each with the name under which a mistake in it is told."""

    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        text = design.text(name)
        return None if text is None else (text, f"{design.place}/{name}", lambda: True)

    return load


def _small(css: str) -> str:
    """``css`` without comments and without the spaces that only people need."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r"\s*([{};,>])\s*", r"\1", css).replace(": ", ":").replace(";}", "}").strip()
