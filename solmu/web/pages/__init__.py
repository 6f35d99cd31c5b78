"""The pages, one module each. A module here with a ``PAGE`` is served and stands in the menu; nothing else is to do."""

from __future__ import annotations

import importlib
import pkgutil

from solmu.web.page import Page


def all_pages() -> list[Page]:
    """Those that there are, as the menu has them."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    pages = [module.PAGE for module in modules if hasattr(module, "PAGE")]
    return sorted(pages, key=lambda page: (page.order is None, page.order or 0, page.name))
