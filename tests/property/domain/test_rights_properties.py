"""Laws of rights: closed, growing with every role, never grown by narrowing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workbench.domain import ALL_PERMISSIONS, Grants, Permission, Role, grants_of, with_included
from workbench.domain.people import narrowed
from workbench.domain.rights import RIGHTS

PROJECTS = ("demo", "other", "third")
permissions = st.frozensets(st.sampled_from(sorted(ALL_PERMISSIONS)), max_size=6)
listed = st.none() | permissions
places = st.none() | st.frozensets(st.sampled_from(PROJECTS))
given_roles = st.lists(
    st.tuples(
        permissions.map(lambda held: Role(name="r", title="R", scope="tenant", permissions=tuple(held))),
        st.none() | st.sampled_from(PROJECTS),
    ),
    max_size=5,
)


def everything_in(grants: Grants) -> dict[str | None, frozenset[Permission]]:
    return {
        place: frozenset(p for p in ALL_PERMISSIONS if grants.may(p, place)) for place in (None, *PROJECTS)
    }


@given(permissions, permissions)
def test_inclusion_is_a_closure(some: frozenset[Permission], more: frozenset[Permission]) -> None:
    closed = with_included(some)
    assert some <= closed == with_included(closed)
    assert closed <= with_included(some | more)
    assert with_included(some | more) == closed | with_included(more)


@given(given_roles, given_roles)
def test_roles_add_up_and_take_nothing_away(
    some: list[tuple[Role, str | None]], more: list[tuple[Role, str | None]]
) -> None:
    before, after = everything_in(grants_of(some)), everything_in(grants_of(some + more))
    for place, held in before.items():
        assert held <= after[place]
        assert held == with_included(held)
        assert before[None] <= held


@given(given_roles, listed, places)
def test_narrowing_takes_away_and_stays_closed(
    some: list[tuple[Role, str | None]],
    wanted: frozenset[Permission] | None,
    where: frozenset[str] | None,
) -> None:
    grants = grants_of(some)
    less = narrowed(grants, permissions=wanted, projects=where)
    before, after = everything_in(grants), everything_in(less)
    for place, held in after.items():
        assert held <= before[place]
        assert held == with_included(held)
        assert wanted is None or held <= with_included(wanted)
    if where is not None:
        assert not after[None]
        assert not any(RIGHTS[p].scope == "tenant" for held in less.projects.values() for p in held)
        assert all(not after[place] for place in set(PROJECTS) - where)
    assert narrowed(less, permissions=wanted, projects=where) == less
    if wanted is None and where is None:
        assert less == grants


@given(given_roles, permissions)
def test_a_token_for_some_things_does_all_of_them_that_its_user_does(
    some: list[tuple[Role, str | None]], wanted: frozenset[Permission]
) -> None:
    grants = grants_of(some)
    less = everything_in(narrowed(grants, permissions=wanted))
    for place, held in everything_in(grants).items():
        assert held & with_included(wanted) == less[place]
