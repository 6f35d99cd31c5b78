"""Signatures: what the vendors published holds, what others' libraries sign holds, and nothing else gets in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from standardwebhooks.webhooks import Webhook

from solmu.errors import Unverified
from solmu.exchange import Request
from solmu.intake.schemes import SCHEMES, Terms, hubspot

AT = datetime(2026, 7, 1, 7, 0, tzinfo=UTC)
URL = "https://www.example.com/webhook_uri"
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SECRETS = dict.fromkeys(SCHEMES, "a secret of thirty-two characters") | {
    "standard-webhooks": WHSEC,
    "path": "a-secret-that-fits-in-an-address",
    "jotform": "a-secret-that-fits-in-an-address",
}
OTHER = {name: secret[::-1] for name, secret in SECRETS.items()} | {
    "standard-webhooks": "whsec_" + base64.b64encode(b"quite another key").decode()
}
BODY = b'{"test": 2432232314}'
ALL = sorted(SCHEMES)
# Those that sign what is sent; the others only show that they know the secret.
SIGNING = sorted(set(ALL) - {"path", "jotform", "header", "google-ads"})


def request(headers: dict[str, str], body: bytes = BODY, *, at: datetime = AT, path: str = "") -> Request:
    return Request("POST", path, URL, headers, body, at)


def signed(scheme: str, secret: str | None = None, body: bytes = BODY) -> Request:
    made = SCHEMES[scheme].sign(secret or SECRETS[scheme], body, at=AT, id="msg_1", url=URL, header=None)
    return request(made.headers, made.body, path=made.path)


def accepted(scheme: str, request: Request, *secrets: str, **terms: Any) -> bool:
    try:
        SCHEMES[scheme].verify(request, Terms(secrets or (SECRETS[scheme],), **terms))
    except Unverified:
        return False
    return True


# --- published vectors ------------------------------------------------------------------------------------------------


def test_the_vector_of_standard_webhooks_holds() -> None:
    """github.com/standard-webhooks/standard-webhooks, libraries: the example that all of them test."""
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    sent = request(headers, at=datetime.fromtimestamp(1614265330, UTC))

    assert accepted("standard-webhooks", sent, WHSEC)
    assert accepted("standard-webhooks", sent, WHSEC.removeprefix("whsec_"))
    assert accepted(
        "standard-webhooks",
        replace(sent, headers={name.replace("webhook", "svix"): value for name, value in headers.items()}),
        WHSEC,
    )


def test_one_good_signature_among_several_is_enough() -> None:
    """The same project's test of a sender that replaces its key."""
    wrong = "Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
    sent = signed("standard-webhooks")
    good = sent.headers["webhook-signature"]

    for signatures, expected in ((f"v1,{wrong} v2,{wrong} {good} v1,{wrong}", True), (f"v1,{wrong} v2,{wrong}", False)):
        assert (
            accepted("standard-webhooks", replace(sent, headers=sent.headers | {"webhook-signature": signatures}))
            is expected
        )


HUBSPOT_SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
HUBSPOT_EVENT = (
    b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,'
    b'"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW",'
    b'"appId":54321}]'
)


@pytest.mark.parametrize(
    ("version", "body", "signature"),
    [
        ("v1", HUBSPOT_EVENT, "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"),
        (
            "v2",
            b'{"example_field":"example_value"}',
            "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900",
        ),
    ],
)
def test_hubspots_examples_of_v1_and_v2_hold(version: str, body: bytes, signature: str) -> None:
    """HubSpot, "Validating requests": its own secret, bodies and hashes."""
    headers = {"x-hubspot-signature": signature, "x-hubspot-signature-version": version}

    assert accepted("hubspot", request(headers, body), HUBSPOT_SECRET)
    assert not accepted("hubspot", request(headers, body + b" "), HUBSPOT_SECRET)
    assert not accepted("hubspot", request(headers | {"x-hubspot-signature-version": "v0"}, body), HUBSPOT_SECRET)


def test_the_get_example_of_v2_holds() -> None:
    assert (
        hubspot.v2(HUBSPOT_SECRET, "GET", URL, b"")
        == "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e"
    )


def test_the_vector_of_v3_in_hubspots_own_client_holds() -> None:
    """HubSpot/hubspot-api-python, tests/spec/utils/test_signature.py. Its time is 15000000 milliseconds."""
    headers = {
        "x-hubspot-signature-v3": "HPW73RUtKmcYoEDADG0s6MmGFWUzWJKAW07r8RDgcQw=",
        "x-hubspot-request-timestamp": "15000000",
    }
    sent = request(headers, b"{'example_field':'example_value'}", at=datetime.fromtimestamp(15000, UTC))

    assert accepted("hubspot", sent, HUBSPOT_SECRET)
    assert not accepted("hubspot", replace(sent, url=URL + "/"), HUBSPOT_SECRET)
    assert accepted("hubspot", replace(sent, url="http://10.0.0.1:8000/in/web"), HUBSPOT_SECRET, url=URL)


