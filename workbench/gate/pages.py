"""The gate's own pages: signing in, signing out, and what went wrong. They need no script."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.charts import Theme

STYLE_PATH = "/sign-style.css"
_LOGO = (
    '<svg viewBox="0 0 20 20" aria-hidden="true"><circle cx="5" cy="6" r="2.6"/><circle cx="14" cy="4.5" r="1.7"/>'
    '<circle cx="12" cy="12.5" r="3.4"/><circle cx="4.5" cy="15" r="1.5"/></svg>'
)


def style(theme: str = "auto") -> str:
    """The style sheet, in the colours of the apps.

    Parameters
    ----------
    theme
        ``"light"``, ``"dark"``, or ``"auto"`` (as the visitor's system is set).
    """
    from workbench.charts import (  # noqa: PLC0415 - heavy, and processes import this room only to confine
        DARK,
        FONT,
        LIGHT,
    )

    first = _colours(DARK if theme == "dark" else LIGHT, "dark" if theme == "dark" else "light")
    more = f"@media (prefers-color-scheme: dark) {{ {_colours(DARK, 'dark')} }}" if theme == "auto" else ""
    return f"""{first}
{more}
* {{ box-sizing: border-box; }}
body {{ margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 {FONT}; }}
main {{ max-width: 420px; margin: 0 auto; padding: clamp(24px, 11vh, 120px) 20px 40px; }}
.brand svg {{ width: 34px; height: 34px; fill: var(--accent); }}
h1 {{ margin: 8px 0 4px; font-size: 26px; line-height: 1.25; font-weight: 650; letter-spacing: -.015em; }}
p {{ margin: 0 0 20px; color: var(--muted); }}
form {{ display: grid; gap: 14px; padding: 20px; background: var(--sheet); border: 1px solid var(--line); border-radius: 10px; }}
form + form {{ margin-top: 14px; }}
label {{ display: grid; gap: 4px; font-weight: 550; }}
label small {{ font-weight: 400; color: var(--muted); }}
input {{ font: inherit; color: inherit; background: var(--page); border: 1px solid var(--axis); border-radius: 6px; padding: 8px 10px; width: 100%; }}
button, a.button {{ font: inherit; font-weight: 600; text-align: center; text-decoration: none; padding: 9px 14px; border-radius: 6px; border: 1px solid var(--accent); background: var(--accent); color: var(--sheet); cursor: pointer; }}
button.second {{ background: none; color: var(--accent); }}
input:focus-visible, button:focus-visible, a:focus-visible {{ outline: 2px solid var(--accent); outline-offset: 2px; }}
[role=alert] {{ margin: 0 0 16px; padding: 10px 14px; border-left: 4px solid var(--bad); background: var(--sheet); color: var(--ink); overflow-wrap: anywhere; }}
a {{ color: var(--accent); }}
@media (max-width: 480px) {{ main {{ padding-inline: 12px; }} }}
"""


def sign_in_page(*, form_token: str, target: str, name: str = "", fault: str = "", provider: str = "") -> str:
    """The sign-in page.

    Parameters
    ----------
    form_token
        Ties the form to this browser.
    target
        Path to go to afterwards.
    name, fault
        What was typed before, and what was wrong with it.
    provider
        Name of the identity provider; empty = there is none.
    """
    hidden = _hidden(form_token, target)
    focus = ("", " autofocus") if name else (" autofocus", "")
    button = (
        f'<form method="post" action="/sign-in/provider">{hidden}'
        f'<button class="second">Sign in with {html.escape(provider)}</button></form>'
        if provider
        else ""
    )
    return _page(
        "Sign in",
        f"<p>Sign in to reach the apps.</p>{_alert(fault)}"
        f'<form method="post" action="/sign-in">{hidden}'
        f'<label>Name<input name="name" autocomplete="username" required maxlength="200" autocapitalize="none" '
        f'spellcheck="false" value="{html.escape(name)}"{focus[0]}></label>'
        '<label>Password<input name="password" type="password" autocomplete="current-password" required '
        f'maxlength="1024"{focus[1]}></label>'
        "<label>One-time code<small>only if your account asks for one</small>"
        '<input name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="64"></label>'
        f"<button>Sign in</button></form>{button}",
    )


def password_page(*, form_token: str, fault: str = "", must: bool = False) -> str:
    """The page on which somebody sets a new password.

    Parameters
    ----------
    fault
        What was wrong with the last try.
    must
        Nothing else is possible before.
    """
    why = (
        "The password that you were given is for the first time only."
        if must
        else "Other sessions of yours end with it."
    )
    return _page(
        "Set a new password",
        f"<p>{why}</p>{_alert(fault)}"
        f'<form method="post" action="/sign-in/password">{_hidden(form_token, "/")}'
        '<label>Present password<input name="old" type="password" autocomplete="current-password" required '
        'maxlength="1024" autofocus></label>'
        "<label>New password<small>12 characters or more; a sentence is good</small>"
        '<input name="new" type="password" autocomplete="new-password" required maxlength="1024"></label>'
        '<label>New password again<input name="again" type="password" autocomplete="new-password" required '
        'maxlength="1024"></label>'
        "<button>Set password</button></form>",
    )


def sign_out_page(*, form_token: str, username: str) -> str:
    """The page that asks before it signs out."""
    return _page(
        f"Signed in as {username}",
        "<p>Signing out closes your pages and notebooks on this server. What was saved stays.</p>"
        f'<form method="post" action="/sign-out">{_hidden(form_token, "/")}<button autofocus>Sign out</button></form>'
        '<p><br><a href="/">Back to the apps</a> · <a href="/sign-in/password">Set a new password</a></p>',
    )


def fault_page(title: str, next_step: str) -> str:
    """A page that says what went wrong and what to do."""
    return _page(title, f'<p role="status">{html.escape(next_step)}</p><a href="/">To the apps</a>')


def _hidden(form_token: str, target: str) -> str:
    return (
        f'<input type="hidden" name="form" value="{html.escape(form_token)}">'
        f'<input type="hidden" name="next" value="{html.escape(target)}">'
    )


def _alert(fault: str) -> str:
    return f'<div role="alert">{html.escape(fault)}</div>' if fault else ""


def _page(title: str, body: str) -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)} · Workbench</title>"
        f'<link rel="icon" href="data:;base64,="><link rel="stylesheet" href="{STYLE_PATH}"></head>'
        f'<body><main><div class="brand">{_LOGO}</div><h1>{html.escape(title)}</h1>{body}</main></body></html>'
    )


def _colours(theme: Theme, scheme: str) -> str:
    page = "#f6f7f9" if scheme == "light" else "#0e1116"
    return (
        f":root {{ color-scheme: {scheme}; --page: {page}; --sheet: {theme.background}; --ink: {theme.ink}; "
        f"--muted: {theme.muted}; --line: {theme.grid}; --axis: {theme.axis}; --accent: {theme.accent}; "
        f"--bad: {theme.bad}; }}"
    )
