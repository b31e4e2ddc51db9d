"""The photos that people.tsv lists, read from git directories.

The manifest holds no photo, no name and no path. A photo is named by its repository, the commit it was found in and
its git object id, a person by a number.
"""

import csv
import hashlib
import subprocess
from pathlib import Path
from typing import NamedTuple

MANIFEST = Path(__file__).with_name("people.tsv")


class Photo(NamedTuple):
    repository: str
    commit: str
    object_id: str
    person: int
    half: str  # tune or test
    groups: frozenset  # of GROUPS


# The manifest's flags, and what a photo or its person is without them.
GROUPS = {"asian": "others", "close": "wider", "grey": "coloured", "poor": "clear"}


def read(manifest=MANIFEST):
    """All photos of a manifest. Raises ValueError for a line of another form."""
    repositories, photos = {}, []
    with open(manifest, encoding="ascii", newline="") as file:
        for line in csv.reader(file, delimiter="\t"):
            match line:
                case ["repository", number, name, commit]:
                    repositories[number] = (name, commit)
                case ["photo", number, object_id, person, ("tune" | "test") as half, flags]:
                    groups = frozenset(flags.split(",")) if flags else frozenset()
                    if groups - GROUPS.keys():
                        raise ValueError(f"{manifest}: unknown flag in {line}")
                    photos.append(Photo(*repositories[number], object_id, int(person), half, groups))
                case _:
                    raise ValueError(f"{manifest}: unknown line {line}")
    return photos


def git_directory(root, repository):
    """The git directory of OWNER/NAME: it lies in the folder OWNER+NAME of the root, or below."""
    folder = Path(root) / repository.replace("/", "+")
    for candidate in [folder, *(path for path in sorted(folder.rglob("*")) if path.is_dir())]:
        if (candidate / "HEAD").is_file() and (candidate / "objects").is_dir():
            return candidate
    raise FileNotFoundError(f"no git directory of {repository} in {folder}")


def contents(photos, root):
    """The bytes of each photo of any manifest, in order: of each its repository and object_id count.

    Raises ValueError when one is not what its object id says.
    """
    directories = {name: git_directory(root, name) for name in {photo.repository for photo in photos}}
    found = []
    for photo in photos:
        command = ["git", "--git-dir", directories[photo.repository], "cat-file", "blob", photo.object_id]
        data = subprocess.run(command, check=True, capture_output=True).stdout
        if hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest() != photo.object_id:
            raise ValueError(f"{photo.repository}: object {photo.object_id} has another content")
        found.append(data)
    return found
