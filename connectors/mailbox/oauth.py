"""Access tokens for mailboxes that take no password (RFC 6749 client credentials, RFC 8628 device code).

Microsoft 365 and Gmail take a token as XOAUTH2. An app with rights of its own gets one by its secret; for a device code
somebody logs in once, in a browser, and the refresh token that this gives is kept in a file that only its owner may
read. Each use may give a new refresh token, which takes the place of the old one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from connectors.mailbox.settings import OAuthSettings
from solmu.errors import Fatal, Retriable

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def access_token(oauth: OAuthSettings, folder: Path, timeout: float) -> str:
    """A fresh access token. Raises Fatal where the provider refuses the app or the login, Retriable if it is away."""
    if oauth.grant == "client_credentials":
        return str(_token(oauth, {"grant_type": "client_credentials"}, timeout)["access_token"])
    file = _token_file(oauth, folder)
    try:
        refresh = file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise Fatal(
            "nobody has logged in for this mailbox yet",
            code="no-login",
            field="oauth.token_file",
            value=str(file),
            expected="`solmu connection login CONNECTION`, once",
        ) from None
    answer = _token(oauth, {"grant_type": "refresh_token", "refresh_token": refresh}, timeout)
    _keep(file, answer, refresh)
    return str(answer["access_token"])


def log_in(oauth: OAuthSettings, folder: Path, timeout: float, tell: Callable[[str], object]) -> None:
    """Have somebody log in for this mailbox, and keep the refresh token. ``tell`` shows them where and with which code.

    Raises Fatal where they decline, or the code has run out.
    """
    device = _post(str(oauth.device_url), _identity(oauth), timeout)
    if "device_code" not in device:
        raise _refused(device, "oauth.device_url")
    where = device.get("verification_uri") or device.get("verification_url")
    tell(f"Open {where} and enter the code {device.get('user_code')}.")
    pause = float(device.get("interval", 5))
    ends = time.monotonic() + float(device.get("expires_in", 900))
    while time.monotonic() < ends:
        time.sleep(pause)
        request = {"grant_type": _DEVICE_GRANT, "device_code": device["device_code"]}
        answer = _post(oauth.token_url, _identity(oauth) | request, timeout)
        if "access_token" in answer:
            _keep(_token_file(oauth, folder), answer, None)
            return
        if answer.get("error") == "slow_down":
            pause += 5
        elif answer.get("error") != "authorization_pending":
            raise _refused(answer, "oauth")
    raise Fatal("the code has run out", code="login-late", field="oauth", expected="a login within the time shown")


def _token(oauth: OAuthSettings, request: dict[str, str], timeout: float) -> dict[str, Any]:
    answer = _post(oauth.token_url, _identity(oauth) | request, timeout)
    if not isinstance(answer.get("access_token"), str):
        raise _refused(answer, "oauth.token_file" if "refresh_token" in request else "oauth")
    return answer


def _identity(oauth: OAuthSettings) -> dict[str, str]:
    secret = oauth.client_secret.get_secret_value() if oauth.client_secret else None
    said = {"client_id": oauth.client_id, "client_secret": secret, "scope": oauth.scope}
    return {name: value for name, value in said.items() if value}


def _post(url: str, form: dict[str, str], timeout: float) -> dict[str, Any]:
    try:
        response = httpx.post(url, data=form, timeout=timeout, headers={"Accept": "application/json"})
    except httpx.HTTPError as error:
        raise Retriable(f"the token endpoint did not answer: {type(error).__name__}", code="login-away") from error
    if response.status_code == 429 or response.status_code >= 500:
        after = response.headers.get("Retry-After", "")
        raise Retriable(
            f"the token endpoint answered {response.status_code}",
            code="login-away",
            retry_after=float(after) if after.isdecimal() else None,
        )
    with suppress(ValueError):
        answer = response.json()
        if isinstance(answer, dict):
            return answer
    return {"error": f"status {response.status_code}, and no JSON"}


def _refused(answer: dict[str, Any], field: str) -> Fatal:
    # The provider's word for it; its description may repeat what was sent, so that stays out.
    return Fatal(
        f"no token for the mailbox: {answer.get('error', 'an answer without a token')}",
        code="login",
        field=field,
        expected="an app that may read this mailbox, its id and secret, or a new login",
    )


def _token_file(oauth: OAuthSettings, folder: Path) -> Path:
    assert oauth.token_file is not None
    return folder / oauth.token_file.expanduser()


def _keep(file: Path, answer: dict[str, Any], before: str | None) -> None:
    refresh = answer.get("refresh_token", before)
    if not isinstance(refresh, str):
        raise Fatal(
            "the login gives no refresh token",
            code="login",
            field="oauth.scope",
            expected="a scope with offline access, such as offline_access",
        )
    if refresh == before:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.{os.getpid()}")
    # Made anew: what stands there may be a link, or a file that others can read.
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(refresh)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(file)
