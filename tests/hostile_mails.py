"""Hostile and malformed mails by name; each is a function of a size, so that the work can be compared."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable

from tests.mails import HEAD, multipart, part

Maker = Callable[[int], bytes]


def _with(header: str) -> Maker:
    """A mail whose header value is ``header`` repeated up to the size."""
    name, _, unit = header.partition(": ")
    return lambda n: (f"{name}: " + unit * (n // len(unit) + 1) + "\n\nhello").encode(
        "utf-8", "surrogateescape"
    )


def _body(unit: str, kind: str = "text/plain", *more: str) -> Maker:
    return lambda n: (HEAD + part(kind, unit * (n // len(unit) + 1), *more)).encode(
        "utf-8", "surrogateescape"
    )


def _bytes(unit: bytes, kind: bytes = b"text/plain", more: bytes = b"") -> Maker:
    return lambda n: (
        HEAD.encode() + b"Content-Type: " + kind + b"\n" + more + b"\n" + unit * (n // len(unit) + 1)
    )


def _nested(n: int) -> bytes:
    depth = max(2, n // 60)
    text = "".join(f"Content-Type: multipart/mixed; boundary=b{d}\n\n--b{d}\n" for d in range(depth))
    return (HEAD + text + "\ndeepest").encode()


def _nested_closed(n: int) -> bytes:
    depth = max(2, n // 80)
    opened = "".join(f"Content-Type: multipart/mixed; boundary=b{d}\n\n--b{d}\n" for d in range(depth))
    closed = "".join(f"\n--b{d}--" for d in reversed(range(depth)))
    return (HEAD + opened + "\ndeepest" + closed).encode()


def _nested_mails(n: int) -> bytes:
    return (HEAD + "Content-Type: message/rfc822\n\nSubject: x\n" * max(2, n // 45) + "\ndeepest").encode()


def _many_parts(n: int) -> bytes:
    return (
        HEAD + "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nx\n" * (n // 8) + "--b--\n"
    ).encode()


def _many_delimiters(n: int) -> bytes:
    return (HEAD + "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n" * (n // 4)).encode()


def _many_files(n: int) -> bytes:
    file = "--b\nContent-Type: application/zip; name=a.zip\n\nPK\n"
    return (HEAD + "Content-Type: multipart/mixed; boundary=b\n\n" + file * (n // len(file) + 200)).encode()


def _same_boundary(n: int) -> bytes:
    unit = "--b\nContent-Type: multipart/mixed; boundary=b\n\n"
    return (HEAD + "Content-Type: multipart/mixed; boundary=b\n\n" + unit * (n // len(unit) + 1)).encode()


def _prefixed_boundaries(n: int) -> bytes:
    text = "".join(
        f"--{'b' * d}\nContent-Type: multipart/mixed; boundary={'b' * (d + 1)}\n\n" for d in range(1, 25)
    )
    return (HEAD + "Content-Type: multipart/mixed; boundary=b\n\n" + text * (n // len(text) + 1)).encode()


def _zip_bomb(n: int) -> bytes:
    packed = base64.encodebytes(zlib.compress(b"\0" * (n * 100))).decode()
    file = part("application/zip; name=bomb.zip", packed, "Content-Transfer-Encoding: base64")
    return (HEAD + multipart("mixed", part("text/plain", "see the file"), file)).encode()


def _references(n: int) -> bytes:
    ids = " ".join(f"<{number}@a.example>" for number in range(n // 15))
    return f"Message-ID: <0@a.example>\nReferences: {ids} <0@a.example>\nIn-Reply-To: <0@a.example>\n\nhi".encode()


def _header_lines(n: int) -> bytes:
    return ("".join(f"X-{number}: y\n" for number in range(n // 8)) + HEAD + "\nhello").encode()


def _late_header(n: int) -> bytes:
    return (f"X-Long: {'x' * (n + 70_000)}\n" + HEAD + "\nhello").encode()


def _page(unit: str, before: str = "", after: str = "") -> Maker:
    return lambda n: (HEAD + part("text/html", before + unit * (n // len(unit) + 1) + after)).encode()


def _signed(n: int) -> bytes:
    return (
        HEAD
        + multipart("signed", part("text/plain", "hi " * (n // 3)), part("application/pgp-signature", "x"))
    ).encode()


QP = "Content-Transfer-Encoding: quoted-printable"
B64 = "Content-Transfer-Encoding: base64"

HOSTILE: dict[str, Maker] = {
    # structure
    "nested multiparts": _nested,
    "nested multiparts, closed": _nested_closed,
    "nested mails": _nested_mails,
    "very many parts": _many_parts,
    "delimiters only": _many_delimiters,
    "very many files": _many_files,
    "one boundary at every level": _same_boundary,
    "boundaries that begin alike": _prefixed_boundaries,
    "multipart without boundary": _body("--\nx\n", "multipart/mixed"),
    "multipart with an empty boundary": _body("--\nx\n", 'multipart/mixed; boundary=""'),
    "multipart with a huge boundary": lambda n: (HEAD + part(f"multipart/mixed; boundary={'b' * n}", "x")).encode(),
    "multipart never begun": _body("text\n", "multipart/mixed; boundary=b"),
    "multipart of nothing": lambda n: (HEAD + part("multipart/mixed; boundary=b", "--b--\n" * (n // 6))).encode(),
    "alternative of nothing": _body("\n", "multipart/alternative; boundary=b"),
    "related of nothing": _body("--b\n--b--\n", "multipart/related; boundary=b"),
    "signed of nothing": _body("--b--\n", "multipart/signed; boundary=b"),
    "encrypted": _body("--b\n\nx\n", "multipart/encrypted; boundary=b"),
    "signed, long": _signed,
    "mail within in base64": lambda n: (HEAD + part("message/rfc822", base64.encodebytes(b"Subject: x\n\n" + b"y" * n).decode(), B64)).encode(),
    "partial mail": _body("x", "message/partial; id=1; number=1; total=9"),
    "file on another server": _body("x", "message/external-body; access-type=local-file; name=/etc/passwd"),
    "digest of nothing": _body("--b\n\n", "multipart/digest; boundary=b"),
    # headers
    "long header": _late_header,
    "many header lines": _header_lines,
    "header only": lambda n: ("X: y\n" * (n // 5)).encode(),
    "header folded for ever": lambda n: (HEAD + "X: y\n" + " z\n" * (n // 3) + "\nhello").encode(),
    "blank folded lines": lambda n: (HEAD + "Subject: x\n" + " \n" * (n // 2) + "\nhello").encode(),
    "colons": lambda n: (":" * n + "\n\nhello").encode(),
    "header name without end": lambda n: ("A" * n + "\n\nhello").encode(),
    "no header at all": lambda n: (b"\n" + b"hello " * (n // 6)),
    "nul bytes": lambda n: (HEAD.encode() + b"\0" * n + b"\n\n" + b"a\0b" * (n // 3)),
    "nul bytes in the header": lambda n: b"Sub\0ject: x\nSubject: a\0b\n\n" + b"x" * n,
    "carriage returns": lambda n: (HEAD.replace("\n", "\r") + "\r" + "x\r" * (n // 2)).encode(),
    "mixed line ends": lambda n: (HEAD.replace("\n", "\r\n") + "\n" + "a\rb\r\nc\n\r" * (n // 8)).encode(),
    "duplicate everything": lambda n: (HEAD * (n // len(HEAD) + 2) + "\nhello").encode(),
    "utf-16 as a whole": lambda n: (HEAD + "\nhello " * (n // 7)).encode("utf-16"),
    "random bytes": lambda n: zlib.compress(bytes(range(256)) * n)[:n] * 8,
    "subject of open words": _with("Subject: =?utf-8?q?"),
    "subject of words": _with("Subject: =?utf-8?q?=41?= "),
    "subject of base64 words": _with("Subject: =?utf-8?b?w6k?= "),
    "subject of broken charsets": _with("Subject: =?x-evil-9?q?a?= "),
    "subject of codecs": _with("Subject: =?zlib?b?eJw=?= =?unicode_escape?q?=5Cx41?= =?idna?q?xn--a?= "),
    "subject of spaces": _with("Subject:  "),
    "subject of prefixes": _with("Subject: Re: "),
    "subject of list tags": _with("Subject: [a] "),
    "subject that reverses": _with("Subject: \u202e\u2066"),
    "subject of combining signs": _with("Subject: e\u0301\u0327"),
    "subject of lone surrogates": _with("Subject: \udce2\udcff"),
    "subject that injects": _with("Subject: =?utf-8?q?=0D=0ABcc=3A_x=40y.example?= "),
    "from of comments": _with("From: ("),
    "from of closed comments": _with("From: ()"),
    "from of quotes": _with('From: "'),
    "from of escapes": _with("From: \\"),
    "from of brackets": _with("From: <"),
    "from of at signs": _with("From: @"),
    "from of commas": _with("From: ,"),
    "from of groups": _with("From: a:b;"),
    "from of addresses": _with("From: a@b.example, "),
    "from without spaces": _with("From: a"),
    "from of routes": _with("From: <@a,@b:"),
    "from that injects": lambda n: ('From: "a\r\n Bcc: x@y.example" <a@b.example>\nTo: <script>alert(1)</script>@x\n\n' + "x" * n).encode(),
    "to of very many": lambda n: ("To: " + ", ".join(f"a{i}@b.example" for i in range(n // 15)) + "\n\nhi").encode(),
    "references for ever": _references,
    "references without end": _with("References: <"),
    "references without brackets": _with("References: a"),
    "message-id without end": _with("Message-ID: <a"),
    "message-id of spaces": _with("Message-ID: < >"),
    "message-id that reverses": _with("Message-ID: <\u202ea@b>"),
    "date of digits": _with("Date: 9"),
    "date of words": _with("Date: Tue, "),
    "date of year 0": lambda n: ("Date: Tue, 5 Mar 0000 00:00:00 +0000\n\n" + "x" * n).encode(),
    "date of year 9999": lambda n: ("Date: 31 Dec 9999 23:59:59 -9999\n\n" + "x" * n).encode(),
    "date of zones": lambda n: ("Date: 1 Jan 2024 00:00:00 +" + "9" * n + "\n\nx").encode(),
    "content type of parameters": _with("Content-Type: text/plain; a=b; "),
    "content type of quotes": _with('Content-Type: text/plain; a="\\'),
    "content type of pieces": _with("Content-Type: text/plain; name*0*=a; name*1=b; "),
    "content type of semicolons": _with("Content-Type: text/plain;"),
    "content type of spaces": _with("Content-Type: text/plain;  "),
    "content type of equals": _with("Content-Type: text/plain; ="),
    "content type of slashes": _with("Content-Type: /"),
    # encodings
    "soft breaks": _body("=\n", "text/plain", QP),
    "broken quoted-printable": _body("=Z=", "text/plain", QP),
    "equals signs": _body("=", "text/plain", QP),
    "broken base64": _body("QUJ=", "text/plain", B64),
    "no base64": _body("!%&", "text/plain", B64),
    "padding only": _body("=", "text/plain", B64),
    "broken uuencode": _body("begin 644 a\nM!\n", "text/plain", "Content-Transfer-Encoding: x-uuencode"),
    "unknown encoding": _body("x", "text/plain", "Content-Transfer-Encoding: quantum"),
    "unknown charset": _body("caf\u00e9 ", "text/plain; charset=klingon"),
    "dangerous charset": _body("\\x41 ", "text/plain; charset=unicode_escape"),
    "charset of a file": _body("x", "text/plain; charset=../../etc/passwd"),
    "utf-7": _body("+ADw-script+AD4-", "text/plain; charset=utf-7"),
    "broken utf-7": _body("+", "text/plain; charset=utf-7"),
    "broken utf-8": _bytes(b"\xc3\x28\xff\xfe", b"text/plain; charset=utf-8"),
    "broken utf-16": _bytes(b"\xd8\x00\x41", b"text/plain; charset=utf-16"),
    "broken utf-32": _bytes(b"\xff\xff\xff\xff", b"text/plain; charset=utf-32"),
    "broken iso-2022-jp": _bytes(b"\x1b$B\xff", b"text/plain; charset=iso-2022-jp"),
    "control characters": _bytes(bytes(range(32))),
    "zip bomb": _zip_bomb,
    "flowed for ever": _body("a ", "text/plain; format=flowed"),
    "flowed lines": _body("a \n", "text/plain; format=flowed"),
    "flowed quotes": _body("> \n>> \n", "text/plain; format=flowed; delsp=yes"),
    # text
    "quotes": _body("> a\n"), "quote signs": _body(">"), "quote signs and spaces": _body("> "),
    "introductions": _body("On 3 March 2024 10:00 Kim <k@d.example> wrote:\n"),
    "introductions and quotes": _body("2024-03-05 10:00 <a@b>:\n> x\n"),
    "copied headers": _body("From: a\nSent: b\nTo: c\n"),
    "forwards": _body("---------- Forwarded message ---------\nFrom: a\nDate: b\nTo: c\n"),
    "original messages": _body("-----Original Message-----\n"),
    "delimiters": _body("-- \n"), "rules": _body("-----\n"), "one rule": _body("-"), "blank lines": _body("\n"),
    "closings": _body("Regards,\n"), "footnotes": _body("[1] x\n"), "footers": _body("To unsubscribe\n"),
    "bare addresses": _body("a@b.example\n"), "notices": _body("This e-mail is "),
    "reversing text": _body("\u202eabc\u202d"), "isolates": _body("\u2066\u2067"),
    "armour": _body("-----BEGIN PGP MESSAGE-----\n"),
    "no line end": _body("x"), "spaces": _body(" "), "tabs": _body("\t\n"),
    "emoji": _body("\U0001f469\u200d\U0001f469\u200d"),
    # pages
    "script": _page("<script>alert(1)</script>"), "open script": _page("x", before="<script>"),
    "open comments": _page("<!--"), "open comments with ends": _page("<!-- >"), "declarations": _page("<![CDATA[>"),
    "open tags": _page("<a "), "less-than signs": _page("<"), "end tags": _page("</div>"), "open attributes": _page("<a b='"),
    "one huge attribute": _page("x", before="<a b='", after="'>text"),
    "block quotes": _page("<blockquote type=cite>"), "closed block quotes": _page("<blockquote type=cite>x</blockquote>"),
    "hidden": _page("<div style='display:none'>"), "hidden and closed": _page("<div style=display:none>x</div>"),
    "preformatted": _page("<pre>\n"), "tables": _page("<table><tr><td>"), "list items": _page("<li>"), "breaks": _page("<br>"),
    "entities": _page("&amp;"), "huge entity": _page("9", before="&#", after=";text"), "hex entities": _page("&#x110000;"),
    "entities of control": _page("&#0;&#8;&#xD800;"), "ampersands": _page("&"), "signatures": _page("<p class=gmail_signature>"),
    "heads": _page("<head>"), "titles": _page("<title>"), "styles": _page("<style>"), "svg": _page("<svg>"),
    "text areas": _page("<textarea>"), "styles of styles": _page("<b style='font-size:'>x"),
    "nul in tags": _page("<\0b>x"), "processing instructions": _page("<?xml ?>"),
    "calendar": _body("SUMMARY:x\n ", "text/calendar"),
    "calendar of escapes": _body("DESCRIPTION:\\n\\,\\;\\\\", "text/calendar"),
}  # fmt: skip
