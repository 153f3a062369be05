"""Users and groups. Passwords and the secrets of one-time codes are not here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.domain.ids import UserId
from workbench.domain.people import Group, User
from workbench.errors import UnknownNameError
from workbench.store.cursor import Cursor


@dataclass(frozen=True, kw_only=True)
class Attempts:
    """Failed sign-ins in a row.

    Attributes
    ----------
    locked_until
        No sign-in before then; None = not locked.
    """

    n_failures: int
    last_at: datetime
    locked_until: datetime | None


class Users:
    """Who has an account. A name means whoever has it now, in any case; deleted users are gone but for the name."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def any(self) -> bool:
        """Whether there is one."""
        ((n,),) = self._cursor.rows("user.any")
        return bool(n)

    def all(self) -> tuple[User, ...]:
        """All, by name."""
        return self._found()

    def find(
        self,
        *,
        name: str | None = None,
        user_id: UserId | None = None,
        email: str | None = None,
        external: tuple[str, str] | None = None,
    ) -> User | None:
        """One by name, id, e-mail or by who vouches for them, None when there is none."""
        issuer, external_id = external or (None, None)
        found = self._found(name=name, user_id=user_id, email=email, issuer=issuer, external_id=external_id)
        return found[0] if found else None

    def get(self, name: str) -> User:
        """One by name; ``UnknownNameError`` when there is none."""
        found = self.find(name=name)
        if found is None:
            raise UnknownNameError("user", name[:300], (one.name for one in self.all()))
        return found

    def was_deleted(self, name: str) -> bool:
        """Whether a deleted user had this name."""
        ((n,),) = self._cursor.rows("user.deleted", name=name)
        return bool(n)

    def add(self, user: User) -> None:
        """Insert one, without password and groups."""
        self._cursor.execute(
            "user.add",
            user_id=user.user_id,
            name=user.name,
            email=user.email,
            title=user.title,
            created_at=user.created_at,
            created_by=user.created_by,
            issuer=user.issuer,
            external_id=user.external_id,
        )

    def amend(self, user: User) -> None:
        """Write e-mail, title, whether disabled, and who vouches."""
        self._cursor.execute(
            "user.amend",
            user_id=user.user_id,
            email=user.email,
            title=user.title,
            disabled_at=user.disabled_at,
            issuer=user.issuer,
            external_id=user.external_id,
        )

    def delete(self, user_id: UserId, at: datetime) -> None:
        """Leave nothing but the name."""
        self._cursor.execute("user.drop_members", group_name=None, user_id=user_id)
        self._cursor.execute("user.drop_attempts", user_id=user_id)
        self._cursor.execute("user.delete", user_id=user_id, deleted_at=at)

    def note_password(self, user_id: UserId, *, must_change: bool, at: datetime) -> None:
        """Note that a password was set."""
        self._cursor.execute(
            "user.password_changed",
            user_id=user_id,
            must_change_password=must_change,
            password_changed_at=at,
        )

    def note_code(self, user_id: UserId, *, has_code: bool) -> None:
        """Note whether one-time codes are asked for."""
        self._cursor.execute("user.code_switched", user_id=user_id, has_code=has_code)

    def code_step(self, user_id: UserId) -> int:
        """Time step of the last one-time code that was taken, 0 before the first."""
        row = self._cursor.one("user.code_step", user_id=user_id)
        return int(row[0]) if row else 0

    def use_code(self, user_id: UserId, step: int) -> None:
        """Note that the code of a time step was taken."""
        self._cursor.execute("user.code_used", user_id=user_id, code_step=step)

    # ---- groups

    def groups(self) -> tuple[Group, ...]:
        """Groups by name."""
        return tuple(
            Group(
                name=name,
                title=title,
                members=tuple(members or ()),
                created_at=created_at,
                created_by=created_by,
            )
            for name, title, created_at, created_by, members in self._cursor.rows("user.groups")
        )

    def group(self, name: str) -> Group:
        """One group; ``UnknownNameError`` when there is none."""
        known = {one.name: one for one in self.groups()}
        if name not in known:
            raise UnknownNameError("group", name[:300], known)
        return known[name]

    def add_group(self, group: Group) -> None:
        """Insert a group, without members."""
        self._cursor.execute(
            "user.add_group",
            name=group.name,
            title=group.title,
            created_at=group.created_at,
            created_by=group.created_by,
        )

    def amend_group(self, name: str, title: str) -> None:
        """Change its title."""
        self._cursor.execute("user.amend_group", name=name, title=title)

    def set_members(self, name: str, user_ids: Iterable[UserId]) -> None:
        """Make these the members of a group."""
        self._cursor.execute("user.drop_members", group_name=name, user_id=None)
        for user_id in dict.fromkeys(user_ids):
            self._cursor.execute("user.add_member", group_name=name, user_id=user_id)

    def drop_group(self, name: str) -> None:
        """Remove a group with its members."""
        self.set_members(name, ())
        self._cursor.execute("user.drop_group", name=name)

    def _found(self, **asked: str | None) -> tuple[User, ...]:
        wanted = dict.fromkeys(("user_id", "name", "email", "issuer", "external_id")) | asked
        return tuple(_user(row) for row in self._cursor.rows("user.list", **wanted))


class SignIns:
    """Good and failed sign-ins. Apart, since they change what nobody may do."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def note_success(self, user_id: str, at: datetime) -> None:
        """Note a sign-in, and forget failures."""
        self._cursor.execute("user.signed_in", user_id=user_id, at=at)
        self.put(user_id, None)

    def attempts(self, user_id: str) -> Attempts | None:
        """Failed sign-ins since the last good one, None without."""
        row = self._cursor.one("user.attempt", user_id=user_id)
        return None if row is None else Attempts(n_failures=row[0], last_at=row[1], locked_until=row[2])

    def put(self, user_id: str, attempts: Attempts | None) -> None:
        """Note failed sign-ins, None = forget them."""
        self._cursor.execute("user.drop_attempts", user_id=user_id)
        if attempts is not None:
            self._cursor.execute(
                "user.put_attempt",
                user_id=user_id,
                n_failures=attempts.n_failures,
                last_at=attempts.last_at,
                locked_until=attempts.locked_until,
            )


def _user(row: tuple[Any, ...]) -> User:
    *about, group_names, locked_until = row
    names = (
        "user_id", "name", "email", "title", "created_at", "created_by", "disabled_at", "last_sign_in_at",
        "has_password", "password_changed_at", "must_change_password", "has_code", "issuer", "external_id",
    )  # fmt: skip
    return User(
        **dict(zip(names, about, strict=True)), groups=tuple(group_names or ()), locked_until=locked_until
    )
