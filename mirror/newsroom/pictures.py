"""Pictures of the harbour, drawn by number: JPEG with the EXIF that cameras leave in it.

The EXIF names a camera, a person and a place, as real ones do: a mirror must take it out.
"""

import io
import random
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

SIZE: Final = (1_200, 800)

_SKIES: Final = (
    ((38, 70, 110), (242, 201, 160)),
    ((92, 140, 178), (225, 236, 240)),
    ((60, 66, 84), (150, 158, 170)),
    ((28, 32, 60), (200, 110, 90)),
)
_HOUSES: Final = ((164, 74, 63), (214, 178, 112), (110, 126, 120), (226, 220, 205), (78, 96, 124))
_SEA: Final = (40, 72, 88)


@lru_cache(maxsize=64)
def picture(name: str) -> bytes:
    """The JPEG for ``name``; the same name gives the same picture."""
    chance = random.Random(name)  # noqa: S311 - a drawing
    image = _sky(chance)
    draw = ImageDraw.Draw(image)
    _sea(draw, chance)
    _houses(draw, chance)
    _boats(draw, chance)
    noise = Image.effect_noise(SIZE, 18).convert("RGB")  # grain, so that it weighs what photos do
    image = Image.blend(image.filter(ImageFilter.GaussianBlur(1)), noise, 0.06)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82, exif=_exif(name))
    return out.getvalue()


def _exif(name: str) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "Lanterna"  # make
    exif[0x0110] = "Lanterna Mk II"  # model
    exif[0x013B] = "Lena Marsh"  # artist
    exif[0x010E] = f"Port Selwyn {name}"  # description
    exif[0x0132] = "2026:05:04 06:12:33"
    gps = exif.get_ifd(0x8825)
    gps.update({1: "N", 2: (54.0, 21.0, 36.0), 3: "W", 4: (3.0, 12.0, 9.0)})
    return exif


def _sky(chance: random.Random) -> Image.Image:
    top, bottom = chance.choice(_SKIES)
    column = Image.new("RGB", (1, SIZE[1]))
    for y in range(SIZE[1]):
        share = min(1.0, y / (SIZE[1] * 0.62))
        red, green, blue = (round(a + (b - a) * share) for a, b in zip(top, bottom, strict=True))
        column.putpixel((0, y), (red, green, blue))
    return column.resize(SIZE)


def _sea(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    draw.rectangle((0, 500, *SIZE), fill=_SEA)
    for _ in range(160):
        x, y = chance.randint(-100, SIZE[0]), chance.randint(505, SIZE[1])
        shade = chance.randint(0, 40)
        colour = (_SEA[0] + shade, _SEA[1] + shade, _SEA[2] + shade)
        draw.line((x, y, x + chance.randint(40, 220), y), fill=colour, width=2)


def _houses(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    x = -20
    while x < SIZE[0]:
        width, height = chance.randint(60, 130), chance.randint(90, 230)
        top = 500 - height
        draw.rectangle((x, top, x + width, 505), fill=chance.choice(_HOUSES))
        draw.polygon(((x, top), (x + width / 2, top - 45), (x + width, top)), fill=(84, 52, 46))
        for row in range(top + 20, 470, 44):
            for column in range(x + 14, x + width - 20, 32):
                lit = (244, 216, 140) if chance.random() < 0.3 else (52, 60, 70)  # noqa: PLR2004
                draw.rectangle((column, row, column + 14, row + 22), fill=lit)
        x += width + chance.choice((0, 0, 6, 40))


def _boats(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 4)):
        x, y, size = chance.randint(60, 1_000), chance.randint(560, 720), chance.randint(60, 130)
        hull = (
            (x, y),
            (x + size, y),
            (x + size * 0.8, y + size * 0.3),
            (x + size * 0.2, y + size * 0.3),
        )
        draw.polygon(hull, fill=chance.choice(_HOUSES))
        mast = x + size / 2
        draw.line((mast, y, mast, y - size * 1.4), fill=(60, 44, 36), width=4)
        sail = ((mast + 5, y - size * 1.3), (mast + 5, y - 10), (mast + size * 0.6, y - 10))
        draw.polygon(sail, fill=(238, 232, 220))
