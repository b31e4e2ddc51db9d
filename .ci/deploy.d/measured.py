"""Looks for what the alerts and the dashboard ask for in a worker's real answer to GET /metrics.

    measured.py METRICS OPENAPI FILE...
"""

import json
import re
import sys

# A worker that nothing has happened to does not have these; that they are there once it has is tested in metrics.rs.
SELDOM = {
    "ai_worker_connections_ended_total",
    "ai_worker_inference_failures_total",
    "ai_worker_inference_images_count",
    "ai_worker_inference_images_sum",
    "ai_worker_plugin_failures_total",
    "ai_worker_store_failures_total",
}


def values(label, queries):
    """The values that queries compare a label with, each alternative by itself."""
    for pattern in re.findall(label + r'\s*(?:=~|!~|!=|=)\s*"([^"$]+)"', queries):
        yield from pattern.split("|")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        measured = {re.split(r"[{ ]", line)[0] for line in file if line.strip() and not line.startswith("#")}
    with open(sys.argv[2], encoding="utf-8") as file:
        contract = json.load(file)
    codes = set(re.findall(r"`([a-z_]+)`", json.dumps(contract)))
    wrong = 0
    for path in sys.argv[3:]:
        with open(path, encoding="utf-8") as file:
            queries = file.read().replace('\\"', '"')
        asked = set(re.findall(r"\bai_worker_[a-z_]+", queries))
        missing = {name for name in asked if name not in measured and name not in SELDOM}
        missing |= {code for code in values("outcome", queries) if code != "described" and code not in codes}
        # Patterns are tried on the contract's paths.
        missing |= {
            route for route in values("route", queries) if not any(re.fullmatch(route, known) for known in contract["paths"])
        }
        for name in sorted(missing):
            print(f"{path}: there is no {name}", file=sys.stderr)
        wrong += len(missing)
        print(f"{path}: {len(asked)} metrics, {len(asked & measured)} of them measured by this worker")
        wrong += not asked
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
