"""Holds plugin.py against what the slot asks for. Only mypy reads this; it does not become part of the component."""

import plugin
from wit_world import exports

exported: exports.{{interface}} = plugin.{{interface}}()
