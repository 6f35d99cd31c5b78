"""The recipe: a hash of everything that a claim depends on beside the record itself."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_LIBRARIES = (
    "anyascii",
    "babel",
    "dateparser",
    "email-validator",
    "jmespath",
    "nameparser",
    "phonenumbers",
    "pycountry",
    "python-stdnum",
    "rigour",
    "tldextract",
)
_MODULES = ("cells", "columns", "derived", "entities", "fields", "notes", "row", "source", "specs", "transforms")


def recipe_detail(mapping: Any, fields: Any) -> dict[str, Any]:
    """What is hashed: the mapping as it was read (not its comments), the hub's own fields, and what maps."""
    return {"mapping": mapping, "fields": fields, "code": code_hash(), "libraries": library_versions()}


def recipe_hash(detail: dict[str, Any]) -> str:
    """A short hash; equal for equal details on every machine."""
    text = json.dumps(detail, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


@cache
def library_versions() -> dict[str, str]:
    """The versions of the libraries that normalise: a new list of countries is a new recipe."""
    versions: dict[str, str] = {}
    for name in _LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "absent"
    return versions


@cache
def code_hash() -> str:
    """A hash of the modules that make values, so that no change to them passes as the same recipe."""
    here = Path(__file__).parent
    files = [here / f"{name}.py" for name in _MODULES] + sorted((here.parent / "normalise").glob("*.py"))
    digest = hashlib.blake2b(digest_size=12)
    for file in files:
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
