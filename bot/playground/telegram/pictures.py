"""What a picture's header says; no pixel is decoded."""

import io
from dataclasses import dataclass
from typing import Literal

from PIL import Image

MediaType = Literal["image/png", "image/jpeg"]


@dataclass(frozen=True)
class Header:
    """Width and height in pixels, and the media type."""

    width: int
    height: int
    media_type: MediaType


def read_header(data: bytes) -> Header | None:
    """Return the header of a PNG or JPEG; None for anything else, or for gigapixels."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
            return Header(*image.size, "image/png" if image.format == "PNG" else "image/jpeg")
    except Exception:  # whatever Pillow raises at bytes that somebody made up
        return None
