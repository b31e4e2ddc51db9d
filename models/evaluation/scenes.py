"""Measures how well the worker's tags describe photos that nobody tuned it to.

Usage:
    scenes.py extract GIT_DIRECTORIES FOLDER [--half HALF]
    scenes.py measure GIT_DIRECTORIES --worker BINARY --models MODELS_DIR [--half HALF] [--set NAME=VALUE ...]
                      [--answers FILE]

GIT_DIRECTORIES is a folder with a git directory of every repository of scenes.json in it, in folders called OWNER+NAME.
`extract` writes the photos of a half, named by object id. `measure` sends them to a worker of its own and prints, for each
category: how many of the tags that it gave a person accepts, how many of those that must be there it gave, and whether it said
right where the photo was taken. `--answers` keeps its answers, a line each. README.md says what the photos are.
"""

import argparse
import collections
import json
from pathlib import Path
from typing import NamedTuple

import collection
from worker import Worker, photo_server

MANIFEST = Path(__file__).with_name("scenes.json")
HALVES = ("tune", "test", "tune2", "test2")
PLACES = {True: "indoor", False: "outdoor"}


class Photo(NamedTuple):
    repository: str
    commit: str
    object_id: str
    label: dict


def read(half):
    """The photos of a half."""
    manifest = json.loads(MANIFEST.read_text("utf-8"))
    repositories = manifest["repositories"]
    return [
        Photo(*repositories[label["repository"]], label["object"], label)
        for label in manifest["photos"]
        if label["half"] == half
    ]


def describe(photos, root, options):
    """The worker's answer for each photo, with its details."""
    settings = dict(setting.split("=", 1) for setting in options.set)
    with photo_server(collection.contents(photos, root)) as address, Worker(
        options.worker, options.models, settings
    ) as worker:
        return [
            worker.call(
                "POST", "/api/process?details=true", {"file_id": photo.object_id, "image_url": f"{address}{number}"}
            )
            for number, photo in enumerate(photos)
        ]


def counted(label, tags):
    """What one photo adds to the sums."""
    place = PLACES.get(label["indoor"])
    accepted = set(label["tags"]) | ({place} if place else set())
    said = [name for name in PLACES.values() if name in tags]
    return {
        "photos": 1,
        "given": len(tags),
        "right": sum(tag in accepted for tag in tags),
        "must": len(label["must"]),
        "met": sum(tag in tags for tag in label["must"]),
        "place": int(place is not None),
        "place right": int(place is not None and said == [place]),
        "place wrong": int(place is not None and bool(set(said) - {place})),
        "no tag": int(not tags),
    }


def table(photos, answers):
    sums = collections.defaultdict(collections.Counter)
    for photo, answer in zip(photos, answers):
        for group in ("all", photo.label["category"]):
            sums[group].update(counted(photo.label, answer["tags"]))
    print(f"{'':9} photos  precision  must be there  inside/outside right, wrong  no tag")
    for group, sum_ in sorted(sums.items(), key=lambda item: -item[1]["photos"]):
        precision = sum_["right"] / max(1, sum_["given"])
        recall = sum_["met"] / max(1, sum_["must"])
        place = f"{sum_['place right']:3} of {sum_['place']:3}, {sum_['place wrong']}"
        print(f"{group:9} {sum_['photos']:6}  {precision:9.1%}  {recall:13.1%}  {place:27}  {sum_['no tag']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    extract, measure = commands.add_parser("extract"), commands.add_parser("measure")
    for command in (extract, measure):
        command.add_argument("directories")
        command.add_argument("--half", choices=HALVES, default="test")
    extract.add_argument("folder", type=Path)
    measure.add_argument("--worker", required=True)
    measure.add_argument("--models", required=True)
    measure.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    measure.add_argument("--answers", type=Path)
    options = parser.parse_args()
    photos = read(options.half)
    if options.command == "extract":
        options.folder.mkdir(parents=True, exist_ok=True)
        for photo, content in zip(photos, collection.contents(photos, options.directories)):
            (options.folder / photo.object_id).write_bytes(content)
        return
    answers = describe(photos, options.directories, options)
    if options.answers:
        lines = (json.dumps(answer, ensure_ascii=False) + "\n" for answer in answers)
        options.answers.write_text("".join(lines), "utf-8")
    table(photos, answers)


if __name__ == "__main__":
    main()
