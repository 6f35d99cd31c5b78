"""A real browser: the Chromium of the machine, driven by Playwright, which brings none here."""

from __future__ import annotations

import shutil
from functools import cache

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")


def path() -> str | None:
    """Where it is."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@cache
def available() -> str | None:
    """None when there is one, else why not."""
    return None if path() else f"there is none of {', '.join(NAMES)}"
