"""[pages], [[support]] and [[newsletter]]: what readers see that the operator may choose."""

from typing import Annotated, Self

from pydantic import StringConstraints, model_validator

from feeds.appeal import MAX_APPEAL_CHARS
from feeds.design import OURS
from mirror.config import values
from mirror.config.section import Section
from mirror.config.templates import Templates

AppealText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_APPEAL_CHARS)
]


class PagesConfig(Section):
    """[pages]: how pages look."""

    templates: Templates = OURS


class AppealConfig(Section):
    """What [[support]] and [[newsletter]] have both."""

    text: AppealText
    language: values.MaybeLanguage = ""


class SupportConfig(AppealConfig):
    """[[support]]: an appeal to give, in the operator's words."""

    once: values.MaybeUrl = ""
    monthly: values.MaybeUrl = ""
    yearly: values.MaybeUrl = ""

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if not (self.once or self.monthly or self.yearly):
            raise ValueError("leads nowhere; add an address as once, monthly or yearly")
        return self


class NewsletterConfig(AppealConfig):
    """[[newsletter]]: a newsletter, and where readers subscribe to it."""

    url: values.UrlOrMail
