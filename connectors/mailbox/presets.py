"""Mailboxes that many have, and defaults that follow from what somebody has answered already.

Sources: Microsoft, "Authenticate an IMAP, POP or SMTP connection using OAuth" and "Microsoft identity platform and the
OAuth 2.0 device authorization grant flow"; Google, "Read Gmail messages on other email clients" and "Sign in with app
passwords".
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from connectors.base import Preset
from solmu.normalise.domain import is_free_domain

_LOGIN = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
_TENANT = {"tenant": "the directory (tenant) id of your Microsoft 365, from the app's page in Entra"}

PRESETS = (
    Preset(
        "Microsoft 365: somebody logs in once, in a browser",
        {
            "host": "outlook.office365.com",
            "oauth": {
                "grant": "device_code",
                "token_url": f"{_LOGIN}/token",
                "device_url": f"{_LOGIN}/devicecode",
                "scope": "https://outlook.office365.com/IMAP.AccessAsUser.All offline_access",
            },
        },
        _TENANT,
    ),
    Preset(
        "Microsoft 365: an app with rights of its own (IMAP.AccessAsApp)",
        {
            "host": "outlook.office365.com",
            "oauth": {
                "grant": "client_credentials",
                "token_url": f"{_LOGIN}/token",
                "scope": "https://outlook.office365.com/.default",
            },
        },
        _TENANT,
    ),
    Preset("Gmail, by an app password", {"host": "imap.gmail.com"}),
)


def suggested_settings(name: str, answers: Mapping[str, Any]) -> Mapping[str, Any]:
    """Defaults: our own domain is that of the mailbox; the refresh token is kept among the hub's secrets."""
    suggested: dict[str, Any] = {"oauth.token_file": str(PurePath("secrets", f"{name}.token"))}
    domain = str(answers.get("username") or "").rpartition("@")[2].lower()
    if domain and "." in domain and not is_free_domain(domain):
        suggested["own"] = [domain]
    return suggested