# --- others' libraries ------------------------------------------------------------------------------------------------


def test_what_the_library_of_standard_webhooks_signs_is_let_in() -> None:
    signature = Webhook(WHSEC).sign("msg_1", AT, BODY.decode())
    stamp = str(int(AT.timestamp()))
    headers = {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": signature}

    assert accepted("standard-webhooks", request(headers), WHSEC)


def test_what_we_sign_that_library_lets_in() -> None:
    now = datetime.now(UTC)
    made = SCHEMES["standard-webhooks"].sign(WHSEC, BODY, at=now, id="msg_1", url=URL, header=None)

    assert Webhook(WHSEC).verify(BODY, made.headers) == json.loads(BODY)


def netlify_token(claims: dict[str, str], secret: str = SECRETS["netlify"], algorithm: str = "HS256") -> str:
    return jwt.encode(claims, secret, algorithm=algorithm)


def test_a_token_that_pyjwt_signs_for_netlify_is_let_in() -> None:
    """Netlify shows its signatures with a JWT library: claims `iss` and `sha256`."""
    digest = hashlib.sha256(BODY).hexdigest()
    good = netlify_token({"iss": "netlify", "sha256": digest})

    assert accepted("netlify", request({"x-webhook-signature": good}))
    assert not accepted("netlify", request({"x-webhook-signature": good}, BODY + b"\n"))


@pytest.mark.parametrize(
    "token",
    [
        netlify_token({"iss": "somebody", "sha256": hashlib.sha256(BODY).hexdigest()}),
        netlify_token({"iss": "netlify"}),
        netlify_token({"iss": "netlify", "sha256": hashlib.sha256(BODY).hexdigest()}, "x" * 64, "HS512"),
        jwt.encode({"iss": "netlify", "sha256": hashlib.sha256(BODY).hexdigest()}, None, algorithm="none"),
        "a.b",
        "..",
        "é.ü.ö",
        "x" * 100_000,
        base64.urlsafe_b64encode(b"[" * 3_000).decode() + ".e30.x",
    ],
    ids=["issuer", "no-digest", "another-algorithm", "no-algorithm", "two-parts", "empty", "no-ascii", "long", "deep"],
)
def test_other_tokens_are_not(token: str) -> None:
    assert not accepted("netlify", request({"x-webhook-signature": token}))


@pytest.mark.parametrize(
    ("scheme", "header", "prefix"), [("typeform", "typeform-signature", "sha256="), ("tally", "tally-signature", "")]
)
def test_a_signature_made_as_the_vendor_describes_is_let_in(scheme: str, header: str, prefix: str) -> None:
    """HMAC-SHA256 of the raw body with the secret, base64; Typeform puts `sha256=` before it."""
    digest = base64.b64encode(hmac.new(b"secret", BODY, hashlib.sha256).digest()).decode()

    assert accepted(scheme, request({header: prefix + digest}), "secret")
    assert not accepted(scheme, request({header: digest if prefix else "sha256=" + digest}), "secret")
    assert not accepted(
        scheme, request({header: prefix + hmac.new(b"secret", BODY, hashlib.sha256).hexdigest()}), "secret"
    )


# --- every scheme -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ALL)
def test_what_the_sender_signs_is_let_in(scheme: str) -> None:
    assert accepted(scheme, signed(scheme))


@pytest.mark.parametrize("scheme", ALL)
def test_another_secret_is_not(scheme: str) -> None:
    assert not accepted(scheme, signed(scheme, OTHER[scheme]))


@pytest.mark.parametrize("scheme", ALL)
def test_while_one_secret_replaces_another_both_count(scheme: str) -> None:
    old, new = SECRETS[scheme], OTHER[scheme]

    assert accepted(scheme, signed(scheme, old), new, old)
    assert accepted(scheme, signed(scheme, new), new, old)


@pytest.mark.parametrize("scheme", ALL)
@pytest.mark.parametrize("secrets", [(), ("",), ("", "")], ids=["none", "blank", "blanks"])
def test_without_a_secret_nothing_is_let_in(scheme: str, secrets: tuple[str, ...]) -> None:
    for sent in (signed(scheme), request({}), request({}, path="/")):
        with pytest.raises(Unverified):
            SCHEMES[scheme].verify(sent, Terms(secrets))


@pytest.mark.parametrize("scheme", ALL)
def test_a_request_that_shows_nothing_is_not_let_in(scheme: str) -> None:
    assert not accepted(scheme, request({}))
    assert not accepted(scheme, request(dict.fromkeys(signed(scheme).headers, " ")))


@pytest.mark.parametrize("scheme", [name for name in ALL if signed(name).headers])
def test_each_of_the_headers_is_needed(scheme: str) -> None:
    sent = signed(scheme)
    for name in sent.headers:
        left = {each: value for each, value in sent.headers.items() if each != name}
        assert not accepted(scheme, replace(sent, headers=left)), name


@pytest.mark.parametrize("scheme", SIGNING)
@pytest.mark.parametrize("body", [BODY + b"\n", b'{"test":2432232314}', b"", b'{"test": 2432232315}'])
def test_a_signature_is_over_the_bytes_not_over_what_they_mean(scheme: str, body: bytes) -> None:
    assert not accepted(scheme, replace(signed(scheme), body=body))


@pytest.mark.parametrize("scheme", ["standard-webhooks", "hubspot"])
@pytest.mark.parametrize(("late", "expected"), [(299, True), (-299, True), (301, False), (-301, False)])
def test_what_was_signed_long_ago_is_not_let_in(scheme: str, late: int, expected: bool) -> None:
    assert accepted(scheme, replace(signed(scheme), received_at=AT + timedelta(seconds=late))) is expected


def test_the_tolerance_can_be_set() -> None:
    late = replace(signed("hubspot"), received_at=AT + timedelta(seconds=61))

    assert not accepted("hubspot", late, tolerance=timedelta(seconds=60))
    assert accepted("hubspot", late, tolerance=timedelta(seconds=62))


@pytest.mark.parametrize("stamp", ["soon", "-1", "1e9", "٣", "9" * 16, "9" * 15, "1614265330.5", ""])
@pytest.mark.parametrize(
    ("scheme", "name"), [("standard-webhooks", "webhook-timestamp"), ("hubspot", "x-hubspot-request-timestamp")]
)
def test_a_time_that_is_none_is_not_let_in(scheme: str, name: str, stamp: str) -> None:
    sent = signed(scheme)
    assert not accepted(scheme, replace(sent, headers=sent.headers | {name: stamp}))


def test_where_v3_is_there_an_older_signature_does_not_help() -> None:
    sent = signed("hubspot", OTHER["hubspot"])
    old = {
        "x-hubspot-signature": hubspot.v1(SECRETS["hubspot"], BODY),
        "x-hubspot-signature-version": "v1",
    }

    assert accepted("hubspot", request(old))
    assert not accepted("hubspot", replace(sent, headers=sent.headers | old))


def test_v3_decodes_what_hubspot_says_it_decodes() -> None:
    url = "https://hub.example/in/web?to=a%40b.example&x=%2f%20"
    made = SCHEMES["hubspot"].sign(SECRETS["hubspot"], BODY, at=AT, id="", url=url, header=None)
    assert hubspot.decoded(url) == "https://hub.example/in/web?to=a@b.example&x=/%20"
    assert accepted("hubspot", replace(request(made.headers), url=url))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"google_key": 1}', b'{"google_key": ""}', b"{", b"\xff", b'{"google_key": null}']
)
def test_a_lead_without_googles_key_is_not_let_in(body: bytes) -> None:
    assert not accepted("google-ads", request({}, body))


