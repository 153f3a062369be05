"""The owner as a ``Door``: the gate signs people in with the right of the server that the operator started."""

from __future__ import annotations

from collections.abc import Callable

from workbench.domain import Operations
from workbench.errors import AccessError
from workbench.gate.door import Admission
from workbench.wire import Call, Reply, remote_operations

_CHANNEL = "panel"


class OwnerDoor:
    """Asks the owner over its socket.

    Parameters
    ----------
    ask
        Hands one call to the owner and returns its reply; a call without a token is the operator's.
    """

    def __init__(self, ask: Callable[[Call], Reply]) -> None:
        self._ask = ask

    def sign_in(self, name: str, password: str, code: str) -> Admission:
        """Sign in with a password."""
        return self._as("").sign_in(name, password, code)

    def sign_in_external(self, provider: str, subject: str, email: str, name: str) -> Admission:
        """Sign in somebody for whom an identity provider has vouched."""
        return self._as("").sign_in_external(provider, subject, email, name)

    def sign_out(self, token: str) -> None:
        """End a session; one that has ended already is no error."""
        try:
            self._as(token).sign_out()
        except AccessError:
            return

    def still_in(self, token: str) -> bool:
        """Whether the owner still knows the session."""
        try:
            self._as(token).my_rights()
        except AccessError:
            return False
        return True

    def set_password(self, token: str, old: str, new: str) -> None:
        """Change one's own password."""
        self._as(token).set_password(new, old)

    def _as(self, token: str) -> Operations:
        return remote_operations(self._ask, channel=_CHANNEL, token=token)
