"""A real Dovecot as an ordinary child process, with its own configuration and Maildir."""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.connect.certificates import make_certificate

PASSWORD = "korrekt-pferd-batterie-ü"
SERVICE = "service"
"""A user who may sign in in the name of every other one."""
USER = "care@shop.example"

_CONFIG = """
protocols = imap
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
instance_name = workbench-test
ssl = yes
ssl_cert = <{base}/server.pem
ssl_key = <{base}/server.key
disable_plaintext_auth = no
auth_mechanisms = plain
mail_location = maildir:{base}/mail
first_valid_uid = 1
default_login_user = {login_user}
default_internal_user = {internal_user}
default_internal_group = {internal_group}
mail_fsync = never
passdb {{
  driver = passwd-file
  args = {base}/masters
  master = yes
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Junk {{
    special_use = \\Junk
    auto = create
  }}
  mailbox Gesendet {{
    special_use = \\Sent
    auto = create
  }}
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A running server; ``ca_file`` is the authority its certificate comes from."""

    base: Path
    port: int
    tls_port: int
    uid: int
    gid: int

    @property
    def ca_file(self) -> str:
        return str(self.base / "server.pem")

    def client(self) -> imaplib.IMAP4:
        """A second client, for changing what lies there."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        return client

    def add(self, mails: list[bytes], folder: str = "INBOX", received_at: datetime | None = None) -> None:
        """Append mails as a client does."""
        client = self.client()
        if folder != "INBOX":
            client.create(f'"{folder}"')
        when = imaplib.Time2Internaldate(received_at) if received_at else None
        for mail in mails:
            assert client.append(f'"{folder}"', "", when, mail)[0] == "OK"
        client.logout()

    def drop_in(self, mails: list[bytes], folder: str) -> None:
        """Put many mails into a folder's Maildir at once, as a delivery agent does."""
        client = self.client()
        client.create(f'"{folder}"')
        client.logout()
        maildir = self.base / "mail" / f".{folder}"
        for index, mail in enumerate(mails):
            path = maildir / "cur" / f"{1_700_000_000 + index}.M{index}P1.host:2,"
            path.write_bytes(mail)
            os.chown(path, self.uid, self.gid)

    def clear(self) -> None:
        """Empty the account."""
        client = self.client()
        for line in client.list()[1]:
            name = line.decode().partition(' "/" ')[2].strip('"')
            if name not in {"INBOX", "Junk", "Gesendet"}:
                client.delete(f'"{name}"')
        for name in ("INBOX", "Junk", "Gesendet"):
            client.select(name)
            client.uid("STORE", "1:*", "+FLAGS", r"(\Deleted)")
            client.expunge()
        client.logout()


@contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    """Start the server, wait until it greets, stop it and remove all of it afterwards."""
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    assert program, "dovecot is missing: apt-get install dovecot-imapd"
    # Not pytest's folder: the mail process runs as another user, who may not pass through it.
    base = Path(tempfile.mkdtemp(prefix="workbench-dovecot-"))
    base.chmod(0o755)
    root = os.geteuid() == 0
    owner = pwd.getpwnam("mail") if root else pwd.getpwuid(os.geteuid())
    for name in ("mail", "home"):
        (base / name).mkdir()
        os.chown(base / name, owner.pw_uid, owner.pw_gid)
    make_certificate(base)
    port, tls_port = _free_port(), _free_port()
    config = base / "dovecot.conf"
    config.write_text(
        _CONFIG.format(
            base=base, port=port, tls_port=tls_port, password=PASSWORD, uid=owner.pw_uid, gid=owner.pw_gid,
            login_user="dovenull" if root else owner.pw_name,
            internal_user="dovecot" if root else owner.pw_name,
            internal_group="dovecot" if root else owner.pw_gid,
        ),
        "utf-8",
    )  # fmt: skip
    (base / "masters").write_text(f"{SERVICE}:{{PLAIN}}{PASSWORD}\n", "utf-8")
    process = subprocess.Popen([program, "-F", "-c", str(config)], stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, process, base)
        yield Dovecot(base, port, tls_port, owner.pw_uid, owner.pw_gid)
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(base)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], base: Path) -> None:
    for _ in range(200):
        assert process.poll() is None, (base / "log").read_text() if (base / "log").exists() else "no log"
        try:
            imaplib.IMAP4("127.0.0.1", port, timeout=5).logout()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError((base / "log").read_text())
