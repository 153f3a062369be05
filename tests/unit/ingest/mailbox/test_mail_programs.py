"""Pages as common mail programs write them: the new text, the signature, the history."""

from __future__ import annotations

import pytest

from tests.mails import HEAD, part, read_mail

REPLY = HEAD.replace("Subject: Late", "In-Reply-To: <6@carrier.example>\nSubject: Re: Late")

GMAIL = """<div dir="ltr"><div>Thank you, it came today.</div><div><br></div><div>Could you refund the fee?</div><div><br clear="all">
<div><div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature"><div dir="ltr">Kim M&uuml;ller<div>Shop Ltd</div></div></div></div></div></div><br>
<div class="gmail_quote"><div dir="ltr" class="gmail_attr">{introduction}<br></div>
<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><div>Is it there now?</div>
<blockquote class="gmail_quote"><p>Where is it?</p></blockquote></blockquote></div>"""

OUTLOOK = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!-- p.MsoNormal {{margin:0cm}} --></style></head>
<body lang="EN-GB"><div class="WordSection1"><p class="MsoNormal">Thank you, it came today.<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p>
<p class="MsoNormal">Could you refund the fee?<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">{closing},<o:p></o:p></p>
<p class="MsoNormal"><b>Kim M&uuml;ller</b><o:p></o:p></p><p class="MsoNormal">Shop Ltd<o:p></o:p></p>
<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">{header}<o:p></o:p></p></div></div>
<p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">Is it there now?<o:p></o:p></p></div></body></html>"""

APPLE = """<html><head></head><body style="word-wrap: break-word;">Thank you, it came today.<div><br></div><div>Could you refund the fee?<br><div>
<br class=""></div><div>Kim</div><div><br><blockquote type="cite"><div>{introduction}</div><br class="Apple-interchange-newline"><div>Is it there now?</div>
</blockquote></div></div></body></html>"""

THUNDERBIRD = """<html><head><meta http-equiv="content-type" content="text/html; charset=UTF-8"></head><body>
<div class="moz-cite-prefix">{introduction}<br></div><blockquote type="cite" cite="mid:6@carrier.example"><p>Is it there now?</p></blockquote>
<p>Thank you, it came today.</p><p>Could you refund the fee?</p><div class="moz-signature">-- <br>Kim M&uuml;ller<br>Shop Ltd</div></body></html>"""

INTRODUCTIONS = [
    "On Tue, Mar 5, 2024 at 10:15 AM Care &lt;<a href='mailto:help@carrier.example'>help@carrier.example</a>&gt; wrote:",
    "Am Di., 5. März 2024 um 10:15 Uhr schrieb Care &lt;help@carrier.example&gt;:",
    "Le mar. 5 mars 2024 à 10:15, Care &lt;help@carrier.example&gt; a écrit&nbsp;:",
    "El mar, 5 mar 2024 a las 10:15, Care (&lt;help@carrier.example&gt;) escribió:",
    "Il giorno mar 5 mar 2024 alle ore 10:15 Care &lt;help@carrier.example&gt; ha scritto:",
    "Op di 5 mrt 2024 om 10:15 schreef Care &lt;help@carrier.example&gt;:",
    "Care &lt;help@carrier.example&gt; escreveu (terça, 5/03/2024 à(s) 10:15):",
]
HEADERS = {
    "Best regards": ("From", "Sent", "To", "Subject"),
    "Mit freundlichen Grüßen": ("Von", "Gesendet", "An", "Betreff"),
    "Cordialement": ("De", "Envoyé", "À", "Objet"),
    "Saludos cordiales": ("De", "Enviado el", "Para", "Asunto"),
    "Cordiali saluti": ("Da", "Inviato", "A", "Oggetto"),
    "Met vriendelijke groet": ("Van", "Verzonden", "Aan", "Onderwerp"),
    "Atenciosamente": ("De", "Enviada em", "Para", "Assunto"),
}


def assert_separated(page: str) -> None:
    mail = read_mail(REPLY + part("text/html; charset=utf-8", page))
    assert [line for line in mail.body.split("\n") if line] == [
        "Thank you, it came today.",
        "Could you refund the fee?",
    ]
    assert "Kim" in mail.signature
    assert "Is it there now?" in mail.full_text
    assert "Is it there now?" not in mail.body + mail.signature


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
@pytest.mark.parametrize("page", [GMAIL, APPLE, THUNDERBIRD], ids=["gmail", "apple", "thunderbird"])
def test_introduced_history(page: str, introduction: str) -> None:
    assert_separated(page.format(introduction=introduction))


@pytest.mark.parametrize("closing", HEADERS)
@pytest.mark.parametrize("space", ["", "&nbsp;"])
def test_copied_header(closing: str, space: str) -> None:
    values = ("Care &lt;help@carrier.example&gt;", "05 March 2024 10:15", "Kim", "Late parcel")
    header = "<br>".join(
        f"<b>{key}{space}:</b> {value}" for key, value in zip(HEADERS[closing], values, strict=True)
    )
    assert_separated(OUTLOOK.format(closing=closing, header=header))


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_the_same_as_plain_text(introduction: str) -> None:
    import html
    import re

    plain = html.unescape(re.sub("<[^>]+>", "", introduction))
    text = f"Thank you, it came today.\n\nCould you refund the fee?\n\nKim\n\n{plain}\n\n> Is it there now?"
    mail = read_mail(REPLY + part("text/plain; charset=utf-8", text))
    assert mail.body == "Thank you, it came today.\n\nCould you refund the fee?"
    assert mail.signature == "Kim"
