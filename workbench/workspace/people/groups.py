"""Groups: users who are given roles together."""

from __future__ import annotations

from workbench.domain.ids import check_name
from workbench.domain.people import Group
from workbench.errors import ConfirmationError, DuplicateNameError
from workbench.store import Session
from workbench.workspace.catalog import check_texts
from workbench.workspace.context import Caller
from workbench.workspace.people.standing import keep_an_administrator


def groups(caller: Caller) -> tuple[Group, ...]:
    """Groups, by name."""
    with caller.store.read() as session:
        return session.users.groups()


def create_group(caller: Caller, name: str, title: str = "", members: tuple[str, ...] = ()) -> Group:
    """Create a group."""
    check_name("group", name)
    check_texts(f"group {name}", title, None)
    with caller.store.write(messages=False) as session:
        if any(one.name == name for one in session.users.groups()):
            raise DuplicateNameError("group", name)
        made = Group(
            name=name, title=title or name, created_at=caller.workspace.clock(), created_by=caller.actor
        )
        session.users.add_group(made)
        _set_members(session, name, members)
        caller.audit(session, "create_group", name, members=list(members))
        return session.users.group(name)


def amend_group(
    caller: Caller, name: str, title: str | None = None, members: tuple[str, ...] | None = None
) -> Group:
    """Change title or members."""
    check_texts(f"group {name}", title, None)
    with caller.store.write(messages=False) as session:
        session.users.group(name)
        if title is not None:
            session.users.amend_group(name, title)
        if members is not None:
            _set_members(session, name, members)
            keep_an_administrator(session, f"these members of group {name!r}")
        caller.audit(session, "amend_group", name, members=None if members is None else list(members))
        return session.users.group(name)


def delete_group(caller: Caller, name: str, confirm: str) -> Group:
    """Delete a group and take its roles away; its members stay users."""
    with caller.store.write(messages=False) as session:
        found = session.users.group(name)
        if confirm != name:
            raise ConfirmationError("group", name, confirm)
        session.roles.take_all("group", name)
        session.users.drop_group(name)
        keep_an_administrator(session, f"deleting group {name!r}")
        caller.audit(session, "delete_group", name, members=list(found.members))
    return found


def _set_members(session: Session, name: str, members: tuple[str, ...]) -> None:
    session.users.set_members(name, [session.users.get(one).user_id for one in members])
