"""Pictures of pages, taken by Chromium without a window."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_TALLEST = 2_400
_COLOURS = 96
"""Enough for letters whose edges are smooth; the file stays small."""
_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-device-scale-factor=1.5",
)


def take(html: str, picture: Path, *, width: int) -> None:
    """Write a picture of a page, as high as what stands on it.

    Raises:
        FileNotFoundError: There is no Chromium.
    """
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        message = f"none of these is installed: {', '.join(_BROWSERS)}"
        raise FileNotFoundError(message)
    with tempfile.TemporaryDirectory() as folder:
        page, whole = Path(folder, "page.html"), Path(folder, "whole.png")
        page.write_text(html, encoding="utf-8")
        command = [
            browser,
            *_QUIET,
            f"--user-data-dir={folder}/profile",
            f"--window-size={width},{_TALLEST}",
            f"--screenshot={whole}",
            page.as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)  # noqa: S603
        _cut(whole, picture)


def _cut(whole: Path, picture: Path) -> None:
    with Image.open(whole) as opened:
        image = opened.convert("RGB")
    ground = Image.new("RGB", image.size, image.getpixel((0, 0)))
    found = ImageChops.difference(image, ground).getbbox()
    bottom = found[3] + 24 if found else image.height
    shown = image.crop((0, 0, image.width, min(bottom, image.height)))
    shown.quantize(_COLOURS).save(picture, optimize=True)
