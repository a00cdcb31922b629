"""Pictures that staff upload: judged by what they contain, and drawn anew before anything keeps them."""

import io
import struct
import zlib

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 10 * 1024 * 1024
# A small file can unpack to gigabytes; no phone takes pictures beyond this.
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 1200
QUALITY = 85

# What Pillow raises for files that are cut, broken or forged, besides its own errors.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, Image.DecompressionBombError)


class BadImage(ValidationError):
    """The upload is no picture that can be sent; a form may let this through, or show `str()`, which is a sentence."""

    def __str__(self) -> str:
        return " ".join(self.messages)


def reencode(upload: "File[bytes]") -> "ContentFile[bytes]":
    """The same picture as a JPEG of moderate size, without place, camera or anything else that hid in the file."""
    if (upload.size or 0) > MOST_BYTES:
        raise BadImage(
            _("This picture is too heavy. Choose one of at most %(megabytes)d MB."),
            code="too_heavy",
            params={"megabytes": MOST_BYTES // 1024**2},
        )
    upload.seek(0)
    try:
        picture = _shrunk(_opened(upload))
    except _BROKEN as error:
        raise BadImage(
            _("This file is not a picture that can be sent. Choose a JPEG, PNG or WebP picture."), code="not_a_picture"
        ) from error
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return ContentFile(jpeg.getvalue(), name="picture.jpg")


def _opened(upload: "File[bytes]") -> Image.Image:
    """Only the header has been read when the size is judged."""
    picture = Image.open(upload, formats=FORMATS)
    if picture.width * picture.height > MOST_PIXELS:
        raise BadImage(
            _("This picture has too many pixels (%(width)d × %(height)d). Choose a smaller one."),
            code="too_many_pixels",
            params={"width": picture.width, "height": picture.height},
        )
    return picture


def _shrunk(picture: Image.Image) -> Image.Image:
    """Upright, small, on white where it was transparent; a new picture, which carries no metadata along."""
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    paper = Image.new("RGB", upright.size, "white")
    paper.paste(upright, mask=upright.getchannel("A"))
    return paper
