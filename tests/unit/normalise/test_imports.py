"""Importing the normalisers loads no library with large tables, and nothing reaches for the network."""

import socket
import subprocess
import sys

import pytest

from solmu.normalise import domain, email

HEAVY = ("babel", "dateparser", "charset_normalizer", "email_validator", "nameparser", "phonenumbers", "pycountry")
HEAVIER = ("requests", "rigour", "stdnum", "tldextract")


def test_importing_loads_no_heavy_library() -> None:
    code = "import sys, solmu.normalise; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "anyascii" in loaded
    assert not {*HEAVY, *HEAVIER} & set(loaded)


def test_domains_and_addresses_are_checked_without_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def blow_up(*_: object) -> None:
        raise AssertionError("no network here")

    monkeypatch.setattr(socket.socket, "connect", blow_up)
    monkeypatch.setattr(socket, "getaddrinfo", blow_up)
    assert domain("https://shop.example.co.uk/") == "example.co.uk"
    assert email("jääkaappi@mäkelä.example") is not None
