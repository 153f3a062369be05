"""Conditions on addresses as SQL: of people and of properties that hold an address."""

from __future__ import annotations

from collections.abc import Callable

from workbench.domain import AddressFilter, address_of
from workbench.domain.conditions import lowered

Bind = Callable[[object], str]
_LOOKED_AT = 4
"""Values of which each is looked for in the whole text before the text is taken apart."""


def address_sql(text: str) -> str:
    """``workbench.domain.address_of`` in SQL."""
    inside = rf"regexp_replace({text}, '(?s)^.*<([^>]*).*$', '\1')"
    return rf"replace(lower(trim({inside}, E' \t\r\n')), 'ς', 'σ')"


def domain_sql(text: str) -> str:
    """``workbench.domain.domain_of`` in SQL."""
    address = address_sql(text)
    return f"CASE WHEN contains({address}, '@') THEN regexp_extract({address}, '[^@]*$') ELSE '' END"


def person(column: str, condition: AddressFilter, bind: Bind) -> str:
    """A condition on a column that holds one address, or none."""
    is_missing = f"(coalesce(m.{column}, '') = '')"
    if condition.missing == "only":
        return is_missing
    parts = address_parts(
        condition, bind, whole=f"m.{column}", any_of=lambda listed, made: f"list_contains({listed}, {made})"
    )
    return _unless_missing(is_missing, parts, condition)


def people(listed_as: str, condition: AddressFilter, bind: Bind) -> str:
    """A condition on a list of addresses (SQL; NULL is none); one of them is enough."""
    is_missing = f"(coalesce(len({listed_as}), 0) = 0)"
    if condition.missing == "only":
        return is_missing

    def any_of(listed: str, made: str) -> str:
        return f"len(list_filter({listed_as}, lambda x: list_contains({listed}, {made}))) > 0"

    parts = address_parts(
        condition, bind, whole=f"array_to_string({listed_as}, E'\\n')", any_of=any_of, one="x"
    )
    return _unless_missing(is_missing, parts, condition)


def address_parts(
    condition: AddressFilter, bind: Bind, *, whole: str, any_of: Callable[[str, str], str], one: str = ""
) -> list[str]:
    """What must hold of a text that is there: ``whole`` is all of it, ``one`` each address of several."""
    item = one or whole
    parts = []
    for values, made, wanted in (
        ([address_of(value) for value in condition.one_of], address_sql(item), True),
        ([lowered(value.strip()) for value in condition.domain_one_of], domain_sql(item), True),
        ([address_of(value) for value in condition.not_one_of], address_sql(item), False),
        ([lowered(value.strip()) for value in condition.domain_not_one_of], domain_sql(item), False),
    ):
        if values:
            found = _looked_for(values, whole, any_of(bind(values), made), bind)
            parts.append(found if wanted else f"NOT ({found})")
    return parts


def _looked_for(values: list[str], whole: str, exact: str, bind: Bind) -> str:
    """``exact``, which takes a text apart, only where one of few values occurs in the text at all."""
    if len(values) > _LOOKED_AT or not all(values):
        return exact
    text = f"replace(lower({whole}), 'ς', 'σ')"
    occurs = " OR ".join(f"contains({text}, {bind(value)})" for value in values)
    return f"CASE WHEN {occurs} THEN {exact} WHEN {whole} IS NOT NULL THEN FALSE END"


def _unless_missing(is_missing: str, parts: list[str], condition: AddressFilter) -> str:
    found = " AND ".join(parts) or "TRUE"
    return f"CASE WHEN {is_missing} THEN {str(condition.passes_missing).upper()} ELSE {found} END"
