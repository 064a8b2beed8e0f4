"""``Section``: what every table of the configuration is."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """What all sections have: they never change, and hold no key that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
