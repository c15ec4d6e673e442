"""Configuration of plugins: which are on, in which order, which one bears a family."""

from __future__ import annotations

from traitlets import Dict, List, Unicode

from ..component import Component


class Plugins(Component):
    """Which plugins load, and which come first."""

    disable = List(
        Unicode(), help="Names of plugins that are not loaded: a key, a distribution, or distribution[key]."
    ).tag(config=True)
    enable = List(Unicode(), help="Names of plugins that are loaded though Plugins.disable names them.").tag(
        config=True
    )
    order = List(Unicode(), help="Names of plugins that come first in their family, in this order.").tag(
        config=True
    )
    choose = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="For a family that one plugin bears, or for family/key with two owners, the plugin to take.",
    ).tag(config=True)
