"""What the commands about one mirror share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument

if TYPE_CHECKING:
    from mirror.config import Config, MirrorConfig

Name = Annotated[str, Argument(metavar="NAME", help="The mirror's name in the configuration.")]


def having(name: str, config: Path) -> "Config":
    """The newsroom with a mirror of that name.

    Raises:
        ConfigError: There is none, or several have one.
    """
    from mirror.config import load
    from mirror.errors import ConfigError

    newsrooms = load(config)
    having = [one for one in newsrooms if name in {mirror.name for mirror in one.mirrors}]
    if len(having) == 1:
        return having[0]
    names = sorted({mirror.name for one in newsrooms for mirror in one.mirrors})
    if having:
        mistake = f"{len(having)} newsrooms have a mirror {name}; name one file with --config"
    else:
        mistake = f"no mirror is called {name}; there are: {', '.join(names) or 'none'}"
    raise ConfigError(str(config), (mistake,))


def mirror_of(newsroom: "Config", name: str) -> "MirrorConfig":
    """That mirror of ``newsroom``, which has it."""
    return next(one for one in newsroom.mirrors if one.name == name)
