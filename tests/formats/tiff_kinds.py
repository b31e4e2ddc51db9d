"""TIFF files of all kinds, and files that are built as cameras build their RAW files."""

import io
import struct

import numpy
import tifffile
from PIL import Image

from jpeg_kinds import cjpeg, swapped
from kinds import STORED, grey, quarters, rgb
from png_kinds import palette


# tifffile is told the colours that it gets.
YCBCR = {"level": 95, "outcolorspace": "YCBCR"}


def tiff(photo, **options):
    file = io.BytesIO()
    big = {key: options.pop(key) for key in ("bigtiff", "byteorder") if key in options}
    with tifffile.TiffWriter(file, **big) as writer:
        writer.write(photo, metadata=None, software=False, **options)
    return file.getvalue()


def pictures(*all_of_them, byteorder="<", bigtiff=False):
    """A file of several directories, each (pixels, options)."""
    file = io.BytesIO()
    with tifffile.TiffWriter(file, byteorder=byteorder, bigtiff=bigtiff) as writer:
        for photo, options in all_of_them:
            writer.write(photo, metadata=None, software=False, **options)
    return file.getvalue()


def by_pillow(photo, **options):
    file = io.BytesIO()
    photo.save(file, "TIFF", **options)
    return file.getvalue()


def compressed(kinds):
    photo = quarters()
    for name, title, options in (
        ("none", "uncompressed", {}), ("lzw", "LZW", {"compression": "lzw"}), ("deflate", "deflate", {"compression": "zlib"}),
        ("packbits", "PackBits", {"compression": "packbits"}),
        ("lzw-predictor", "LZW with differences", {"compression": "lzw", "predictor": True}),
        ("tiles", "tiles", {"tile": (32, 32)}), ("tiles-deflate", "tiles, deflate", {"tile": (48, 48), "compression": "zlib"}),
        ("strips", "strips of 7 rows", {"rowsperstrip": 7}), ("planar", "each colour for itself", {"planar": True}),
        ("big-endian", "big endian", {"byteorder": ">"}), ("bigtiff", "BigTIFF", {"bigtiff": True}),
        ("bigtiff-big-endian", "BigTIFF, big endian", {"bigtiff": True, "byteorder": ">"}),
        ("bigtiff-tiles", "BigTIFF of tiles, deflate", {"bigtiff": True, "tile": (32, 32), "compression": "zlib"}),
    ):
        data = numpy.moveaxis(photo, 2, 0) if options.pop("planar", False) else photo
        more = {"planarconfig": "separate"} if data is not photo else {}
        kinds.add(f"tiff-{name}.tif", title, tiff(data, photometric="rgb", **options, **more), tolerance=1)
    for name, title, options in (
        ("zstd", "Zstandard", {"compression": "zstd"}), ("lzma", "LZMA", {"compression": "lzma"}),
        ("webp", "WebP", {"compression": "webp"}), ("jpeg-2000", "JPEG 2000", {"compression": "jpeg2000"}),
        ("jpegxl", "JPEG XL", {"compression": "jpegxl"}),
        ("jpegxr", "JPEG XR", {"compression": "jpegxr"}),
    ):
        kinds.add(f"tiff-{name}.tif", title, tiff(photo, photometric="rgb", **options), "the photo is a TIFF")


def jpeg(kinds):
    photo = quarters()
    level = {"compression": "jpeg", "compressionargs": YCBCR}
    for name, title, options in (
        ("ycbcr", "JPEG in YCbCr, one strip", {}),
        ("ycbcr-420", "the same, 4:2:0", {"subsampling": (2, 2)}),
        ("ycbcr-422", "the same, 4:2:2", {"subsampling": (2, 1)}),
        ("ycbcr-strips", "JPEG in YCbCr, strips of 16 rows", {"rowsperstrip": 16}),
        ("ycbcr-tiles", "JPEG in YCbCr, tiles", {"tile": (32, 32)}),
        ("ycbcr-tiles-odd", "JPEG in YCbCr, tiles larger than what is left", {"tile": (80, 48)}),
        ("ycbcr-big", "JPEG in YCbCr, tiles, BigTIFF", {"tile": (32, 32), "bigtiff": True, "byteorder": ">"}),
    ):
        kinds.add(f"tiff-jpeg-{name}.tif", title, tiff(photo, photometric="rgb", **level, **options), tolerance=9)
    kinds.add("tiff-jpeg-rgb.tif", "JPEG in RGB", tiff(photo, photometric="rgb", compression="jpeg",
              compressionargs={"level": 95, "outcolorspace": "RGB"}))
    luma = grey(photo)
    kinds.add("tiff-jpeg-tables.tif", "JPEG in YCbCr with tables apart (libtiff)",
              by_pillow(Image.fromarray(photo), compression="jpeg", quality=95), tolerance=9)
    kinds.add("tiff-jpeg-tables-strips.tif", "the same, strips of 8 rows", by_pillow(
        Image.fromarray(photo), compression="jpeg", quality=95, tiffinfo={278: 16}), tolerance=9)
    kinds.add("tiff-jpeg-tables-grey.tif", "JPEG, grey, tables apart (libtiff)",
              by_pillow(Image.fromarray(luma), compression="jpeg", quality=95), rgb(luma))


    cmyk = Image.fromarray(photo).convert("CMYK")
    kinds.add("tiff-jpeg-cmyk.tif", "JPEG, CMYK (libtiff)", by_pillow(cmyk, compression="jpeg", quality=95),
              numpy.array(cmyk.convert("RGB")), 5)


