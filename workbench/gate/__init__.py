"""The gate of a shared server: sign-in, and the apps and notebooks behind it.

Visitors reach one port. Behind it Voila and one JupyterLab per visitor listen on loopback and answer to the gate
only. The gate knows no rights: it knows who somebody is, hands the session's token to that visitor's kernels, and the
owner of the file decides what they may do.
"""

from __future__ import annotations

from workbench.gate.app import GateRules, make_gate
from workbench.gate.door import Admission, Door
from workbench.gate.labs import LabRules, Labs
from workbench.gate.openid import OpenId, OpenIdSettings
from workbench.gate.origins import Origins
from workbench.gate.owner import OwnerDoor
from workbench.gate.upstream import Upstream

__all__ = [
    "Admission",
    "Door",
    "GateRules",
    "LabRules",
    "Labs",
    "OpenId",
    "OpenIdSettings",
    "Origins",
    "OwnerDoor",
    "Upstream",
    "make_gate",
]
