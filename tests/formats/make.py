"""Makes a file of every kind, and the list of what is right; see README.md.

    python make.py FOLDER [ZIP]
"""

import hashlib
import sys
import zipfile
from pathlib import Path

import imagecodecs
import numpy

import jpeg_kinds
import other_kinds
import png_kinds
import tiff_kinds
from kinds import Kinds


def main():
    kinds = Kinds()
    for part in (jpeg_kinds, png_kinds, tiff_kinds, other_kinds):
        part.add(kinds)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    files, rows = {}, []
    for name, title, data, shows, tolerance in kinds.rows:
        if not isinstance(shows, str):
            picture = imagecodecs.png_encode(numpy.ascontiguousarray(shows), level=9)
            shows = "shows-" + hashlib.sha256(picture).hexdigest()[:8] + ".png"
            files[shows] = picture
        files[name] = data
        rows.append(f"{name}\t{title}\t{shows}\t{tolerance}\n")
    # Name, what it is, the picture that it shows or words of the refusal, the mean difference that is allowed.
    files["kinds.tsv"] = "".join(rows).encode()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    if len(sys.argv) > 2:
        with zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, data in sorted(files.items()):
                archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    print(len(rows), "kinds,", sum(map(len, files.values())), "bytes")


if __name__ == "__main__":
    main()
