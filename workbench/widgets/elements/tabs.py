"""A row of tabs above the one part of a page that is shown."""

from __future__ import annotations

import traitlets

from .base import Element, module_text, style_text


class Tabs(Element):
    """Tabs by click, arrow keys, Home and End.

    The part below is the widget with the class ``wb-tab-panel`` that follows in the same panel; it is named by the tab.

    Attributes
    ----------
    tabs : list of dict
        ``{"key", "title"}`` in their order.
    value : str
        Key of the chosen one.
    title : str
        Accessible name of the row.
    """

    _esm = module_text("tabs")
    _css = style_text("tabs")

    tabs = traitlets.List(traitlets.Dict()).tag(sync=True)
    value = traitlets.Unicode("").tag(sync=True)
    title = traitlets.Unicode("Parts").tag(sync=True)
