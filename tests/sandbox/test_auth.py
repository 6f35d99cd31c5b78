import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from sandbox.start import Running, start
from tests.sandbox.client import Api, error

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
KNOWN = {
    "client_id": "app", "client_secret": "app secret", "username": "robot@sandbox.invalid", "password": "word",
    "security_token": "token",
}  # fmt: skip


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def closed(key: RSAPrivateKey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox whose secrets are given, public key included."""
    folder = tmp_path_factory.mktemp("auth")
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (folder / "key.pem").write_bytes(pem)
    (folder / "secrets.json").write_text(json.dumps({**KNOWN, "public_key_file": "key.pem"}))
    with start("salesforce", folder / "sf.db", secrets=folder / "secrets.json") as running:
        yield running


def token(running: Running, **form: str) -> httpx.Response:
    return httpx.post(f"{running.url}/services/oauth2/token", data=form)


def works(running: Running, session: str) -> bool:
    headers = {"Authorization": f"Bearer {session}"}
    return httpx.get(f"{running.url}/services/data/v59.0/limits", headers=headers).status_code == 200


def assertion(running: Running, key: RSAPrivateKey, **changed: object) -> str:
    claims = {"iss": "app", "sub": KNOWN["username"], "aud": "https://login.salesforce.com", "exp": time.time() + 180}
    return jwt.encode({**claims, **changed}, key, algorithm="RS256")


def test_client_credentials_in_the_form_or_as_basic_authentication_open_a_session(closed: Running) -> None:
    granted = token(closed, grant_type="client_credentials", client_id="app", client_secret="app secret").json()
    assert granted["instance_url"] == closed.url
    assert granted["token_type"] == "Bearer"
    assert works(closed, granted["access_token"])
    basic = httpx.post(
        f"{closed.url}/services/oauth2/token", data={"grant_type": "client_credentials"}, auth=("app", "app secret")
    )
    assert works(closed, basic.json()["access_token"])


def test_the_identity_url_of_a_token_says_who_the_user_is(closed: Running) -> None:
    granted = token(closed, grant_type="client_credentials", client_id="app", client_secret="app secret").json()
    headers = {"Authorization": f"Bearer {granted['access_token']}"}
    identity = httpx.get(granted["id"], headers=headers).json()
    userinfo = httpx.get(f"{closed.url}/services/oauth2/userinfo", headers=headers).json()
    assert identity["username"] == KNOWN["username"]
    assert identity["user_id"] == userinfo["user_id"]
    assert granted["id"].endswith(identity["user_id"])


def test_the_password_grant_wants_the_security_token_behind_the_password(closed: Running) -> None:
    form = {"grant_type": "password", "client_id": "app", "client_secret": "app secret", "username": KNOWN["username"]}
    assert works(closed, token(closed, **form, password="wordtoken").json()["access_token"])
    refused = token(closed, **form, password="word")
    assert refused.status_code == 400
    assert refused.json() == {"error": "invalid_grant", "error_description": "authentication failure"}


def test_a_signed_assertion_opens_a_session(closed: Running, key: RSAPrivateKey) -> None:
    granted = token(closed, grant_type=JWT_BEARER, assertion=assertion(closed, key)).json()
    assert works(closed, granted["access_token"])
    own = token(closed, grant_type=JWT_BEARER, assertion=assertion(closed, key, aud=closed.url))
    assert own.status_code == 200


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"iss": "another app"}, ("invalid_client_id", "client identifier invalid")),
        ({"aud": "https://elsewhere.invalid"}, ("invalid_grant", "audience is invalid")),
        ({"sub": "stranger@sandbox.invalid"}, ("invalid_grant", "user hasn't approved this consumer")),
        ({"exp": 1_000_000_000}, ("invalid_grant", "assertion is expired")),
        ({"exp": None}, ("invalid_grant", "invalid assertion")),
    ],
)
def test_an_assertion_with_a_wrong_claim_is_refused(
    closed: Running, key: RSAPrivateKey, changed: dict[str, object], expected: tuple[str, str]
) -> None:
    refused = token(closed, grant_type=JWT_BEARER, assertion=assertion(closed, key, **changed))
    assert refused.status_code == 400
    assert (refused.json()["error"], refused.json()["error_description"]) == expected


def test_an_assertion_signed_by_somebody_else_or_not_at_all_is_refused(closed: Running) -> None:
    stranger = generate_private_key(public_exponent=65537, key_size=2048)
    unsigned = jwt.encode({"iss": "app"}, "", algorithm="none")
    for forged in (assertion(closed, stranger), unsigned, "no.token.at-all", ""):
        refused = token(closed, grant_type=JWT_BEARER, assertion=forged)
        assert refused.json() == {"error": "invalid_grant", "error_description": "invalid assertion"}


def test_wrong_clients_and_grants_are_refused(closed: Running) -> None:
    form = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "app secret"}
    assert token(closed, **{**form, "client_id": "x"}).json()["error"] == "invalid_client_id"
    assert token(closed, **{**form, "client_secret": "x"}).json()["error"] == "invalid_client"
    assert token(closed, **{**form, "grant_type": "magic"}).json()["error"] == "unsupported_grant_type"


def test_without_a_session_or_after_it_ended_nothing_is_to_be_had(api: Api) -> None:
    expected = (401, "INVALID_SESSION_ID", "Session expired or invalid")
    assert error(httpx.get(f"{api.running.url}/services/data/v59.0/limits")) == expected
    assert error(api.call("GET", "limits", headers={"Authorization": "Bearer made up"})) == expected
    session = api.http.headers["Authorization"].removeprefix("Bearer ")
    api.call("POST", "/services/oauth2/revoke", data={"token": session})
    assert error(api.call("GET", "limits")) == expected
    api.log_in()
    assert api.call("GET", "limits").status_code == 200


def test_secrets_made_at_random_are_readable_by_their_owner_only(api: Api) -> None:
    assert api.running.secrets_file.stat().st_mode & 0o777 == 0o600


def test_secrets_that_lack_something_stop_the_start(tmp_path: Path) -> None:
    from sandbox.start import SandboxFailed

    (tmp_path / "secrets.json").write_text('{"client_id": "app"}')
    with pytest.raises(SandboxFailed, match="missing client_secret, username"):
        start("salesforce", tmp_path / "sf.db", secrets=tmp_path / "secrets.json")
