"""Pictures made small: decoded within bounds, re-encoded as WebP, nothing else kept.

The only import of Pillow. What comes out holds pixels and no metadata: no EXIF, XMP, ICC
profile, comment or thumbnail. Calls take up to a second of one core; run them in a thread.
"""

import hashlib
import io
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from feeds.snapshot import Media

MAX_PIXELS: Final = 50_000_000  # a camera's; more is a bomb
MAX_SIDE: Final = 16_383  # WebP's own limit
LEAD_BYTES: Final = 3_000  # so that an article page and its picture fit 12,000 (format 1.6)
BODY_BYTES: Final = 6_000
LARGE_WIDTH: Final = 1_200
LARGE_QUALITY: Final = 75
MIN_SIDE: Final = 24  # smaller ones are trackers and rules

_FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF")
_TRIES: Final = (  # width and quality, until one fits
    (320, 60), (320, 45), (320, 30), (288, 25), (256, 25), (224, 20), (192, 20), (160, 15),
    (128, 10), (96, 5), (64, 0),
)  # fmt: skip


class PictureError(ValueError):
    """The bytes are no picture that can be shown; the text says why."""


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A picture in its two sizes; ``large`` is None where ``small`` shows as much."""

    small: Media
    large: Media | None
    files: dict[str, bytes]


def shrink(data: bytes, *, max_small_bytes: int = LEAD_BYTES) -> Shrunk:
    """The picture that ``data`` is, of an animation its first frame.

    Raises:
        PictureError: It is none, or too large in pixels, or too small to be one.
    """
    image = _decode(data)
    small, pixels = _small(image, max_small_bytes)
    files = {small.path: pixels}
    large: Media | None = None
    if image.width > small.width:
        encoded = _encode(_narrowed(image, LARGE_WIDTH), LARGE_QUALITY)
        large, files[_path(encoded)] = _media(encoded, _narrowed_size(image, LARGE_WIDTH)), encoded
    return Shrunk(small, large, files)


def _decode(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged metadata, which is thrown away
            with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
                _check_size(opened)
                opened.draft("RGB", (LARGE_WIDTH, LARGE_WIDTH))
                opened.load()
                return _plain(ImageOps.exif_transpose(opened))
    except PictureError:
        raise
    except UnidentifiedImageError as error:
        raise PictureError("is no picture of a kind that is shown") from error
    except Exception as error:  # Pillow's decoders raise whatever a damaged file leads them to
        raise PictureError(f"can't be decoded: {error}") from error


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise PictureError(f"is too large: {width} x {height} pixels")
    if min(width, height) < MIN_SIDE:
        raise PictureError(f"is too small to be one: {width} x {height} pixels")


def _plain(image: Image.Image) -> Image.Image:
    """Pixels only, in RGB, or RGBA where anything shows through."""
    has_alpha = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    converted = image.convert("RGBA" if has_alpha else "RGB")
    bare = Image.new(converted.mode, converted.size)
    bare.paste(converted)
    return bare


def _small(image: Image.Image, max_bytes: int) -> tuple[Media, bytes]:
    for width, quality in _TRIES:
        narrowed = _narrowed(image, width)
        encoded = _encode(narrowed, quality)
        if len(encoded) <= max_bytes:
            return _media(encoded, narrowed.size), encoded
    raise PictureError(f"can't be made smaller than {max_bytes} bytes")


def _narrowed(image: Image.Image, width: int) -> Image.Image:
    size = _narrowed_size(image, width)
    return (
        image
        if size == image.size
        else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
    )


def _narrowed_size(image: Image.Image, width: int) -> tuple[int, int]:
    """At most ``width`` wide, and at most twice that high."""
    scale = min(1.0, width / image.width, 2 * width / image.height)
    return max(1, round(image.width * scale)), max(1, round(image.height * scale))


def _encode(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=quality, method=4, exif=b"", xmp=b"", icc_profile=None)
    return out.getvalue()


def _path(data: bytes) -> str:
    digest = hashlib.sha256(data).hexdigest()
    return f"m/{digest[:2]}/{digest}.webp"


def _media(data: bytes, size: tuple[int, int]) -> Media:
    return Media(
        path=_path(data), media_type="image/webp", size=len(data), width=size[0], height=size[1]
    )
