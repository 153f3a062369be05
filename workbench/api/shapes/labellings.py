"""Labellings: what a program says of the labels of a message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from workbench.api.shapes.annotated import GROUP, Group
from workbench.api.shapes.datasets import check_group
from workbench.api.shapes.labels import Label, joined, split_name
from workbench.domain import Labelling
from workbench.errors import UnsupportedError


class GroupLabels(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """All that is said of the labels of one group; ``predicted`` is passed over, as what models say is not said here."""

    group: Group = GROUP
    assigned: list[Label] | None = None
    dismissed: list[Label] | None = None
    predicted: list[Any] | None = None
    uninformative: Any = None


class NewEntities(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is said of fields: nothing can be kept yet; ``predicted`` is passed over."""

    assigned: list[Any] | None = None
    dismissed: list[Any] | None = None
    predicted: list[Any] | None = None


class Capture(msgspec.Struct, kw_only=True):
    """The fields that belong together in one occurrence of a label."""

    fields: list[Any] | None = None


class LabelForm(msgspec.Struct, kw_only=True):
    """A label that applies, with what was found for it."""

    label: Label
    captures: list[Capture] | None = None


class GroupForms(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Labels that apply, with what was found for them; ``predicted`` is passed over."""

    group: Group = GROUP
    assigned: list[LabelForm] | None = None
    dismissed: list[LabelForm] | None = None
    drafted: list[Any] | None = None
    predicted: list[Any] | None = None


class NewLabelling(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What stands on a message from now on; what is left out stays as it is."""

    labelling: list[GroupLabels] | None = None
    entities: NewEntities | None = None
    moon_forms: list[GroupForms] | None = None
    context: str | None = None
    uninformative: Any = None


def labelling_of(given: NewLabelling, dismissed: Sequence[str]) -> Labelling | None:
    """What is to stand on a message, None = its labels stay as they are.

    Parameters
    ----------
    dismissed
        Labels that stand dismissed on it, which forms say nothing of.

    Raises
    ------
    UnsupportedError
        Something is said that cannot be kept yet; the text names it.
    LabelPathError
        A name is none.
    """
    _refuse_unkept(given)
    groups, forms = given.labelling or [], given.moon_forms or []
    if not groups and not forms:
        return None
    for name in (*(one.group for one in groups), *(one.group for one in forms)):
        check_group(name)
    assigned = [label for one in groups for label in one.assigned or ()]
    assigned += [form.label for one in forms for form in one.assigned or ()]
    named = {joined(split_name(label.name)): label.sentiment for label in assigned}
    if groups:
        said = (joined(split_name(label.name)) for one in groups for label in one.dismissed or ())
        refused = tuple(dict.fromkeys(said))
    else:
        refused = tuple(name for name in dismissed if name not in named)
    return Labelling(assigned=tuple(named), dismissed=refused, sentiments=named)


def _refuse_unkept(given: NewLabelling) -> None:
    entities = given.entities
    if entities is not None and (entities.assigned or entities.dismissed):
        raise _unkept("entities")
    for one in given.moon_forms or ():
        if one.dismissed or one.drafted:
            raise _unkept("moon_forms: dismissed, drafted")
        for form in one.assigned or ():
            if any(capture.fields for capture in form.captures or ()):
                raise _unkept("moon_forms: captures with fields")
    if given.context:
        raise _unkept("context")
    if given.uninformative or any(one.uninformative for one in given.labelling or ()):
        raise _unkept("uninformative")


def _unkept(key: str) -> UnsupportedError:
    return UnsupportedError(
        f"{key!r} cannot be kept here yet; nothing was stored.",
        next_step="Leave it out, or empty.",
        details={"key": key},
    )
