"""Who may come in: the OAuth token endpoint, the SOAP login, sessions.

Secrets come from a file (0600) that the hub reads too; without one they are made at random.
"""

import base64
import binascii
import hmac
import json
import os
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from sandbox.salesforce import soap
from sandbox.salesforce.errors import ApiError, OAuthError
from sandbox.salesforce.exchange import Call, Reply, answer
from sandbox.salesforce.seed import INTEGRATION_USER, ORGANIZATION
from sandbox.salesforce.times import now

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# What Salesforce takes as the audience: its login hosts. The sandbox takes its own address as well.
AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
# "The validity must be an expiration time within 3 minutes": a little is allowed for clocks.
CLOCK_SKEW_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a client must know. `public_key_file` (PEM: certificate or public key) enables the JWT bearer flow."""

    client_id: str
    client_secret: str
    username: str
    password: str
    security_token: str
    public_key_file: str | None = None

    @classmethod
    def at_random(cls) -> "Secrets":
        token = secrets.token_urlsafe
        return cls(f"sandbox.{token(24)}", token(32), "integration@sandbox.invalid", token(18), token(18))

    @classmethod
    def read(cls, path: Path) -> "Secrets":
        document = json.loads(path.read_text(encoding="utf-8"))
        key = document.get("public_key_file")
        # A relative path is meant from where the secrets lie.
        resolved = str((path.parent / key).resolve()) if key else None
        names = ("client_id", "client_secret", "username", "password", "security_token")
        missing = [name for name in names if not document.get(name)]
        if missing:
            raise ValueError(f"{path}: missing {', '.join(missing)}")
        return cls(**{name: str(document[name]) for name in names}, public_key_file=resolved)

    def write(self, path: Path) -> None:
        """Readable by the owner only, from the first byte on."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=2)


class Sessions:
    """Open sessions; none outlives the process, and `expire` ends them all."""

    def __init__(self) -> None:
        self._users: dict[str, str] = {}
        self._lock = threading.Lock()

    def open(self, user: str) -> str:
        token = f"{ORGANIZATION[:15]}!{secrets.token_urlsafe(48)}"
        with self._lock:
            self._users[token] = user
        return token

    def user(self, call: Call) -> str:
        """The user of the call's bearer token. Raises ApiError INVALID_SESSION_ID."""
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        user = self.user_of(token.strip()) if scheme.lower() in ("bearer", "oauth") else None
        if user is None:
            raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        return user

    def user_of(self, token: str) -> str | None:
        """The user whose session that is, while it is open."""
        return self._users.get(token)

    def expire(self) -> None:
        with self._lock:
            self._users.clear()

    def close(self, token: str) -> None:
        with self._lock:
            self._users.pop(token, None)