def test_what_is_parsed_before_it_is_known_is_small_and_flat() -> None:
    key = SECRETS["google-ads"]
    padded = json.dumps({"google_key": key, "x": "x" * 2_000_000}).encode()
    deep = b'{"google_key": "' + key.encode() + b'", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"

    assert not accepted("google-ads", request({}, padded))
    assert not accepted("google-ads", request({}, deep))


def test_a_secret_in_the_address_is_all_that_may_follow() -> None:
    secret = SECRETS["path"]

    assert accepted("path", request({}, path=f"/{secret}/"))
    for path in (secret[:-1], f"{secret}x", f"{secret}/x", f"/{secret}", f"x/{secret}", "../" + secret):
        assert not accepted("path", request({}, path=f"/{path}"))


def test_a_shared_secret_stands_in_the_header_that_is_stated() -> None:
    secret = SECRETS["header"]

    assert accepted("header", request({"x-token": secret}), header="X-Token")
    assert accepted("header", request({"authorization": f"Bearer {secret}"}), header="Authorization")
    assert not accepted("header", request({"x-webhook-secret": secret}), header="X-Token")


@pytest.mark.parametrize("scheme", ALL)
def test_an_error_tells_nothing_of_the_secret(scheme: str) -> None:
    secret = SECRETS[scheme]
    with pytest.raises(Unverified) as raised:
        SCHEMES[scheme].verify(signed(scheme, OTHER[scheme]), Terms((secret,)))

    assert secret not in str(raised.value)
    assert secret not in str(raised.value.as_dict())
    assert secret not in repr(Terms((secret,)))
