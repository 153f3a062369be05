"""A taxonomy as a tree of ids: identity is the id, the path follows from where a label hangs.

Pure: every change gives a new tree, and a tree that breaks a rule is never given.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from workbench.domain.ids import LabelId
from workbench.domain.labels import Label, LabelPath, format_path, parse_path
from workbench.errors import DuplicateNameError, InputError, LabelPathError, UnknownNameError

DEEP = 3
"""More levels than this are allowed, and seldom help."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A label in the tree.

    Attributes
    ----------
    parent_id
        None for a root.
    name
        Its own level of the path.
    position
        Place among its siblings; those of equal position stand by name. All 0 = by name alone.
    """

    label_id: LabelId
    parent_id: LabelId | None
    name: str
    position: int = 0
    title: str = ""
    instructions: str = ""
    external_id: str | None = None
    trainable: bool = True


class Tree:
    """Labels by id; ``paths`` are in the order of the tree, every parent before its children."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes: dict[LabelId, Node] = {node.label_id: node for node in nodes}
        self._below: dict[LabelId | None, list[Node]] = {}
        for node in self.nodes.values():
            self._below.setdefault(node.parent_id, []).append(node)
        for siblings in self._below.values():
            siblings.sort(key=lambda node: (node.position, node.name))
        self.paths: dict[LabelId, LabelPath] = {}
        self._walk(None, ())

    @classmethod
    def of(cls, labels: Iterable[Label]) -> Tree:
        """The tree of a taxonomy; a label without its parent hangs from the nearest one above that there is."""
        ids = {label.path: label.label_id for label in labels}
        nodes = []
        for label in labels:
            depth = next((n for n in range(len(label.path) - 1, 0, -1) if label.path[:n] in ids), 0)
            node = Node(
                label_id=label.label_id,
                parent_id=ids[label.path[:depth]] if depth else None,
                name=format_path(label.path[depth:]),
                position=label.position,
                title=label.title,
                instructions=label.instructions,
                external_id=label.external_id,
                trainable=label.trainable,
            )
            nodes.append(node)
        return cls(nodes)

    # ---- reading

    def get(self, label_id: LabelId) -> Node:
        """A label; ``UnknownNameError`` when there is none of that id."""
        if label_id not in self.nodes:
            raise UnknownNameError("label", label_id, self.nodes)
        return self.nodes[label_id]

    def name(self, label_id: LabelId) -> str:
        """``Parent > Child``; empty when there is none of that id."""
        return format_path(self.paths.get(label_id, ()))

    def find(self, path: LabelPath) -> LabelId | None:
        """The label at a path, None without one."""
        return next((label_id for label_id, one in self.paths.items() if one == path), None)

    def children(self, parent_id: LabelId | None) -> tuple[Node, ...]:
        """Children in their order; None = the roots."""
        return tuple(self._below.get(parent_id, ()))

    def subtree(self, label_id: LabelId) -> tuple[LabelId, ...]:
        """A label and all below it, parents first."""
        below = (one for child in self.children(label_id) for one in self.subtree(child.label_id))
        return (label_id, *below)

    def above(self, label_id: LabelId) -> tuple[LabelId, ...]:
        """Ancestors, nearest first."""
        found: list[LabelId] = []
        parent = self.nodes[label_id].parent_id if label_id in self.nodes else None
        while parent is not None:
            found.append(parent)
            parent = self.nodes[parent].parent_id
        return tuple(found)

    def next_position(self, parent_id: LabelId | None) -> int:
        """Where a new child goes: last among those that were put in order, else by its name."""
        last = max((node.position for node in self.children(parent_id)), default=0)
        return last + 1 if last else 0

    def deep(self, label_ids: Iterable[LabelId]) -> tuple[str, ...]:
        """What to warn of."""
        names = [self.name(one) for one in label_ids if len(self.paths.get(one, ())) > DEEP]
        return tuple(f"label {name!r} is more than {DEEP} levels deep." for name in names)

    # ---- changing

    def with_(self, *nodes: Node) -> Tree:
        """Add or replace labels.

        Raises
        ------
        DuplicateNameError
            Two siblings would have one name.
        LabelPathError
            A path would be too long, or a name is not one level.
        InputError
            A label would hang below itself.
        """
        return Tree({**self.nodes, **{node.label_id: node for node in nodes}}.values()).checked(
            {node.label_id for node in nodes}
        )

    def without(self, label_ids: Iterable[LabelId]) -> Tree:
        """Leave labels out; what hangs from them must be left out too, or hung elsewhere before."""
        gone = set(label_ids)
        return Tree(node for node in self.nodes.values() if node.label_id not in gone)

    def moved(self, label_id: LabelId, parent_id: LabelId | None) -> Tree:
        """Hang a label, with what is below it, elsewhere; it comes last there. Raises as ``with_``."""
        node = self.get(label_id)
        if parent_id is not None:
            self.get(parent_id)
        if node.parent_id == parent_id:
            return self
        return self.with_(replace(node, parent_id=parent_id, position=self.next_position(parent_id)))

    def merged(self, label_id: LabelId, into_id: LabelId) -> tuple[Tree, dict[LabelId, LabelId]]:
        """Merge a label into another, children by name; also gives which label each vanished one became.

        Raises
        ------
        InputError
            One lies below the other in a way that leaves no place for it: the target is below the merged label.
        """
        self.get(label_id), self.get(into_id)
        if into_id in self.subtree(label_id):
            raise InputError(
                f"label {self.name(label_id)!r} cannot be merged into {self.name(into_id)!r}, which is not apart from it.",
                next_step="Merge the lower label into the upper one, or move it out first.",
                details={"label": self.name(label_id), "into": self.name(into_id)},
            )
        tree, became = self.fused(label_id, into_id)
        return tree.checked(tree.subtree(into_id)), became

    def returned(self, *nodes: Node) -> tuple[Tree, dict[LabelId, LabelId]]:
        """Bring labels back as they were; one that took the name of one of them since is merged into it."""
        tree = Tree({**self.nodes, **{node.label_id: node for node in nodes}}.values())
        became: dict[LabelId, LabelId] = {}
        for node in nodes:
            for twin in tree.children(node.parent_id):
                if twin.name == node.name and twin.label_id != node.label_id:
                    tree, merged = tree.fused(twin.label_id, node.label_id)
                    became |= merged
        return tree.checked([node.label_id for node in nodes]), became

    def fused(self, label_id: LabelId, into_id: LabelId) -> tuple[Tree, dict[LabelId, LabelId]]:
        """As ``merged``, unchecked: on the way two labels may have one path."""
        tree, became = self, {label_id: into_id}
        for child in self.children(label_id):
            twins = {one.name: one.label_id for one in tree.children(into_id) if one.label_id != label_id}
            if child.name in twins:
                tree, deeper = tree.fused(child.label_id, twins[child.name])
                became |= deeper
            else:
                hung = replace(child, parent_id=into_id, position=tree.next_position(into_id))
                tree = Tree({**tree.nodes, hung.label_id: hung}.values())
        return tree.without([label_id]), became

    def _walk(self, parent_id: LabelId | None, path: LabelPath) -> None:
        for node in self._below.get(parent_id, ()):
            own = (*path, *node.name.split(" > "))
            self.paths[node.label_id] = own
            self._walk(node.label_id, own)

    def checked(self, touched: Iterable[LabelId]) -> Tree:
        """The tree itself, when what was touched is sound; raises as ``with_``."""
        touched = [one for one in touched if one in self.nodes]
        for label_id in touched:
            if label_id not in self.paths:
                name = self.nodes[label_id].name
                raise InputError(
                    f"label {name!r} would lie below itself.",
                    next_step="Choose a parent that is not below it.",
                    details={"label": name},
                )
        taken: dict[LabelPath, LabelId] = {}
        for label_id, path in self.paths.items():
            if path in taken:
                raise DuplicateNameError("label", format_path(path))
            taken[path] = label_id
        for label_id in touched:
            for below in self.subtree(label_id):
                parse_path(self.name(below))
        return self


def one_level(name: str) -> str:
    """A name of one level, blanks tidied.

    Raises
    ------
    LabelPathError
        It is empty, holds ``>``, is too long or cannot be shown.
    """
    path = parse_path(name)
    if len(path) > 1:
        raise LabelPathError(
            f"label {format_path(path)!r} has {len(path)} levels, where a name of one is wanted.",
            next_step="Give the last level only; to hang it elsewhere, move it.",
            details={"label": format_path(path)},
        )
    return path[0]
