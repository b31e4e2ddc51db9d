"""Makes both files of the typeface: `python make.py PACKAGE`, where PACKAGE is the unpacked npm package
@fontsource-variable/plus-jakarta-sans 5.3.0 (Plus Jakarta Sans 2.071, SIL Open Font License 1.1, see OFL.txt).

Needs fonttools 4.68.0 and brotli 1.2.1. The weights 400 to 700 of Latin: plus-jakarta-sans.woff2 for browsers, and
plus-jakarta-sans.ttf for pictures, whose rasterizer reads pairs from the old table `kern` only.
"""

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._k_e_r_n import KernTable_format_0
from fontTools.varLib.instancer import instantiateVariableFont

ASCII = range(0x20, 0x7F)
CHARACTERS = [
    *ASCII, *range(0xA0, 0x100), 0x131, 0x152, 0x153, 0x2013, 0x2014, 0x2018, 0x2019, 0x201A, 0x201C, 0x201D, 0x201E,
    0x2022, 0x2026, 0x2032, 0x2033, 0x2039, 0x203A, 0x20AC, 0x2122, 0x2191, 0x2193, 0x2212,
]  # fmt: skip
HERE = Path(__file__).parent


def subset(package: Path, features: list[str], hinting: bool) -> TTFont:
    font = TTFont(package / "files/plus-jakarta-sans-latin-wght-normal.woff2", recalcTimestamp=False)
    font = instantiateVariableFont(font, {"wght": (400, 700)})
    options = Options(layout_features=features, hinting=hinting, name_IDs=["*"])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=CHARACTERS)
    subsetter.subset(font)
    return font


def pairs(font: TTFont) -> dict[tuple[str, str], int]:
    """How much nearer or farther two ASCII characters stand, in font units, where that is not 0."""
    cmap = font.getBestCmap()
    names = [cmap[code] for code in ASCII if code in cmap]
    table = font["GPOS"].table
    lookups = {
        index
        for record in table.FeatureList.FeatureRecord
        if record.FeatureTag == "kern"
        for index in record.Feature.LookupListIndex
    }
    found = {}
    for index in sorted(lookups):
        # The first subtable that has a pair decides.
        decided = set()
        for part in table.LookupList.Lookup[index].SubTable:
            part = part.ExtSubTable if part.LookupType == 9 else part
            for position, first in enumerate(part.Coverage.glyphs):
                if first not in names:
                    continue
                if part.Format == 1:
                    values = [(pair.SecondGlyph, pair.Value1) for pair in part.PairSet[position].PairValueRecord]
                else:
                    records = part.Class1Record[part.ClassDef1.classDefs.get(first, 0)].Class2Record
                    values = [(second, records[part.ClassDef2.classDefs.get(second, 0)].Value1) for second in names]
                for second, value in values:
                    if second in names and (first, second) not in decided:
                        decided.add((first, second))
                        found[first, second] = getattr(value, "XAdvance", 0)
    return {pair: value for pair, value in found.items() if value}


def main() -> None:
    package = Path(sys.argv[1])
    web = subset(package, ["kern", "mark", "mkmk", "ccmp", "locl", "liga", "tnum"], hinting=True)
    web.flavor = "woff2"
    web.save(HERE / "plus-jakarta-sans.woff2")

    picture = subset(package, ["kern"], hinting=False)
    kern = newTable("kern")
    kern.version = 0
    table = KernTable_format_0()
    table.version, table.coverage, table.apple, table.tupleIndex = 0, 1, False, None
    table.kernTable = pairs(picture)
    kern.kernTables = [table]
    picture["kern"] = kern
    for name in ["GPOS", "GSUB", "GDEF", "gasp"]:
        if name in picture:
            del picture[name]
    picture.flavor = None
    picture.save(HERE / "plus-jakarta-sans.ttf")


if __name__ == "__main__":
    main()
