"""Dovecot: a server of our own for as long as it is needed, with IMAP over TLS, and LMTP to deliver mail by.

Debian's packages `dovecot-imapd` and `dovecot-lmtpd` have it. It must be started as root, drops its rights by itself,
listens on free ports of this machine, and keeps all that it has in a temporary folder.
"""

from __future__ import annotations

import datetime
import grp
import ipaddress
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

START_SECONDS = 15.0
PASSWORD = "made-up-for-the-tests"


@dataclass(frozen=True)
class Server:
    """A running Dovecot. Any user exists, with one password; ``ca_file`` is the certificate to trust."""

    folder: Path
    imap_port: int
    imaps_port: int
    lmtp: Path

    @property
    def ca_file(self) -> Path:
        return self.folder / "cert.pem"

    def deliver(self, user: str, mails: Sequence[bytes]) -> None:
        """As a mail server would: by LMTP, into the user's INBOX."""
        with smtplib.LMTP(str(self.lmtp)) as lmtp:
            for mail in mails:
                lmtp.sendmail("sender@example.org", [user], mail)


@cache
def available() -> str | None:
    """None where a server can be started, else why not."""
    if binary() is None:
        return "there is no Dovecot; Debian's packages `dovecot-imapd` and `dovecot-lmtpd` have it"
    if not any(Path(folder, "lmtp").exists() for folder in ("/usr/lib/dovecot", "/usr/libexec/dovecot")):
        return "Dovecot has no LMTP; Debian's package `dovecot-lmtpd` has it"
    return None if os.geteuid() == 0 else "Dovecot's own accounts can be used by root only"


def binary() -> str | None:
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@contextmanager
def running(introspection: str | None = None) -> Iterator[Server]:
    """A server for as long as the context lasts. ``introspection`` is the address that tells whose an access token is,
    for XOAUTH2: the token follows it, the answer is JSON with `active` and `email`."""
    folder = Path(tempfile.mkdtemp(prefix="solmu-dc-"))  # a short name: a Unix socket's path has at most 107 bytes
    account = server_account()
    try:
        server = Server(folder, free_port(), free_port(), folder / "lmtp")
        (folder / "mail").mkdir()
        make_certificate(server.ca_file, folder / "key.pem")
        for path in (folder, folder / "mail"):
            os.chown(path, account.pw_uid, account.pw_gid)
        folder.chmod(0o755)
        (folder / "oauth.conf").write_text(oauth_configuration(introspection))
        (folder / "dovecot.conf").write_text(configuration(server, account, introspection is not None))
        found = binary()
        assert found is not None, available()
        command = [found, "-F", "-c", str(folder / "dovecot.conf")]
        if shutil.which("setpriv") is not None:
            command = ["setpriv", "--pdeathsig=TERM", *command]  # not to outlive a run that is killed
        with (folder / "log").open("a") as said:
            process = subprocess.Popen(command, cwd="/", stdout=said, stderr=said)
        try:
            wait_until_it_answers(server, process)
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=START_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def server_account() -> pwd.struct_passwd:
    """Whose the mail is: some account without rights; Dovecot refuses to deliver as root."""
    return pwd.getpwnam("nobody")


def configuration(server: Server, account: pwd.struct_passwd, with_oauth: bool) -> str:
    folder = server.folder
    group = account.pw_gid
    oauth = f"""
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth.conf
}}"""
    return f"""
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
instance_name = solmu-test
default_login_user = {account.pw_name}
default_internal_user = {account.pw_name}
default_internal_group = {_group_name(group)}
ssl = yes
ssl_cert = <{server.ca_file}
ssl_key = <{folder}/key.pem
auth_failure_delay = 0
auth_mechanisms = plain login{" xoauth2 oauthbearer" if with_oauth else ""}
mail_location = mdbox:{folder}/mail/%u
mail_uid = {account.pw_uid}
mail_gid = {group}
first_valid_uid = 1
first_valid_gid = 1
mail_fsync = never
mail_max_userip_connections = 100
passdb {{
  driver = static
  mechanisms = plain login
  args = password={{PLAIN}}{PASSWORD}
}}{oauth if with_oauth else ""}
userdb {{
  driver = static
  args = uid={account.pw_uid} gid={group} home={folder}/mail/%u allow_all_users=yes
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {server.imap_port}
  }}
  inet_listener imaps {{
    port = {server.imaps_port}
    ssl = yes
  }}
}}
service lmtp {{
  unix_listener {server.lmtp} {{
    mode = 0666
  }}
}}
protocol lmtp {{
  auth_username_format = %u
}}
"""


def oauth_configuration(introspection: str | None) -> str:
    return f"""
introspection_mode = get
introspection_url = {introspection or ""}
username_attribute = email
active_attribute = active
active_value = true
"""


def _group_name(gid: int) -> str:
    return grp.getgrgid(gid).gr_name


def make_certificate(cert: Path, key: Path) -> None:
    """A certificate for this machine, signed by itself."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def wait_until_it_answers(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with socket.create_connection(("127.0.0.1", server.imap_port), timeout=5) as client:
                if client.recv(100).startswith(b"* OK") and server.lmtp.exists():
                    return
        except OSError:
            pass
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"Dovecot did not start:\n{(server.folder / 'log').read_text()}")
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
