import hashlib
import io
import random
import zlib
from collections.abc import Iterable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from mirror.extract.media import BODY_BYTES, LEAD_BYTES, MAX_PIXELS, PictureError, shrink


def photo(width: int = 1600, height: int = 1067, mode: str = "RGB") -> Image.Image:
    """Something like a photograph: shades and many edges."""
    image = Image.new("RGB", (width, height), (90, 120, 150))
    draw, chance = ImageDraw.Draw(image), random.Random(7)  # noqa: S311 - a picture
    for _ in range(300):
        at = (chance.randrange(width), chance.randrange(height))
        size = chance.randrange(4, 90)
        colour = tuple(chance.randrange(256) for _ in range(3))
        draw.ellipse((*at, at[0] + size, at[1] + size), fill=colour)
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_photograph_becomes_a_small_and_a_larger_webp() -> None:
    shrunk = shrink(saved(photo(), "JPEG", quality=90))

    assert shrunk.large is not None
    small, large = (opened(shrunk.files[one.path]) for one in (shrunk.small, shrunk.large))
    assert (small.format, large.format) == ("WEBP", "WEBP")
    assert shrunk.small.size <= LEAD_BYTES
    assert large.size == (1200, 800) == (shrunk.large.width, shrunk.large.height)
    assert small.size == (shrunk.small.width, shrunk.small.height)
    for path, data in shrunk.files.items():
        digest = hashlib.sha256(data).hexdigest()
        assert path == f"m/{digest[:2]}/{digest}.webp"


def test_a_body_picture_may_be_a_little_larger() -> None:
    data = saved(photo(), "JPEG")

    assert shrink(data, max_small_bytes=BODY_BYTES).small.width >= shrink(data).small.width


def test_no_metadata_are_left() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "Spy Camera 3000", {1: "N", 2: (59.0, 1.0, 2.0)}
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>where she lives</x:xmpmeta>"
    icc = b"\0" * 128 + b"profile of one device"
    data = saved(photo(), "JPEG", exif=exif, xmp=xmp, comment=b"a note", icc_profile=icc)
    assert opened(data).getexif()

    for file in shrink(data).files.values():
        image = opened(file)
        assert not image.getexif()
        assert set(image.info) <= {"loop", "background", "timestamp", "duration"}
        for secret in (b"Spy", b"where she", b"a note", b"one device", b"EXIF", b"XMP ", b"ICCP"):
            assert secret not in file


def test_a_turned_photograph_is_put_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    shrunk = shrink(saved(photo(400, 300), "JPEG", exif=exif))

    assert shrunk.small.height > shrunk.small.width


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "L"), ("PNG", "1"), ("PNG", "I;16"), ("JPEG", "CMYK"),
     ("GIF", "P"), ("WEBP", "RGBA"), ("BMP", "RGB"), ("TIFF", "RGB"), ("AVIF", "RGB")],
)  # fmt: skip
def test_every_common_kind_is_read(kind: str, mode: str) -> None:
    image = (
        photo(300, 200).convert("L").convert("I").convert("I;16")
        if mode == "I;16"
        else photo(300, 200, mode)
    )

    shrunk = shrink(saved(image, kind))

    assert shrunk.large is None or shrunk.large.width == 300
    assert shrunk.small.size <= LEAD_BYTES


def test_an_animation_becomes_its_first_frame() -> None:
    frames: Iterable[Image.Image] = [Image.new("P", (100, 100), colour) for colour in (1, 2, 3)]
    first, *others = frames

    shrunk = shrink(saved(first, "GIF", save_all=True, append_images=others, duration=50))

    assert getattr(opened(shrunk.files[shrunk.small.path]), "n_frames", 1) == 1


def test_noise_still_becomes_small_enough() -> None:
    noise = Image.effect_noise((1200, 1200), 120)

    assert shrink(saved(noise, "PNG")).small.size <= LEAD_BYTES


def huge_png(width: int, height: int) -> bytes:
    """A small file that claims to be a very large picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data).to_bytes(4)
        return len(data).to_bytes(4) + kind + data + crc

    header = width.to_bytes(4) + height.to_bytes(4) + b"\x08\x02\0\0\0"
    pixels = chunk(b"IDAT", zlib.compress(bytes(1_000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (huge_png(60_000, 60_000), "too large|bomb"),
        (huge_png(MAX_PIXELS // 5_000 + 1, 5_000), "too large"),
        (huge_png(20_000, 100), "too large"),
        (huge_png(1, 1), "too small"),
        (huge_png(1_000, 1_000), "can't be decoded"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "no picture"),
        (b"<html>not found</html>", "no picture"),
        (b"", "no picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n", "no picture"),
    ],
)
def test_what_must_not_be_decoded_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(PictureError, match=words):
        shrink(data)


PICTURE = saved(photo(200, 150), "JPEG")


@given(st.integers(0, len(PICTURE) - 1), st.binary(min_size=1, max_size=40))
def test_a_damaged_picture_is_shown_or_refused(at: int, damage: bytes) -> None:
    with suppress(PictureError):
        shrink(PICTURE[:at] + damage + PICTURE[at + len(damage) :])
