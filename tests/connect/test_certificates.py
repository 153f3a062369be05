"""TLS of the web services: our own authority is trusted where it is named, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connect.certificates import make_certificate
from tests.connect.ews_server import PASSWORD, EwsServer
from tests.connect.graph_server import SECRET, GraphServer
from tests.connect.services import Service, serving
from workbench.connect import open_connector
from workbench.domain import Secrets
from workbench.domain.connections import Connection, EwsConnection, GraphConnection, Mailbox
from workbench.errors import CertificateError, RemoteProtocolError, UnreachableError

pytestmark = pytest.mark.slow
MAILBOX = Mailbox(address="care@shop.example")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("certificate")
    make_certificate(base)
    return base


@pytest.fixture(params=["graph", "ews"])
def service(request: pytest.FixtureRequest, folder: Path) -> Iterator[Service]:
    if request.param == "ews":
        pytest.importorskip("exchangelib", reason="the extra 'connect' is not installed")
    server = GraphServer() if request.param == "graph" else EwsServer()
    with serving(server, folder):
        yield server


def _connection(service: Service, base: str, ca_file: str = "") -> Connection:
    if isinstance(service, GraphServer):
        return GraphConnection(
            tenant_id="t", client_id="c", endpoint=f"{base}/v1.0", authority=base, ca_file=ca_file
        )
    return EwsConnection(endpoint=f"{base}/EWS/Exchange.asmx", user_name="svc", ca_file=ca_file)


def _folders(connection: Connection) -> set[tuple[str, ...]]:
    connector = open_connector(connection, Secrets(password=PASSWORD, client_secret=SECRET))
    return {folder.path for folder in connector.folders(MAILBOX)}


def test_the_named_authority_is_trusted(service: Service, folder: Path) -> None:
    assert _folders(_connection(service, service.base, str(folder / "server.pem"))) == {("Inbox",)}


def test_without_it_the_certificate_is_refused_before_a_secret_is_sent(service: Service) -> None:
    with pytest.raises(CertificateError, match="self-signed"):
        _folders(_connection(service, service.base))
    assert service.heard == []


def test_a_certificate_for_another_name_is_refused(service: Service, folder: Path) -> None:
    base = service.base.replace("127.0.0.1", "127.0.0.2")
    connection = _connection(service, base, str(folder / "server.pem"))
    with pytest.raises((CertificateError, UnreachableError)) as raised:
        _folders(connection)
    assert "127.0.0.2" in raised.value.message
    assert service.heard == []


def test_a_port_that_does_not_speak_tls_says_so(service: Service) -> None:
    plain = type(service)()
    with serving(plain) as base, pytest.raises(RemoteProtocolError, match="is TLS spoken on this port"):
        _folders(_connection(plain, base.replace("http:", "https:")))


def test_nobody_there_is_unreachable(service: Service) -> None:
    gone = type(service)()
    with serving(gone) as base:
        pass
    with pytest.raises(UnreachableError, match="refused"):
        _folders(_connection(gone, base))
