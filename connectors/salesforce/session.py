"""Logging in, and calls: each with a time limit, the session renewed once, reads repeated, writes never."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from connectors.salesforce import soap
from connectors.salesforce.answers import (
    Unanswered,
    ended_session,
    error_of,
    failed_in_between,
    problem_of_call,
    retry_after,
)
from connectors.salesforce.settings import LOOPBACK, SalesforceSettings
from solmu.errors import Fatal, Retriable

if TYPE_CHECKING:
    from simple_salesforce.api import Salesforce

_ATTEMPTS = 3
_LONGEST_PAUSE = 30.0
_CONNECT_SECONDS = 10.0
_JWT_SECONDS = 180
# jsforce says so where it refuses such tokens (its lib/soap.js).
_NO_JWT = ", and that issues no JWT-based access tokens, which SOAP does not take"
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class Session:
    """An open door to one org. Tokens stay in here: no error and no log line has them."""

    def __init__(self, settings: SalesforceSettings) -> None:
        self._settings = settings
        self._http = requests.Session()
        # A proxy has no business between two programs on one machine.
        self._http.trust_env = urlsplit(settings.login_address).hostname not in LOOPBACK
        self._client: Salesforce | None = None
        self._user_id: str | None = None
        self.calls = 0
        self.calls_left: int | None = None

    # --- calls --------------------------------------------------------------------------------------------------------

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """The JSON that a path gives. Raises Retriable (after three attempts), Fatal."""
        return self._patiently(path, params).json()

    def get_part(self, path: str, name: str, params: Mapping[str, str] | None = None) -> Any:
        """One part of a JSON object that a path gives. Raises Retriable where the answer has no such part."""
        document = self.get(path, params)
        if not isinstance(document, dict) or name not in document:
            raise Retriable("Salesforce's answer could not be read", code="garbled")
        return document[name]

    def get_text(self, path: str) -> str:
        """The text (CSV) that a path gives."""
        response = self._patiently(path, None, parse=False)
        response.encoding = "utf-8"
        return response.text

    def send(self, method: str, path: str, *, json: Any = None, params: Mapping[str, str] | None = None) -> Any:
        """Send a write once, and give the JSON that answers it (None for an empty answer).

        Raises Retriable, Skippable or Fatal when nothing was done, and Unanswered when that is not known.
        """
        response = self._write(method, path, json=json, params=params, headers=self._write_headers())
        if not response.content:
            return None
        try:
            return response.json()
        except requests.JSONDecodeError as error:
            raise Unanswered("garbled", "the answer could not be read") from error

    def attempt(self, method: str, path: str, *, json: Any) -> tuple[bool, Any]:
        """Send a write of one record once; gives whether it was done, and the JSON that says so or why not.

        Raises Retriable, Fatal, and Unanswered when it is not known whether it was done.
        """
        try:
            response = self._call(method, path, json=json, headers=self._write_headers())
            document = response.json() if response.content else None
        except requests.RequestException as error:
            raise Unanswered("no-answer", f"no answer came: {_kind(error)}") from error
        if response.status_code >= 500:
            raise Unanswered("server", "the server failed in between")
        return response.ok, document

    def soap(self, request: Callable[[str], bytes]) -> bytes:
        """Send a request of the SOAP API's once, made for the id of our session, and give the XML that answers it.

        Raises Retriable, Skippable or Fatal when nothing was done, and Unanswered when that is not known.
        """
        path = f"/services/Soap/u/{self._settings.api_version}"
        return self._write("POST", path, request=request, headers=soap.HEADERS).content

    def upload(self, path: str, content: bytes) -> None:
        """Send the data of a bulk job."""
        self._write("PUT", path, data=content, headers={"Content-Type": "text/csv; charset=UTF-8"})

    def _patiently(self, path: str, params: Mapping[str, str] | None, *, parse: bool = True) -> requests.Response:
        asking = Retrying(
            retry=retry_if_exception(_is_worth_repeating),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_exponential(multiplier=self._settings.retry_seconds, max=_LONGEST_PAUSE),
            reraise=True,
        )
        for attempt in asking:
            with attempt:
                response = self._read(path, params, parse)  # called by tenacity, it would outlive its use
        return response

    def _read(self, path: str, params: Mapping[str, str] | None, parse: bool) -> requests.Response:
        try:
            response = self._call("GET", path, params=params)
            if not response.ok or response.is_redirect:
                raise error_of(response, writing=False)
            if parse:
                response.json()
        except requests.JSONDecodeError as error:
            raise Retriable("Salesforce's answer could not be read", code="garbled") from error
        except requests.RequestException as error:
            raise Retriable(f"Salesforce did not answer: {_kind(error)}", code="no-answer") from error
        return response

    def _write(self, method: str, path: str, **more: Any) -> requests.Response:
        try:
            response = self._call(method, path, **more)
        except (requests.ConnectTimeout, requests.exceptions.ProxyError) as error:
            raise Retriable(f"Salesforce could not be reached: {_kind(error)}", code="no-answer") from error
        except requests.RequestException as error:
            if _was_never_sent(error):
                raise Retriable(f"Salesforce could not be reached: {_kind(error)}", code="no-answer") from error
            raise Unanswered("no-answer", f"no answer came: {_kind(error)}") from error
        if failed_in_between(response):
            problem = problem_of_call(response)
            raise Unanswered(problem.code, f"the server failed in between: {problem.message}")
        if not response.ok or response.is_redirect:
            raise error_of(response, writing=True)
        return response

    def _call(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        request: Callable[[str], bytes] | None = None,
        **more: Any,
    ) -> requests.Response:
        """One call; a session that has ended is opened again, once. A ``request`` of SOAP's has the session inside."""
        for attempt in (1, 2):
            client = self.client()
            address = f"{self._root}{path}" if path.startswith("/") else f"{client.base_url}{path}"
            if request is not None:
                more["data"] = request(str(client.session_id))
            self.calls += 1
            response = self._http.request(
                method,
                address,
                headers={**client.headers, "X-PrettyPrint": "0", **(headers or {})},
                timeout=(_CONNECT_SECONDS, self._settings.timeout_seconds),
                allow_redirects=False,
                **more,
            )
            self._note_limit(client, response)
            if not ended_session(response):
                return response
            self._client = None
            if attempt == 2:
                break
        raise Fatal(
            "the session ends as soon as it is opened",
            code="session-expired",
            expected="an app whose policies and IP restrictions let this machine work"
            + (_NO_JWT if request is not None else ""),
        )

    def _note_limit(self, client: Salesforce, response: requests.Response) -> None:
        usage = client.parse_api_usage(response.headers.get("Sforce-Limit-Info", "")).get("api-usage")
        if usage is not None:
            self.calls_left = usage.total - usage.used

    def _write_headers(self) -> dict[str, str]:
        return {
            "Sforce-Auto-Assign": "TRUE" if self._settings.auto_assign else "FALSE",
            "Sforce-Duplicate-Rule-Header": f"allowSave={str(self._settings.allow_duplicates).lower()}",
        }

    # --- logging in ---------------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return self._client is not None

    @property
    def _root(self) -> str:
        return str(self.client().base_url).partition("/services/")[0]

    @property
    def root(self) -> str | None:
        """The org's address, as far as it is known without logging in."""
        if self._client is not None:
            return self._root
        own = self._settings.login_url is None and self._settings.domain not in ("login", "test")
        return self._settings.login_address if own else None

    def user_id(self) -> str:
        """Who we are in the org."""
        if self._user_id is None:
            self._user_id = str(self.get_part("/services/oauth2/userinfo", "user_id"))
        return self._user_id

    def client(self) -> Salesforce:
        """The client, logged in."""
        if self._client is None:
            self._client = self._log_in()
        return self._client

    def _log_in(self) -> Salesforce:
        from simple_salesforce.api import Salesforce
        from simple_salesforce.exceptions import SalesforceAuthenticationFailed
        from simple_salesforce.login import token_login

        settings = self._settings
        data, headers = self._credentials()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what it warns of comes as an error too
                token, host = token_login(
                    f"{settings.login_address}/services/oauth2/token",
                    data,
                    settings.domain,
                    settings.client_id,
                    headers,
                    None,
                    _WithTimeout(self._http, settings.timeout_seconds),  # type: ignore[arg-type]
                )
        except SalesforceAuthenticationFailed as error:
            raise _login_failed(settings, str(error.code), error.auth_message) from None
        except requests.RequestException as error:
            raise Retriable(
                f"Salesforce's login at {settings.login_address} did not answer: {_kind(error)}",
                code="login-unreachable",
                **settings.where_to_log_in,
            ) from None
        if not isinstance(token, str) or not isinstance(host, str):
            raise Retriable("the answer to the login could not be read", code="garbled")
        client = Salesforce(session_id=token, instance=host, version=settings.api_version, session=self._http)
        if urlsplit(settings.login_address).scheme == "http" and urlsplit(f"//{host}").hostname in LOOPBACK:
            client.base_url = client.base_url.replace("https://", "http://", 1)
        return client

    def _credentials(self) -> tuple[dict[str, str], dict[str, str] | None]:
        settings = self._settings
        if settings.private_key is None:
            assert settings.client_secret is not None
            return {
                "grant_type": "client_credentials",
                "client_id": settings.client_id,
                "client_secret": settings.client_secret.get_secret_value(),
            }, None
        import jwt

        claims = {
            "iss": settings.client_id,
            "sub": settings.username,
            "aud": settings.audience,
            "exp": int(time.time()) + _JWT_SECONDS,
        }
        try:
            assertion = jwt.encode(claims, settings.private_key.get_secret_value(), algorithm="RS256")
        except (jwt.PyJWTError, ValueError, TypeError):
            raise Fatal(
                "the setting 'private_key' holds no private key",
                code="bad-private-key",
                field="private_key",
                expected="an RSA key in PEM: -----BEGIN PRIVATE KEY----- …",
            ) from None
        return {"grant_type": _JWT_BEARER, "assertion": assertion}, None

    def close(self) -> None:
        self._http.close()
        self._client = None


