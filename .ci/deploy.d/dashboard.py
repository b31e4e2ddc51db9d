"""Holds the dashboard against Grafana's own types, and prints its queries as rules for promtool.

    dashboard.py FILE

A field that Grafana does not know is lost when the types read the dashboard and write it again.
"""

import json
import re
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard


def differences(written, read, place=""):
    """What stands in `written` and not, or otherwise, in `read`."""
    if isinstance(written, dict) and isinstance(read, dict):
        for name, value in written.items():
            if name not in read:
                yield f"{place}/{name} is no field"
            else:
                yield from differences(value, read[name], f"{place}/{name}")
    elif isinstance(written, list) and isinstance(read, list) and len(written) == len(read):
        for number, (value, other) in enumerate(zip(written, read)):
            yield from differences(value, other, f"{place}/{number}")
    elif written != read:
        yield f"{place} is {written!r}, and is read as {read!r}"


def overlaps(panels):
    """Panels that lie on one another, or beside the 24 columns."""
    taken = {}
    for panel in panels:
        place = panel["gridPos"]
        if place["x"] + place["w"] > 24:
            yield f"{panel['title']} is wider than the page"
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                other = taken.setdefault((x, y), panel["title"])
                if other != panel["title"]:
                    yield f"{panel['title']} lies on {other}"


def complaints(dashboard):
    """Everything that is wrong with it."""
    register_default_plugins()
    yield from differences(dashboard, json.loads(JSONEncoder().encode(Dashboard.from_json(dashboard))))
    panels = dashboard["panels"]
    if len({panel["id"] for panel in panels}) < len(panels) or len({panel["title"] for panel in panels}) < len(panels):
        yield "two panels have one id or one title"
    yield from overlaps(panels)
    for panel in panels:
        if panel["type"] != "row" and not (panel["targets"] and panel["description"]):
            yield f"{panel['title']} has no query or no description"


def query(expression):
    """An expression as Prometheus gets it from Grafana."""
    filled = re.sub(r"\$(__rate_interval|job|instance)\b", lambda name: {"__rate_interval": "1m"}.get(name[1], name[1]), expression)
    if "$" in filled:
        raise ValueError(f"there is no such variable: {expression}")
    return filled


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        dashboard = json.load(file)
    wrong = list(complaints(dashboard))
    for complaint in wrong:
        print(complaint, file=sys.stderr)
    queries = [query(target["expr"]) for panel in dashboard["panels"] for target in panel.get("targets", [])]
    rules = [{"record": f"query:{number}", "expr": text} for number, text in enumerate(queries)]
    # JSON is YAML.
    print(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    return 1 if wrong or not queries else 0


if __name__ == "__main__":
    sys.exit(main())
