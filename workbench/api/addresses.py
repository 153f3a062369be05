"""How addresses are spelled: the spellings that clients use, brought to the one that is routed.

A resource of a project is ``<owner>/<name>``: two segments, or one with ``%2F`` in it, which a server decodes to the
same path; ``id:<16 hex digits>`` stands for both. An address may begin with ``/<org>/<tenant>/reinfer_`` and end with a
slash.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.types import ASGIApp, Receive, Scope, Send

from workbench.api.envelope import failure

NAME = "^[A-Za-z0-9_-]{1,256}$"
ID = "^[0-9a-f]{16}$"
RESOURCES = ("source", "dataset", "bucket", "integration")
"""Path parameters that stand for a resource of a project."""

_BROKEN = "\N{REPLACEMENT CHARACTER}"
"""What a server puts where an address is not UTF-8: two such addresses would name the same thing."""
_PARAMETER = re.compile(r"\{(\w+)\}")
_LABELLED = re.compile(r"/labels/[^/]+/[^/]")
_PREFIX = re.compile(r"^/[^/]+/[^/]+/reinfer_(?=/)")


def spellings(path: str, *, by_id: bool = True) -> tuple[str, ...]:
    """The paths of an address; one with ``{source}`` is there by name and, unless it is not to be, by id."""
    for resource in RESOURCES:
        if f"{{{resource}}}" in path:
            named = path.replace(f"{{{resource}}}", f"{{owner}}/{{{resource}}}")
            return (named, path.replace(f"{{{resource}}}", f"id:{{{resource}_id}}")) if by_id else (named,)
    return (path,)


class _Owner(StringConvertor):
    regex = "(?!id:)[^/]+"


class _Version(StringConvertor):
    """What is asked of the versions of a dataset stands at the place of a version."""

    regex = "(?!(?:predict|status|train)(?:/|$))[^/]+"


class _Label(StringConvertor):
    """The rest of an address: names of labels hold slashes, and a server decodes ``%2F`` before anything is routed."""

    regex = ".+"


for _name, _kind in (("owner", _Owner), ("version", _Version), ("label", _Label)):
    register_url_convertor(_name, _kind())


def routed(path: str) -> str:
    """A path as it is routed: no owner begins with ``id:``, a word is no version, and a label may hold a slash."""
    for name in ("owner", "version", "label"):
        path = path.replace(f"{{{name}}}", f"{{{name}:{name}}}")
    return path


def patterns(path: str, names: Mapping[str, str]) -> dict[str, str]:
    """Pattern of each parameter of a path; those of resources are known."""
    known = {
        "owner": NAME,
        **dict.fromkeys(RESOURCES, NAME),
        **{f"{resource}_id": ID for resource in RESOURCES},
        **names,
    }
    return {name: known[name] for name in _PARAMETER.findall(path)}


def routing_order(path: str) -> tuple[int, ...]:
    """Sorts paths so that the first that matches is meant: words before ids before parameters."""

    def rank(segment: str) -> int:
        if "{" not in segment:
            return 0
        return 1 if segment.startswith("id:") else 2

    return tuple(rank(segment) for segment in path.split("/"))


def _is_text(raw_path: bytes) -> bool:
    try:
        unquote_to_bytes(raw_path).decode()
    except UnicodeDecodeError:
        return False
    return True


def _ends_in_a_label(path: str, raw_path: bytes) -> bool:
    """Whether the last slash of an address belongs to the name of a label."""
    return bool(_LABELLED.search(path)) and raw_path.upper().endswith(b"%2F")


class Spelling:
    """Takes the prefix and the last slash off, before anything is routed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on under the spelling that is routed."""
        if scope["type"] == "http":
            if _BROKEN in scope["path"] and not _is_text(scope.get("raw_path", b"")):
                refused = failure(400, "the address is not UTF-8. Encode it once, as UTF-8.")
                await refused(scope, receive, send)
                return
            path = _PREFIX.sub("", scope["path"])
            if not _ends_in_a_label(path, scope.get("raw_path", b"")):
                path = path.rstrip("/") or "/"
            scope["path"] = path
        await self._app(scope, receive, send)
