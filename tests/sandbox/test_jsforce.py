"""jsforce's own calls against the sandbox; each check of jsforce/check.mjs is a test here."""

import json
import os
import re
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from sandbox.start import start
from tests.peers import jsforce

CHECKS = re.findall(r"^  async '([^']+)'", jsforce.SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | None]:
    folder = tmp_path_factory.mktemp("jsforce")
    key = generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (folder / "private.pem").write_bytes(private)
    (folder / "public.pem").write_bytes(public)
    secrets = folder / "secrets.json"
    names = ("client_id", "client_secret", "password", "security_token")
    known = {
        "username": "robot@sandbox.invalid",
        "public_key_file": "public.pem",
        **{name: f"the {name}" for name in names},
    }
    secrets.write_text(json.dumps(known))
    with start("salesforce", folder / "sf.db", secrets=secrets) as running:
        environment = {
            "PATH": os.environ["PATH"],
            "PEER": str(jsforce.PACKAGE.set_up()),
            "SANDBOX_URL": running.url,
            "SANDBOX_SECRETS": str(secrets),
            "SANDBOX_KEY": str(folder / "private.pem"),
        }
        done = subprocess.run(
            ["node", str(jsforce.SCRIPT)], env=environment, capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode == 0, done.stderr
    found: dict[str, str | None] = json.loads(done.stdout)
    return found


@pytest.mark.peer("jsforce")
@pytest.mark.parametrize("check", CHECKS)
def test_jsforce(outcome: dict[str, str | None], check: str) -> None:
    assert outcome[check] is None, outcome[check]


@pytest.mark.peer("jsforce")
def test_no_check_was_forgotten(outcome: dict[str, str | None]) -> None:
    assert set(outcome) == set(CHECKS)


def test_the_lock_file_names_no_registry() -> None:
    lock = jsforce.SCRIPT.with_name("package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in json.dumps(list(json.loads(lock)["packages"].values()))
    assert "://" not in lock