class Auth:
    def __init__(self, known: Secrets, url: str) -> None:
        self.known = known
        self.url = url
        self.sessions = Sessions()

    # -- OAuth

    def token(self, call: Call) -> Reply:
        """`POST /services/oauth2/token`"""
        form = dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True)) or call.parameters
        try:
            return self._granted(form, call.headers)
        except OAuthError as error:
            headers = {"Cache-Control": "no-store"}
            return answer({"error": error.error, "error_description": error.description}, error.status, headers=headers)

    def _granted(self, form: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        grant = form.get("grant_type")
        if grant == "client_credentials":
            self._check_client(*_client(form, headers))
        elif grant == "password":
            self._check_client(*_client(form, headers))
            self._check_password(form.get("username", ""), form.get("password", ""))
        elif grant == JWT_BEARER:
            self._check_assertion(form.get("assertion", ""))
        else:
            raise OAuthError("unsupported_grant_type", "grant type not supported")
        issued = str(now())
        identity = f"{self.url}/id/{ORGANIZATION}/{INTEGRATION_USER}"
        session = self.sessions.open(INTEGRATION_USER)
        document = {
            "access_token": session,
            "instance_url": self.url,
            "id": identity,
            "token_type": "Bearer",
            "scope": "api",
        }
        if grant != JWT_BEARER:
            signed = hmac.digest(self.known.client_secret.encode(), (identity + issued).encode(), "sha256")
            document |= {"issued_at": issued, "signature": base64.b64encode(signed).decode()}
        return answer(document, headers={"Cache-Control": "no-store"})

    def _check_client(self, client_id: str, client_secret: str) -> None:
        if not hmac.compare_digest(client_id.encode(), self.known.client_id.encode()):
            raise OAuthError("invalid_client_id", "client identifier invalid")
        if not hmac.compare_digest(client_secret.encode(), self.known.client_secret.encode()):
            raise OAuthError("invalid_client", "invalid client credentials")

    def _check_password(self, username: str, password: str) -> None:
        if not self._knows(username, password):
            raise OAuthError("invalid_grant", "authentication failure")

    def _knows(self, username: str, password: str) -> bool:
        """The password with the security token behind it, as clients outside the trusted networks send it."""
        expected = self.known.password + self.known.security_token
        right_name = hmac.compare_digest(username.lower().encode(), self.known.username.lower().encode())
        return hmac.compare_digest(password.encode(), expected.encode()) and right_name

    def _check_assertion(self, assertion: str) -> None:
        """Signature (RS256), issuer, subject, audience, expiry: "OAuth 2.0 JWT Bearer Flow"."""
        import jwt  # costs 150 ms, and most runs never need it
        from cryptography.hazmat.primitives.serialization import load_pem_public_key
        from cryptography.x509 import load_pem_x509_certificate

        if self.known.public_key_file is None:
            raise OAuthError("invalid_client", "no certificate is registered for this app")
        pem = Path(self.known.public_key_file).read_bytes()
        key = load_pem_x509_certificate(pem).public_key() if b"CERTIFICATE" in pem else load_pem_public_key(pem)
        try:
            claims = jwt.decode(
                assertion, key, algorithms=["RS256"],  # type: ignore[arg-type]
                options={"verify_aud": False, "verify_exp": False, "verify_sub": False},
            )  # fmt: skip
        except jwt.PyJWTError:
            raise OAuthError("invalid_grant", "invalid assertion") from None
        if claims.get("iss") != self.known.client_id:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        audience = claims.get("aud")
        if audience not in (*AUDIENCES, self.url):
            raise OAuthError("invalid_grant", "audience is invalid")
        try:
            expires = float(claims["exp"])
        except (KeyError, TypeError, ValueError):
            raise OAuthError("invalid_grant", "invalid assertion") from None
        if not time.time() - CLOCK_SKEW_SECONDS <= expires:
            raise OAuthError("invalid_grant", "assertion is expired")
        if str(claims.get("sub", "")).lower() != self.known.username.lower():
            raise OAuthError("invalid_grant", "user hasn't approved this consumer")

    def revoke(self, call: Call) -> Reply:
        """`POST /services/oauth2/revoke`"""
        form = dict(parse_qsl(call.body.decode("utf-8", "replace"))) or call.parameters
        self.sessions.close(form.get("token", ""))
        return Reply()

    def identity(self, call: Call) -> Reply:
        """`GET /id/<organisation>/<user>` and `GET /services/oauth2/userinfo`"""
        call.user = self.sessions.user(call)
        return answer({
            "id": f"{self.url}/id/{ORGANIZATION}/{call.user}",
            "sub": f"{self.url}/id/{ORGANIZATION}/{call.user}",
            "asserted_user": True,
            "user_id": call.user,
            "organization_id": ORGANIZATION,
            "username": self.known.username,
            "preferred_username": self.known.username,
            "display_name": "Solmu Integration",
            "active": True,
            "user_type": "STANDARD",
            "urls": {
                "rest": f"{self.url}/services/data/v{{version}}/",
                "sobjects": f"{self.url}/services/data/v{{version}}/sobjects/",
                "query": f"{self.url}/services/data/v{{version}}/query/",
            },
        })  # fmt: skip

    # -- SOAP

    def soap_login(self, request: soap.Request, version: str) -> Reply:
        """`login`, for clients that have a password and no app."""
        given = {soap.local(part): soap.text(part) for part in request.body}
        if not self._knows(given.get("username", ""), given.get("password", "")):
            message = "Invalid username, password, security token; or user locked out."
            raise soap.Fault("INVALID_LOGIN", message, faultcode="INVALID_LOGIN", kind="Login")
        session = self.sessions.open(INTEGRATION_USER)
        server = f"{self.url}/services/Soap/u/{version}/{ORGANIZATION}"
        return soap.answer(
            '<loginResponse xmlns="urn:partner.soap.sforce.com"><result>'
            f"<metadataServerUrl>{escape(server.replace('/u/', '/m/'))}</metadataServerUrl>"
            "<passwordExpired>false</passwordExpired><sandbox>true</sandbox>"
            f"<serverUrl>{escape(server)}</serverUrl><sessionId>{escape(session)}</sessionId>"
            f"<userId>{INTEGRATION_USER}</userId>"
            f"<userInfo><organizationId>{ORGANIZATION}</organizationId><userId>{INTEGRATION_USER}</userId>"
            f"<userName>{escape(self.known.username)}</userName></userInfo></result></loginResponse>"
        )

    def soap_logout(self, request: soap.Request) -> Reply:
        self.sessions.close(request.session)
        return soap.answer('<logoutResponse xmlns="urn:partner.soap.sforce.com"/>')


def _client(form: Mapping[str, str], headers: Mapping[str, str]) -> tuple[str, str]:
    """The client's id and secret, from the form or from HTTP Basic authentication."""
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise OAuthError("invalid_client", "invalid client credentials") from None
        return name, secret
    return form.get("client_id", ""), form.get("client_secret", "")
