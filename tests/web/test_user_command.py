"""`solmu user`, and the pages beside the receiver, as processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.hubs import make_hub
from tests.web.client import _TOKEN

ROOT = Path(__file__).parents[2]
MAIN = "import sys; sys.argv[0] = 'solmu'; from solmu.cli import main; main()"
PHRASE = "a synthetic phrase"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_hub(tmp_path_factory.mktemp("user") / "hub").folder


def solmu(hub: Path, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", MAIN, *words, "--hub", str(hub)],
        input=typed,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )


def test_the_first_administrator_is_made_and_signs_in_beside_the_receiver(hub: Path, tmp_path: Path) -> None:
    assert (
        solmu(hub, "user", "add", "Adda", "--role", "administrator", "--password-stdin", typed="short").returncode == 1
    )
    added = solmu(hub, "user", "add", "Adda", "--role", "administrator", "--password-stdin", typed=PHRASE + "\n")
    assert added.returncode == 0, added.stderr
    assert PHRASE not in added.stdout + added.stderr
    assert json.loads(solmu(hub, "user", "list", "--output", "json").stdout) == {
        "users": [{"name": "adda", "role": "administrator", "signed_in": None}]
    }
    last = solmu(hub, "user", "remove", "adda")
    assert (last.returncode, "nobody would be administrator" in last.stderr) == (1, True)

    ready = tmp_path / "ready.json"
    words = ["serve", "--hub", str(hub), "--port", "0", "--ready-file", str(ready)]
    process = subprocess.Popen([sys.executable, "-c", MAIN, *words], cwd=ROOT, stderr=subprocess.PIPE, env=os.environ)
    try:
        deadline = time.monotonic() + 60
        while not ready.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        url = json.loads(ready.read_text())["url"]
        with httpx.Client(base_url=url) as browser:
            assert browser.get("/healthz").json() == {"ok": True}
            assert browser.post("/healthz").status_code == 405
            assert browser.get("/in/nobody").status_code in (404, 405)
            # The pages are loaded once the receiver listens.
            while (page := browser.get("/sign-in")).status_code == 503:
                assert page.headers["retry-after"] == "2"
                assert time.monotonic() < deadline
                time.sleep(0.1)
            token = _TOKEN.search(page.text)
            assert token
            form = {"name": "adda", "password": PHRASE, "csrf": token[1]}
            assert browser.post("/sign-in", data=form, headers={"Origin": url}).status_code == 303
            assert browser.get("/account").status_code == 200
            assert solmu(hub, "user", "password", "adda", "--password-stdin", typed="another phrase\n").returncode == 0
            assert browser.get("/account").status_code == 303
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert process.returncode == 143
