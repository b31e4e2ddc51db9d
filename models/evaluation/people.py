"""Measures how well the worker puts together the faces of people that nobody tuned it to.

Usage:
    pip install -r requirements.txt
    people.py extract GIT_DIRECTORIES FOLDER [--half tune|test]
    people.py measure GIT_DIRECTORIES --worker BINARY --models MODELS_DIR [--half tune|test] [--orders 3]
                      [--set NAME=VALUE ...]

GIT_DIRECTORIES is a folder with a git directory of every repository of people.tsv in it, in folders called OWNER+NAME.
`extract` writes one folder a person, as `cargo bench --bench people` reads them. `measure` sends the photos to a worker
of its own, in random orders, each time to an empty store, and prints what it makes of them beside other clusterings of
the same vectors. README.md says what the photos are and how to read the table.
"""

import argparse
import functools
import random
import sys
from pathlib import Path

import numpy as np

import clustering
import collection
from worker import Worker, photo_server

HALVES = ("tune", "test")
# Orders in which the other clusterings are shown the faces, and of those the ones that parameters are chosen on.
ORDERS = 10
CHOOSING_ORDERS = 3
EXTENSIONS = {b"\xff\xd8": ".jpg", b"\x89P": ".png", b"RI": ".webp", b"BM": ".bmp"}


class Results:
    """What one clustering made of the photos, over several orders."""

    def __init__(self):
        self.clusters_a_person, self.precision, self.recall = [], [], []

    def add(self, clusters, people):
        precision, recall = clustering.bcubed(clusters, people)
        self.clusters_a_person.append(clustering.clusters_a_person(clusters, people))
        self.precision.append(precision)
        self.recall.append(recall)

    def line(self, chosen=None):
        """Precision, recall, F (its mean, and the lowest of an order) and clusters a person; of chosen faces, or all."""
        orders = [
            [side[chosen].mean() if chosen is not None else side.mean() for side in sides]
            for sides in zip(self.precision, self.recall)
        ]
        f = [clustering.f_of(*sides) for sides in orders]
        precision, recall = np.mean(orders, 0)
        figures = f"{precision:.3f}  {recall:.3f}  {np.mean(f):.3f} {min(f):.3f}"
        return figures if chosen is not None else f"{figures}  {np.mean(self.clusters_a_person):.2f}"


def arrival_orders(count, orders):
    for seed in range(orders):
        order = list(range(count))
        random.Random(seed).shuffle(order)
        yield np.array(order)


class Half:
    """One half's photos as the worker sees them."""

    def __init__(self, name, photos, root, options):
        self.name, self.photos = name, photos
        self.arrived, self.consolidated = [], []
        self.faces = [None] * len(photos)
        with photo_server(collection.contents(photos, root)) as address:
            for number, order in enumerate(arrival_orders(len(photos), options.orders)):
                self._one_order(address, order, options, keep_vectors=number == 0)
        self.found = np.array([face is not None for face in self.faces])
        self.people = np.array([photo.person for photo in photos])[self.found]
        vectors = np.array([face for face in self.faces if face is not None])
        self.similarities = vectors @ vectors.T
        self.orders = list(arrival_orders(len(vectors), ORDERS))

    def _one_order(self, address, order, options, keep_vectors):
        with Worker(options.worker, options.models, dict(options.set)) as worker:
            names = [None] * len(self.photos)
            for count, photo in enumerate(order):
                names[photo] = worker.largest_face(f"photo-{photo}", f"{address}{photo}")
                print(f"\r{self.name}: {count + 1} of {len(order)}", end="", file=sys.stderr)
            print(file=sys.stderr)
            for results in (self.arrived, self.consolidated):
                clusters = worker.clusters()
                results.append([clusters.get(name) for name in names])
                worker.consolidate()
            if keep_vectors:
                vectors = worker.vectors()
                self.faces = [vectors.get(name) for name in names]

    def results(self, clusters_by_order):
        results = Results()
        for clusters in clusters_by_order:
            results.add([cluster for cluster, found in zip(clusters, self.found) if found], self.people)
        return results

    def of_clustering(self, name, parameter):
        run, results = clustering.CLUSTERINGS[name][0], Results()
        for order in self.orders:
            results.add(run(self.similarities, order, parameter), self.people)
        return results

    @functools.cache
    def best(self, name):
        clusters = clustering.CLUSTERINGS[name]
        return clustering.best(*clusters, self.similarities, self.people, self.orders[:CHOOSING_ORDERS])

    def members(self, group, is_in):
        return np.array([(group in photo.groups) == is_in for photo in self.photos])


def report(half, chosen):
    """Prints a half's table; `chosen` are the parameters of the other clusterings."""
    missing = (~half.found).sum()
    print(f"\n{half.name}: {len(half.photos)} photos of {len({photo.person for photo in half.photos})} people")
    print(f"no face found: {missing} ({missing / len(half.photos):.1%})\n")
    print(f"{'BCubed':<44} precision recall  F  worst  clusters a person")
    rows = {"worker, as photos arrive": half.arrived, "worker, consolidated": half.consolidated}
    rows = {name: half.results(clusters) for name, clusters in rows.items()}
    for name in clustering.CLUSTERINGS:
        own = half.best(name)
        rows[f"{name}, {chosen[name]} (best on tune)"] = half.of_clustering(name, chosen[name])
        rows[f"{name}, {own} (ceiling: best here)"] = half.of_clustering(name, own)
    for name, results in rows.items():
        print(f"{name:<44} {results.line()}")
    print(f"\n{'consolidated, by group':<44} precision recall  F  worst  no face found")
    for group, others in collection.GROUPS.items():
        for name, is_in in ((group, True), (others, False)):
            members = half.members(group, is_in)
            if not (members & half.found).any():
                continue
            figures = rows["worker, consolidated"].line(members[half.found])
            print(f"{name:<44} {figures}  {(members & ~half.found).sum()} of {members.sum()}")


def measure(options):
    photos = collection.read()
    chosen = {}
    for name in HALVES if options.half is None else HALVES[: HALVES.index(options.half) + 1]:
        half = Half(name, [photo for photo in photos if photo.half == name], options.directories, options)
        if name == "tune":
            chosen = {clusters: half.best(clusters) for clusters in clustering.CLUSTERINGS}
        report(half, chosen)


def extract(options):
    photos = [photo for photo in collection.read() if options.half in (None, photo.half)]
    for photo, content in zip(photos, collection.contents(photos, options.directories)):
        folder = Path(options.folder) / f"{photo.half}-{photo.person:03}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / (photo.object_id + EXTENSIONS.get(content[:2], ""))).write_bytes(content)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, run in (("extract", extract), ("measure", measure)):
        command = commands.add_parser(name)
        command.set_defaults(run=run)
        command.add_argument("directories")
        command.add_argument("--half", choices=HALVES)
        if run is extract:
            command.add_argument("folder")
        else:
            command.add_argument("--worker", required=True)
            command.add_argument("--models", required=True)
            command.add_argument("--orders", type=int, default=3)
            command.add_argument("--set", action="append", default=[], type=lambda pair: pair.split("=", 1))
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
