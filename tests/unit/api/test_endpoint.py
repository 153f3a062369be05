"""Reading requests: bodies, queries, files."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import anyio
import msgspec
import pytest
from starlette.requests import Request

from workbench.api.endpoint import read_body, read_file, read_query
from workbench.errors import InputError


class Several(msgspec.Struct, forbid_unknown_fields=True):
    limit: int = 64
    id: list[str] = []


def request(query: str = "", content_type: str = "") -> Request:
    headers = [(b"content-type", content_type.encode())] if content_type else []
    return Request({"type": "http", "query_string": query.encode(), "headers": headers})


def test_only_a_list_may_be_given_twice() -> None:
    assert read_query(request("id=a&id=b&limit=5"), Several) == Several(limit=5, id=["a", "b"])
    with pytest.raises(InputError, match="'limit' is given twice"):
        read_query(request("limit=5&limit=6"), Several)
    with pytest.raises(InputError, match="Expected `int`"):
        read_query(request("limit=x"), Several)


def test_whole_numbers_may_be_written_as_floats() -> None:
    assert read_body(b'{"limit": 5.0}', Several) == Several(limit=5)
    with pytest.raises(InputError, match="Expected `int`"):
        read_body(b'{"limit": 5.5}', Several)


class Since(msgspec.Struct):
    at: datetime | None = None


def test_a_number_is_no_time() -> None:
    assert read_query(request("at=2026-03-05T09:15:00Z"), Since).at == datetime(2026, 3, 5, 9, 15, tzinfo=UTC)
    with pytest.raises(InputError, match=r"'at' is no time: '0\.5'"):
        read_query(request("at=0.5"), Since)


def read(sent: Request, raw: bytes) -> bytes:
    """Read in a thread of its own: a browser test may have left a loop in this one."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(anyio.run, read_file, sent, raw).result()


def form(*parts: tuple[str, str, bytes]) -> bytes:
    pieces = (
        f'--x\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + content + b"\r\n"
        for name, file, content in parts
    )
    return b"".join(pieces) + b"--x--\r\n"


def test_a_file_comes_as_it_is_or_in_a_form() -> None:
    sent = request(content_type="multipart/form-data; boundary=x")
    raw = form(("file", '; filename="a.wav"', b"RIFF\x00"))
    assert read(sent, raw) == b"RIFF\x00"
    assert read(request(), b"RIFF\x00") == b"RIFF\x00"


@pytest.mark.parametrize(
    ("content_type", "raw", "words"),
    [
        ("multipart/form-data; boundary=x", form(("other", "", b"a")), "the form has no file"),
        ("multipart/form-data; boundary=x", form(("file", "", b"a")), "the form has no file"),
        ("multipart/form-data", b"--x", "the form cannot be read"),
        ("multipart/form-data; boundary=x", b"nothing of the kind", "the form"),
    ],
)
def test_a_form_without_a_file_is_refused(content_type: str, raw: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read(request(content_type=content_type), raw)
