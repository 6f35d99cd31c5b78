"""A key of our own for the JWT bearer flow, and the certificate by which an org knows it.

Salesforce takes an X.509 certificate, which nobody else needs to have signed, for an RSA key of at least 2,048 bits
(Salesforce Help, "Configure a JWT Bearer Flow" of External Client Apps; "OAuth 2.0 JWT Bearer Flow for
Server-to-Server Integration").
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.base import MadeSecret

_BITS = 2048
_VALID = timedelta(days=3 * 365)
_EARLIER = timedelta(days=1)  # the org's clock may be behind ours

_STEPS = """\
The key stays in this hub. Its certificate goes into Salesforce; it is no secret. An administrator of the org:
1. Setup, Quick Find: External Client App Manager. New External Client App, or Edit Settings of the one there is.
   Name: Solmu. Distribution State: Local.
2. API (Enable OAuth Settings): Enable OAuth. Callback URL, which nobody calls: https://login.salesforce.com/services/oauth2/callback
   Scopes: Manage user data via APIs (api); Perform requests at any time (refresh_token, offline_access).
3. Enable JWT Bearer Flow, Upload Files: {file}
4. Save. Policies, Edit: Permitted Users: Admin approved users are pre-authorized; choose a profile or permission set of
   the user whom Solmu acts as. A new app may take some minutes until it lets anybody in.
The certificate holds until {until:%Y-%m-%d}; before that day, make another and upload it.
"""


def make_key(name: str, now: datetime | None = None) -> MadeSecret:
    """A private key in PEM and its certificate, for the connection ``name``."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    now = now or datetime.now(UTC)
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    called = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"Solmu {name}"[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + _VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    return MadeSecret(
        secret.decode(),
        suffix=".crt",
        public=public.decode(),
        told=lambda file: _STEPS.format(file=file, until=now + _VALID),
    )