def samples(kinds):
    photo, luma = quarters(), grey(quarters())
    kinds.add("tiff-grey-8.tif", "grey, 8 bits", tiff(luma, photometric="minisblack"), rgb(luma), 1)
    kinds.add("tiff-grey-16.tif", "grey, 16 bits", tiff(luma.astype(numpy.uint16) * 257, photometric="minisblack"), rgb(luma), 1)
    kinds.add("tiff-white-8.tif", "grey, white is zero", tiff(255 - luma, photometric="miniswhite"), rgb(luma), 1)
    kinds.add("tiff-rgb-16.tif", "RGB, 16 bits", tiff(photo.astype(numpy.uint16) * 257, photometric="rgb"), photo, 1)
    kinds.add("tiff-rgb-16-big.tif", "RGB, 16 bits, big endian, LZW with differences", tiff(
        photo.astype(numpy.uint16) * 257, photometric="rgb", byteorder=">", compression="lzw", predictor=True), photo, 1)
    kinds.add("tiff-float-rgb.tif", "RGB, floating point of 32 bits",
              tiff((photo / 255).astype(numpy.float32), photometric="rgb"), photo, 2)
    alpha = numpy.full((64, 96, 1), 255, numpy.uint8)
    alpha[:, 48:] = 0
    half = photo.copy()
    half[:, 48:] = 255
    kinds.add("tiff-rgba.tif", "RGB with alpha", tiff(
        numpy.concatenate([photo, alpha], axis=2), photometric="rgb", extrasamples=["unassalpha"]), half, 1)
    cmyk = Image.fromarray(photo).convert("CMYK")
    shows = numpy.array(Image.merge("CMYK", cmyk.split()).convert("RGB"))
    kinds.add("tiff-cmyk.tif", "CMYK", by_pillow(cmyk), shows, 3)
    two = luma > 110
    bits = rgb((two * 255).astype(numpy.uint8))
    for name, compression in (("none", None), ("g3", "group3"), ("g4", "group4"), ("lzw", "tiff_lzw")):
        shown = "fax" if name == "g3" else bits
        kinds.add(f"tiff-bits-{name}.tif", f"black and white, {compression or 'uncompressed'}",
                  by_pillow(Image.fromarray(two), compression=compression), shown, 1)
    for depth in (2, 4):
        most = (1 << depth) - 1
        few = (luma.astype(int) * most + 127) // 255
        kinds.add(f"tiff-grey-{depth}.tif", f"grey, {depth} bits", packed(few, depth, 1),
                  rgb((few * 255 // most).astype(numpy.uint8)), 1)
    for depth in (1, 2, 4, 8):
        colours, indices, shows = palette(1 << depth)
        kinds.add(f"tiff-palette-{depth}.tif", f"palette, {depth} bits", packed(indices[:, :, 0], depth, 3, colours), shows, 1)
    colours, indices, shows = palette(256)
    pillow = Image.fromarray(indices[:, :, 0])
    pillow.putpalette(colours.tobytes())
    kinds.add("tiff-palette-lzw.tif", "palette, LZW", by_pillow(pillow, compression="tiff_lzw"), shows, 1)
    kinds.add("tiff-palette-big.tif", "palette, BigTIFF, big endian, tiles", tiff(
        indices[:, :, 0], photometric="palette", colormap=colours.T.astype(numpy.uint16) * 257, bigtiff=True, byteorder=">",
        tile=(32, 32), compression="zlib"), shows, 1)
    kinds.add("tiff-palette-narrow.tif", "palette with values of 8 bits in 16", tiff(
        indices[:, :, 0], photometric="palette", colormap=colours.T.astype(numpy.uint16)), shows, 1)
    for name, title, data, options in (
        ("lab", "CIE L*a*b*", photo, {"photometric": "cielab"}),
        ("icclab", "ICC L*a*b*", photo, {"photometric": "icclab"}),
        ("float-grey", "grey, floating point of 32 bits", (luma / 255).astype(numpy.float32), {"photometric": "minisblack"}),
        ("float-16", "RGB, floating point of 16 bits", (photo / 255).astype(numpy.float16), {"photometric": "rgb"}),
        ("float-64", "RGB, floating point of 64 bits", (photo / 255).astype(numpy.float64), {"photometric": "rgb"}),
        ("signed", "RGB, signed numbers", photo.astype(numpy.int16), {"photometric": "rgb"}),
        ("rgb-32", "RGB, 32 bits", photo.astype(numpy.uint32) << 24, {"photometric": "rgb"}),
        ("bands", "five bands", numpy.repeat(luma[:, :, None], 5, axis=2), {"photometric": "minisblack", "planarconfig": "contig"}),
    ):
        kinds.add(f"tiff-{name}.tif", title, tiff(data, **options), "the photo is a TIFF")


def packed(values, depth, photometric, colours=None):
    """A small file with several pixels in a byte, which tifffile does not write."""
    height, width = values.shape
    bits = (values[:, :, None].astype(int) >> numpy.arange(depth - 1, -1, -1)) & 1
    data = numpy.packbits(bits.reshape(height, -1).astype(numpy.uint8), axis=1).tobytes()
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, depth), (259, 3, 1, 1), (262, 3, 1, photometric),
               (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, len(data))]
    data += bytes(len(data) % 2)
    if colours is not None:
        entries.append((320, 3, 3 << depth, 8 + len(data)))
        data += (colours.T.astype("<u2") * 257).tobytes()
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory


def tags(kinds):
    photo = quarters()
    for orientation, stored in STORED.items():
        kinds.add(f"tiff-orientation-{orientation}.tif", f"orientation {orientation}", tiff(
            numpy.ascontiguousarray(stored(photo)), photometric="rgb", extratags=[(274, 3, 1, orientation, True)]), tolerance=1)
    lying = numpy.ascontiguousarray(STORED[6](photo))
    kinds.add("tiff-orientation-long.tif", "orientation 6 as LONG", tiff(
        lying, photometric="rgb", extratags=[(274, 4, 1, 6, True)]), tolerance=1)
    kinds.add("tiff-jpeg-orientation.tif", "JPEG in YCbCr, orientation 6", tiff(
        lying, photometric="rgb", compression="jpeg", compressionargs=YCBCR, extratags=[(274, 3, 1, 6, True)]), tolerance=12)
    _, odd, shown = swapped()
    kinds.add("tiff-icc.tif", "a profile that swaps colours", tiff(photo, photometric="rgb", iccprofile=odd), shown, 2)
    kinds.add("tiff-jpeg-icc.tif", "JPEG in YCbCr, a profile that swaps colours", tiff(
        photo, photometric="rgb", compression="jpeg", compressionargs=YCBCR, subsampling=(1, 1), iccprofile=odd), shown, 5)
    white = numpy.full((64, 96, 3), 255, numpy.uint8)
    small = numpy.ascontiguousarray(quarters(24, 16))
    usual = {"photometric": "rgb"}
    kinds.add("tiff-pages.tif", "three pages", pictures((photo, usual), (white, usual), (white, usual)), tolerance=1)
    kinds.add("tiff-thumbnail-last.tif", "a thumbnail behind", pictures(
        (photo, usual), (small, {**usual, "subfiletype": 1})), tolerance=1)
    kinds.add("tiff-thumbnail-first.tif", "a thumbnail first", pictures(
        (small, {**usual, "subfiletype": 1}), (photo, usual)), tolerance=1)
    kinds.add("tiff-thumbnail-first-big.tif", "a thumbnail first, BigTIFF", pictures(
        (small, {**usual, "subfiletype": 1}), (photo, {**usual, "compression": "zlib"}), bigtiff=True), tolerance=1)
    kinds.add("tiff-thumbnail-above.tif", "a thumbnail, the picture below it", pictures(
        (small, {**usual, "subfiletype": 1, "subifds": 1}), (photo, usual)), tolerance=1)
    kinds.add("tiff-half.tif", "cut off in the middle", tiff(photo, photometric="rgb", compression="zlib")[:500], "damaged")


def raw(kinds):
    photo, small = quarters(), numpy.ascontiguousarray(quarters(24, 16))
    sensor = numpy.ascontiguousarray(grey(quarters(100, 70)).astype(numpy.uint16) * 16)
    thumbnail = {"photometric": "rgb", "subfiletype": 1}
    dng = [(50706, 1, 4, bytes([1, 4, 0, 0]), True), (274, 3, 1, 1, True)]
    turned = [(50706, 1, 4, bytes([1, 4, 0, 0]), True), (274, 3, 1, 6, True)]
    filters = {"photometric": 32803, "extratags": [(33421, 3, 2, (2, 2), True), (33422, 1, 4, bytes([0, 1, 1, 2]), True)]}
    preview = {"photometric": "rgb", "compression": "jpeg", "compressionargs": YCBCR, "subfiletype": 1}
    kinds.add("raw-dng.dng", "DNG: thumbnail, sensor, preview in JPEG", pictures(
        (small, {**thumbnail, "subifds": 2, "extratags": dng}), (sensor, filters), (photo, preview)), tolerance=9)
    kinds.add("raw-dng-turned.dng", "the same with orientation 6", pictures(
        (small, {**thumbnail, "subifds": 2, "extratags": turned}), (sensor, filters),
        (numpy.ascontiguousarray(STORED[6](photo)), preview)), tolerance=9)
    kinds.add("raw-dng-no-preview.dng", "DNG: thumbnail and sensor alone", pictures(
        (small, {**thumbnail, "subifds": 1, "extratags": dng}), (sensor, filters)), "RAW")
    kinds.add("raw-linear.dng", "DNG of linear values, thumbnail", pictures(
        (small, {**thumbnail, "subifds": 1, "extratags": dng}), (photo.astype(numpy.uint16) * 100, {"photometric": 34892})), "RAW")
    kinds.add("raw-nef.nef", "built as NEF: thumbnail, JPEG file and sensor below", camera(
        small, sensor, cjpeg("-sample", "1x1")), tolerance=9)
    kinds.add("raw-nef-turned.nef", "the same with orientation 6", camera(
        small, sensor, cjpeg("-sample", "1x1", photo=numpy.ascontiguousarray(STORED[6](photo))), 6), tolerance=9)
    kinds.add("raw-arw-thumbnail.arw", "built as ARW, but with a thumbnail alone", camera(
        small, sensor, cjpeg(photo=small)), "RAW")
    for name, title, head in (
        ("orf.orf", "Olympus ORF", b"IIRO\x08\0\0\0"), ("rw2.rw2", "Panasonic RW2", b"IIU\0\x18\0\0\0"),
        ("raf.raf", "Fujifilm RAF", b"FUJIFILMCCD-RAW 0201"), ("cr3.cr3", "Canon CR3", b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom"),
        ("x3f.x3f", "Sigma X3F", b"FOVb\0\0\2\0"), ("mrw.mrw", "Minolta MRW", b"\0MRM\0\0\0\0"), ("crw.crw", "Canon CRW", b"II\x1a\0\0\0HEAPCCDR"),
    ):
        kinds.add(f"raw-{name}", f"{title}, its first bytes", head.ljust(400, b"\0"), "RAW")


def camera(small, sensor, jpeg, orientation=1):
    """A file as Nikon's: the first directory is a thumbnail; below it a JPEG file without a size, and the sensor's values."""
    def directory(entries):
        entries = sorted(entries)
        return struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)

    data, places = b"", []
    for part in (small.tobytes(), jpeg, sensor.astype("<u2").tobytes()):
        places.append(8 + len(data))
        data += part + bytes(len(part) % 2)
    below = 8 + len(data)
    preview = directory([(254, 4, 1, 1), (259, 3, 1, 6), (513, 4, 1, places[1]), (514, 4, 1, len(jpeg))])
    height, width = sensor.shape
    values = directory([(254, 4, 1, 0), (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 16), (259, 3, 1, 1),
                        (262, 3, 1, 32803), (273, 4, 1, places[2]), (277, 3, 1, 1), (278, 4, 1, height),
                        (279, 4, 1, sensor.size * 2)])
    pointers = below + len(preview) + len(values)
    bits = pointers + 8
    first = bits + 8
    height, width = small.shape[:2]
    main = directory([(254, 4, 1, 1), (256, 4, 1, width), (257, 4, 1, height), (258, 3, 3, bits), (259, 3, 1, 1),
                      (262, 3, 1, 2), (273, 4, 1, places[0]), (274, 3, 1, orientation), (277, 3, 1, 3), (278, 4, 1, height),
                      (279, 4, 1, small.size), (330, 4, 2, pointers)])
    return (b"II*\0" + struct.pack("<I", first) + data + preview + values
            + struct.pack("<II", below, below + len(preview)) + struct.pack("<HHHH", 8, 8, 8, 0) + main)


def edited(data, tags=None, values=None, loop=False):
    """A small little-endian file with other tags, or other values in them, or with a directory that follows itself."""
    data = bytearray(data)
    start = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, start)[0]
    for place in range(start + 2, start + 2 + 12 * count, 12):
        tag = struct.unpack_from("<H", data, place)[0]
        if tag in (tags or {}):
            struct.pack_into("<H", data, place, tags[tag])
        if tag in (values or {}):
            struct.pack_into("<HII", data, place + 2, 4, 1, values[tag])
    if loop:
        struct.pack_into("<I", data, start + 2 + 12 * count, start)
    return bytes(data)


