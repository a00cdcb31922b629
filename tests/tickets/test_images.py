import io
import struct
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import Image

from tickets import images
from tickets.images import BadImage, reencode


def drawn(kind="JPEG", size=(300, 200), mode="RGB", colour=(200, 30, 30), **options):
    content = io.BytesIO()
    Image.new(mode, size, colour).save(content, kind, **options)
    return content.getvalue()


def upload(content, name="foto.jpg"):
    return SimpleUploadedFile(name, content)


def seen(file):
    picture = Image.open(file)
    picture.load()
    return picture


def near(pixel, colour):
    return all(abs(a - b) <= 6 for a, b in zip(pixel, colour, strict=True))


def png_that_claims(width, height):
    """A few bytes that unpack to a picture of this size."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pictures_become_jpegs(kind):
    picture = seen(reencode(upload(drawn(kind), "foto.exe")))

    assert (picture.format, picture.size, picture.mode) == ("JPEG", (300, 200), "RGB")
    assert near(picture.getpixel((150, 100)), (200, 30, 30))


@pytest.mark.parametrize(("size", "smaller"), [((3000, 1500), (1200, 600)), ((900, 2400), (450, 1200))])
def test_large_pictures_shrink_and_keep_their_shape(size, smaller):
    assert seen(reencode(upload(drawn(size=size)))).size == smaller


@pytest.mark.parametrize(("mode", "colour"), [("L", 90), ("CMYK", (0, 0, 0, 165)), ("P", 0), ("1", 1), ("I;16", 23040)])
def test_unusual_colour_modes_are_taken(mode, colour):
    kind = "JPEG" if mode in {"L", "CMYK"} else "PNG"

    assert seen(reencode(upload(drawn(kind, mode=mode, colour=colour)))).mode == "RGB"


def test_what_is_transparent_becomes_white():
    picture = seen(reencode(upload(drawn("PNG", mode="RGBA", colour=(0, 0, 0, 0)))))

    assert near(picture.getpixel((10, 10)), (255, 255, 255))


def test_place_and_camera_are_removed_and_the_picture_stands_upright():
    exif = Image.Exif()
    exif[0x010F] = "Cámara secreta".encode().decode("latin-1")
    exif[0x0112] = 6  # lies on its side
    exif.get_ifd(0x8825)[1] = "N"

    file = reencode(upload(drawn(exif=exif, comment=b"a secret")))

    picture = seen(file)
    assert picture.size == (200, 300)
    assert dict(picture.getexif()) == {}
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    file.seek(0)
    assert b"secret" not in file.read()


def test_the_name_of_the_file_is_not_kept():
    assert reencode(upload(drawn(), "../mi dirección.jpg")).name == "picture.jpg"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html><script>alert(1)</script></html>",
        b"%PDF-1.7",
        drawn()[:400],
        drawn("PNG")[:60],
        drawn("GIF", mode="P", colour=1),
        drawn("BMP"),
        drawn("TIFF"),
    ],
)
def test_other_and_broken_files_are_refused(content):
    with pytest.raises(BadImage) as raised:
        reencode(upload(content))

    assert raised.value.code == "not_a_picture"


def test_a_small_file_that_unpacks_to_gigabytes_is_refused_unopened():
    with pytest.raises(BadImage) as raised:
        reencode(upload(png_that_claims(20_000, 4_000)))
    assert raised.value.code == "too_many_pixels"

    with pytest.raises(BadImage) as raised:
        reencode(upload(png_that_claims(60_000, 60_000)))
    assert raised.value.code == "not_a_picture"


def test_a_heavy_file_is_refused_unread(monkeypatch):
    monkeypatch.setattr(images, "MOST_BYTES", 1024**2)
    file = upload(b"x" * (1024**2 + 1))
    file.close()  # whoever reads it fails

    with pytest.raises(BadImage) as raised:
        reencode(file)

    assert raised.value.code == "too_heavy"
    with translation.override("en"):
        assert str(raised.value) == "This picture is too heavy. Choose one of at most 1 MB."


def test_exactly_the_limit_is_taken(monkeypatch):
    content = drawn()
    monkeypatch.setattr(images, "MOST_BYTES", len(content))

    assert seen(reencode(upload(content))).format == "JPEG"


def test_a_form_can_show_it_as_it_is():
    assert issubclass(BadImage, ValidationError)


def test_a_file_that_was_read_already_is_read_again():
    file = upload(drawn())
    file.read()

    assert seen(reencode(file)).format == "JPEG"