class _WithTimeout:
    """What simple-salesforce's login needs of a session; it sets no time limit of its own."""

    def __init__(self, http: requests.Session, seconds: float) -> None:
        self._http = http
        self._timeout = (_CONNECT_SECONDS, seconds)

    def post(self, url: str, data: Any, **more: Any) -> requests.Response:
        """The answer, if it is one that simple-salesforce can read. Raises Retriable for any other."""
        response = self._http.post(url, data, timeout=self._timeout, allow_redirects=False, **more)
        if response.status_code >= 500 or response.status_code == 429:
            said = f"Salesforce's login answered {response.status_code}"
            raise Retriable(said, code="login-unreachable", retry_after=retry_after(response))
        try:
            document = response.json()
        except requests.JSONDecodeError:
            return response
        if not isinstance(document, dict) or (response.ok and not isinstance(document.get("instance_url"), str)):
            raise Retriable("the answer to the login could not be read", code="garbled")
        return response


def _login_failed(settings: SalesforceSettings, code: str, message: str) -> Fatal:
    """The error of a login that was refused, with the setting that is probably wrong."""
    if code.isdecimal():  # no JSON: whoever answered was not Salesforce's login
        return Fatal(
            f"what answers at {settings.login_address} is not Salesforce's login",
            code="login-failed",
            **settings.where_to_log_in,
        )
    secret = "client_secret" if settings.private_key is None else "private_key"
    text = message.lower()
    if code == "invalid_client_id" or "client identifier" in text:
        field, expected = "client_id", "the consumer key of an app in this org"
    elif "audience" in text:
        field, expected = "domain", "login for production, test for a sandbox"
    elif "approved" in text or "user" in text:
        field, expected = "username", "a user of this org whom the app's policies pre-authorise"
    else:
        field, expected = secret, "what belongs to the app's consumer key, and an app that allows this flow"
    return Fatal(f"Salesforce refuses the login: {message or code}", code=code, field=field, expected=expected)


def _is_worth_repeating(error: BaseException) -> bool:
    """A read that failed is repeated, unless we were told to stay away for a while."""
    return isinstance(error, Retriable) and (error.retry_after or 0.0) <= _LONGEST_PAUSE


def _was_never_sent(error: requests.RequestException) -> bool:
    """Whether no connection came about at all, so that nothing can have been done."""
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    reason = error.args[0] if error.args else None
    return isinstance(reason, MaxRetryError) and isinstance(reason.reason, NewConnectionError)


def _kind(error: Exception) -> str:
    """What kind of failure it was; the text of the error may hold the address with its query."""
    return {"ReadTimeout": "it took too long", "ConnectTimeout": "no connection came about"}.get(
        type(error).__name__, "the connection failed"
    )