def odd(kinds):
    photo, luma = quarters(), grey(quarters())
    four = numpy.concatenate([photo, numpy.full((64, 96, 1), 90, numpy.uint8)], axis=2)
    kinds.add("tiff-rgbx.tif", "RGB and a value that is anything", tiff(
        four, photometric="rgb", extrasamples=["unspecified"]), photo, 1)
    kinds.add("tiff-rgbx-predictor.tif", "the same, LZW with differences", tiff(
        four, photometric="rgb", extrasamples=["unspecified"], compression="lzw", predictor=True), photo, 1)
    alpha = numpy.full((64, 96, 1), 255, numpy.uint8)
    alpha[:, 48:] = 0
    shows = photo.copy()
    shows[:, 48:] = 255
    straight = tiff(numpy.concatenate([photo, alpha], axis=2), photometric="rgb", extrasamples=["unassalpha"])
    kinds.add("tiff-rgba-untold.tif", "RGB and a value that is not said to be alpha", edited(straight, tags={338: 65000}), shows, 1)
    five = numpy.concatenate([four, four[:, :, 3:]], axis=2)
    kinds.add("tiff-five.tif", "RGB and two values that are anything", tiff(
        five, photometric="rgb", extrasamples=["unspecified", "unspecified"]), photo, 1)
    kinds.add("tiff-five-predictor.tif", "the same, LZW with differences", tiff(
        five, photometric="rgb", extrasamples=["unspecified"] * 2, compression="lzw", predictor=True), "the photo is a TIFF")
    half = numpy.concatenate([(photo * (128 / 255)).round().astype(numpy.uint8), numpy.full((64, 96, 1), 128, numpy.uint8)], axis=2)
    kinds.add("tiff-associated.tif", "RGB multiplied by alpha", tiff(half, photometric="rgb", extrasamples=["assocalpha"]),
              half[:, :, :3] + 127, 1)
    kinds.add("tiff-planar-tiles.tif", "tiles, each colour for itself", tiff(
        numpy.moveaxis(photo, 2, 0), photometric="rgb", planarconfig="separate", tile=(32, 32)), "the photo is a TIFF")
    kinds.add("tiff-tiles-as-strips.tif", "tiles in the tags of strips (old libtiff)", edited(
        tiff(photo, photometric="rgb", tile=(32, 32)), tags={324: 273, 325: 279}), photo, 1)
    kinds.add("tiff-jpeg-tiles-as-strips.tif", "the same of JPEG", edited(
        tiff(photo, photometric="rgb", tile=(32, 32), compression="jpeg", compressionargs=YCBCR), tags={324: 273, 325: 279}), photo, 9)
    two = luma > 110
    fax = by_pillow(Image.fromarray(two), compression="group4")
    kinds.add("tiff-bits-g4-rows.tif", "black and white, group 4, strips without end", edited(fax, values={278: 0xFFFFFFFF}),
              rgb((two * 255).astype(numpy.uint8)), 1)
    few = (luma.astype(int) * 15 + 127) // 255
    kinds.add("tiff-reversed.tif", "bits in reverse order", edited(packed(few, 4, 1), tags={277: 266}, values={277: 2}), "reverse")
    kinds.add("tiff-loop.tif", "a directory that follows itself", edited(tiff(photo, photometric="rgb"), loop=True), photo, 1)
    lzw = bytearray(tiff(photo, photometric="rgb", compression="lzw"))
    place = tifffile.TiffFile(io.BytesIO(lzw)).pages[0].dataoffsets[0]
    lzw[place : place + 2] = b"\0\1"
    kinds.add("tiff-lzw-old.tif", "LZW of the old style, its first code", lzw, "LZW")


def add(kinds):
    for part in (compressed, jpeg, samples, tags, odd, raw):
        part(kinds)
