"""What is read of a picture, of a broken one, and of one that is none."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.telegram.pictures import Header, read_header
from tests.bot.playground.conftest import picture, png

JPEG = picture("JPEG", 40, 30)


def test_both_kinds_are_read() -> None:
    assert read_header(png(40, 30)) == Header(40, 30, "image/png")
    assert read_header(JPEG) == Header(40, 30, "image/jpeg")


def test_the_header_is_enough() -> None:
    assert read_header(png(40, 30)[:-20]) == Header(40, 30, "image/png")


@pytest.mark.parametrize("data", [b"", b"not a picture", png()[:20], JPEG[:20], b"\xff\xd8\xff"])
def test_what_is_no_picture(data: bytes) -> None:
    assert read_header(data) is None


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "WEBP", "ICO"])
def test_other_kinds_are_none(kind: str) -> None:
    assert read_header(picture(kind, 16, 16)) is None


def test_a_picture_that_would_fill_the_memory() -> None:
    data = png()
    header = data[12:16] + struct.pack(">II", 50_000, 50_000) + data[24:29]
    bomb = data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]
    assert read_header(bomb) is None


@given(st.sampled_from([png(), JPEG]), st.integers(0, 200), st.binary(max_size=8), st.booleans())
def test_a_damaged_picture_never_raises(
    data: bytes, at: int, damage: bytes, truncated: bool
) -> None:
    read_header(data[:at] + damage + (b"" if truncated else data[at + len(damage) :]))
