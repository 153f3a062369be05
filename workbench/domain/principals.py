"""Who asks, as the owner of the file found out; never what a caller claims."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbench.domain.rights import EVERYTHING, Grants

PrincipalKind = Literal["local", "operator", "session", "token"]
"""``local``: the person whose file it is, in a workspace without accounts. ``operator``: the same person, or the server
they started, where there are accounts. ``session``: somebody who signed in. ``token``: an API token."""


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Somebody who was recognised.

    Attributes
    ----------
    name
        As ledger, audit log and reviews write it.
    credential_id
        Id of the session or token that was presented, empty for the person whose file it is. Not a secret.
    """

    name: str
    grants: Grants = EVERYTHING
    kind: PrincipalKind = "local"
    credential_id: str = ""
