"""Putting fetched pictures into a body, and the body into its final HTML."""

from collections.abc import Mapping

from lxml import etree

from feeds.snapshot import Media, Picture
from mirror.extract.clean import clean
from mirror.extract.figures import FoundPicture
from mirror.extract.page import text_of


def finished(
    body: etree._Element, found: tuple[FoundPicture, ...], had: Mapping[str, Picture]
) -> tuple[str, tuple[Media, ...]]:
    """The body's clean HTML, and the files under ``m/`` that it names.

    ``had`` are the pictures that could be fetched, by address; of the others only caption and
    credit stay.
    """
    media: list[Media] = []
    for figure in list(body.iter("figure")):
        number = figure.attrib.pop("data-picture", "")
        picture = had.get(found[int(number)].url) if number else None
        if picture is not None:
            figure.insert(0, _shown(picture))
            media += [file for file in (picture.small, picture.large) if file is not None]
        elif not text_of(figure):
            parent = figure.getparent()
            if parent is not None:
                parent.remove(figure)
    return clean(etree.tostring(body, method="html", encoding="unicode", with_tail=False)), tuple(
        {file.path: file for file in media}.values()
    )


def _shown(picture: Picture) -> etree._Element:
    small = picture.small
    image = etree.Element(
        "img",
        {
            "src": f"../../{small.path}",
            "width": str(small.width),
            "height": str(small.height),
            "alt": picture.alt,
        },
    )
    if picture.large is None:
        return image
    link = etree.Element("a", {"href": f"../../{picture.large.path}"})
    link.append(image)
    return link
