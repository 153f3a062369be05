"""``format=flowed`` (RFC 3676): lines that a program broke are put together again."""

from __future__ import annotations


def unflow(text: str, *, delete_space: bool = False) -> str:
    """Join the soft-broken lines of ``text``, within one depth of quotes each.

    A quoted line comes back as ``>`` signs, a space, and its text. The signature line ``-- `` is never
    joined. With ``delete_space`` (``DelSp=yes``) the space at the break goes.
    """
    lines: list[str] = []
    held: list[str] = []
    held_depth = 0

    def flush() -> None:
        if held:
            joined = "".join(held)
            lines.append(">" * held_depth + (" " if held_depth and joined else "") + joined)
            held.clear()

    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        if held and depth != held_depth:
            flush()
        held_depth = depth
        if content == "-- " or not content.endswith(" "):
            if content == "-- ":
                flush()
            held.append(content)
            flush()
        else:
            held.append(content[:-1] if delete_space else content)
    flush()
    return "\n".join(lines)
