"""GIF, BMP, WebP, and what is another format."""

import io
import struct

import numpy
import pillow_heif
from imagecodecs import jpegxl_encode, qoi_encode
from PIL import Image

from jpeg_kinds import cjpeg, swapped, tiff_block
from kinds import STORED, grey, ppm, quarters, rgb
from png_kinds import palette

OTHER = "the file is not a photo"


def saved(photo, kind, **options):
    file = io.BytesIO()
    (photo if isinstance(photo, Image.Image) else Image.fromarray(photo)).save(file, kind, **options)
    return file.getvalue()


def indexed(count=16):
    colours, indices, shows = palette(count)
    photo = Image.fromarray(indices[:, :, 0])
    photo.putpalette(colours.tobytes())
    return photo, shows


def gif(kinds):
    photo, shows = indexed()
    plain = saved(photo, "GIF", interlace=0)

    def screen(data, width, height):
        return data[:6] + struct.pack("<HH", width, height) + data[10:]

    kinds.add("gif-89a.gif", "GIF89a", plain, shows, 1)
    kinds.add("gif-87a.gif", "GIF87a", b"GIF87a" + plain[6:], shows, 1)
    kinds.add("gif-interlaced.gif", "interlaced", saved(photo, "GIF", interlace=1), shows, 1)
    kinds.add("gif-no-screen.gif", "screen of 0 x 0", screen(plain, 0, 0), shows, 1)
    kinds.add("gif-small-screen.gif", "screen of 40 x 20, smaller than its picture", screen(plain, 40, 20), shows, 1)
    kinds.add("gif-low-screen.gif", "screen of 96 x 20, lower than its picture", screen(plain, 96, 20), shows, 1)
    larger = numpy.full((80, 120, 3), 255, numpy.uint8)
    larger[:64, :96] = shows
    kinds.add("gif-large-screen.gif", "screen of 120 x 80, larger than its picture", screen(plain, 120, 80), larger, 1)
    moved = screen(plain, 120, 80)
    place = moved.index(b"\x2c\0\0\0\0\x60\0\x40\0")
    moved = moved[: place + 1] + struct.pack("<HH", 10, 5) + moved[place + 5 :]
    larger = numpy.full((80, 120, 3), 255, numpy.uint8)
    larger[5:69, 10:106] = shows
    kinds.add("gif-moved.gif", "a picture at 10, 5 of its screen", moved, larger, 1)
    reach = numpy.full((69, 106, 3), 255, numpy.uint8)
    reach[5:, 10:] = shows
    kinds.add("gif-moved-out.gif", "a picture that reaches beyond its screen", screen(moved, 96, 64), reach, 1)
    seen = shows.copy()
    seen[numpy.array(photo) == 0] = 255
    kinds.add("gif-transparent.gif", "a transparent colour", saved(photo, "GIF", transparency=0), seen, 1)
    white = Image.new("P", (96, 64))
    kinds.add("gif-animated.gif", "animated", saved(photo, "GIF", save_all=True, append_images=[white], duration=100), shows, 1)
    few, few_shown = indexed(2)
    kinds.add("gif-two.gif", "two colours", saved(few, "GIF"), few_shown, 1)
    many, many_shown = indexed(256)
    kinds.add("gif-256.gif", "256 colours", saved(many, "GIF"), many_shown, 1)
    kinds.add("gif-comment.gif", "a comment", saved(photo, "GIF", comment=b"hello"), shows, 1)
    kinds.add("gif-no-end.gif", "no end mark", plain[:-1], shows, 1)
    kinds.add("gif-half.gif", "cut off in the middle", plain[: len(plain) // 2], "damaged")


def bmp_file(body, palette_bytes=b"", depth=24, compression=0, height=64, header=40, more=b"", colours=0, width=96):
    """A file with a header of this size, whose further fields are `more`."""
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, depth)
    else:
        info = struct.pack("<IiiHHIIiiII", header, width, height, 1, depth, compression, len(body), 2835, 2835, colours, 0)
        info += more.ljust(header - 40, b"\0")
        if header == 40:
            info += more
    start = 14 + len(info) + len(palette_bytes)
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + info + palette_bytes + body


def bmp_rows(values, depth, up=True):
    """Rows from below, padded to four bytes."""
    height, width = values.shape
    if depth <= 8:
        bits = (values[:, :, None].astype(int) >> numpy.arange(depth - 1, -1, -1)) & 1
        data = numpy.packbits(bits.reshape(height, -1).astype(numpy.uint8), axis=1)
    else:
        data = values.astype("<u2" if depth == 16 else "<u4").view(numpy.uint8).reshape(height, -1)
    data = numpy.pad(data, ((0, 0), (0, -data.shape[1] % 4)))
    return (data[::-1] if up else data).tobytes()


def run_lengths(values, depth):
    """RLE8 or RLE4, every run at most 255 long, with ends of lines and of the picture."""
    out = b""
    for row in values[::-1]:
        place = 0
        while place < len(row):
            length = 1
            while place + length < len(row) and length < 255 and row[place + length] == row[place]:
                length += 1
            value = int(row[place])
            out += bytes([length, value if depth == 8 else value << 4 | value])
            place += length
        out += b"\0\0"
    return out + b"\0\1"


def bmp(kinds):
    photo = quarters()
    kinds.add("bmp-24.bmp", "24 bits", saved(photo, "BMP"), photo, 1)
    top = numpy.pad(photo[:, :, ::-1].reshape(64, -1), ((0, 0), (0, 0))).tobytes()
    kinds.add("bmp-24-top-down.bmp", "24 bits, from above", bmp_file(top, height=-64), photo, 1)
    kinds.add("bmp-24-os2.bmp", "24 bits, header of OS/2 1", bmp_file(
        photo[::-1, :, ::-1].tobytes(), header=12), photo, 1)
    kinds.add("bmp-24-os2-2.bmp", "24 bits, header of OS/2 2", bmp_file(photo[::-1, :, ::-1].tobytes(), header=64), photo, 1)
    for depth, count in ((1, 2), (4, 16), (8, 256)):
        colours, indices, shows = palette(count)
        table = numpy.pad(colours[:, ::-1], ((0, 0), (0, 1))).tobytes()
        values = indices[:, :, 0]
        kinds.add(f"bmp-{depth}.bmp", f"palette, {depth} bits", bmp_file(bmp_rows(values, depth), table, depth), shows, 1)
        kinds.add(f"bmp-{depth}-os2.bmp", f"palette, {depth} bits, header of OS/2 1", bmp_file(
            bmp_rows(values, depth), colours[:, ::-1].tobytes(), depth, header=12), shows, 1)
        if depth > 1:
            kinds.add(f"bmp-rle{depth}.bmp", f"palette, run lengths of {depth} bits", bmp_file(
                run_lengths(values, depth), table, depth, compression=1 if depth == 8 else 2), shows, 1)
    colours, indices, shows = palette(256)
    kinds.add("bmp-8-os2-2.bmp", "palette, 8 bits, header of OS/2 2", bmp_file(
        bmp_rows(indices[:, :, 0], 8), numpy.pad(colours[:, ::-1], ((0, 0), (0, 1))).tobytes(), 8, header=64), shows, 1)
    table = numpy.pad(colours[:, ::-1], ((0, 0), (0, 1))).tobytes()
    short = bmp_file(bmp_rows(indices[:, :, 0], 8), table, 8)
    kinds.add("bmp-8-os2-short.bmp", "palette, 8 bits, header of OS/2 2 in short", short[:10] + struct.pack(
        "<II", 30 + 1024, 16) + short[18:30] + short[54:], shows, 1)
    colours, indices, shows = palette(64)
    table = numpy.pad(colours[:, ::-1], ((0, 0), (0, 1))).tobytes()
    kinds.add("bmp-8-64.bmp", "palette of 64 colours, 8 bits", bmp_file(
        bmp_rows(indices[:, :, 0], 8), table, 8, colours=64), shows, 1)
    red, green, blue = (photo[:, :, channel].astype(int) for channel in range(3))
    five, six = lambda value: (value * 31 + 127) // 255, lambda value: (value * 63 + 127) // 255
    kinds.add("bmp-16-555.bmp", "16 bits, 5-5-5", bmp_file(
        bmp_rows(five(red) << 10 | five(green) << 5 | five(blue), 16), depth=16), photo, 5)
    kinds.add("bmp-16-565.bmp", "16 bits, 5-6-5", bmp_file(
        bmp_rows(five(red) << 11 | six(green) << 5 | five(blue), 16), depth=16, compression=3,
        more=struct.pack("<III", 0xF800, 0x7E0, 0x1F)), photo, 5)
    plain = red << 16 | green << 8 | blue
    fields = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    opaque = numpy.full(plain.shape, 255)
    half = opaque.copy()
    half[:, 48:] = 0
    seen = photo.copy()
    seen[:, 48:] = 255
    zero = numpy.zeros(plain.shape, int)
    for name, title, alpha, header, compression, shows in (
        ("32", "32 bits, no fields, fourth byte 0", zero, 40, 0, photo),
        ("32-half", "32 bits, no fields, fourth byte 0 and 255", half, 40, 0, photo),
        ("32-v3", "32 bits, header of version 3, alpha 255 and 0", half, 56, 3, seen),
        ("32-v4", "32 bits, version 4, alpha 255", opaque, 108, 3, photo),
        ("32-v4-zero", "32 bits, version 4, alpha 0 everywhere", zero, 108, 3, photo),
        ("32-v5-zero", "32 bits, version 5, alpha 0 everywhere", zero, 124, 3, photo),
        ("32-v5-half", "32 bits, version 5, alpha 255 and 0", half, 124, 3, seen),
        ("32-v5-rgb", "32 bits, version 5 without fields, alpha 0", zero, 124, 0, photo),
    ):
        more = fields if compression == 3 else b""
        kinds.add(f"bmp-{name}.bmp", title, bmp_file(
            bmp_rows(alpha << 24 | plain, 32), depth=32, header=header, compression=compression, more=more), shows, 1)
    kinds.add("bmp-32-ce.bmp", "32 bits, fields of Windows CE, alpha 255 and 0", bmp_file(
        bmp_rows(half << 24 | plain, 32), depth=32, compression=6, more=fields), seen, 1)
    kinds.add("bmp-32-fields.bmp", "32 bits, fields in another order", bmp_file(
        bmp_rows(blue << 16 | green << 8 | red, 32), depth=32, compression=3,
        more=struct.pack("<III", 0xFF, 0xFF00, 0xFF0000)), photo, 1)
    jpeg = cjpeg()
    kinds.add("bmp-jpeg.bmp", "JPEG in BMP (for printers)", bmp_file(jpeg, depth=0, compression=4), "the photo is a BMP")
    kinds.add("bmp-half.bmp", "cut off in the middle", saved(photo, "BMP")[:9000], "damaged")


def webp(kinds):
    photo = quarters()
    alpha = numpy.full((64, 96, 1), 255, numpy.uint8)
    alpha[:, 48:] = 0
    with_alpha = numpy.concatenate([photo, alpha], axis=2)
    half = photo.copy()
    half[:, 48:] = 255
    lying = numpy.ascontiguousarray(STORED[6](photo))
    _, odd, shown = swapped()
    exact = {"lossless": True, "exact": True}
    kinds.add("webp-lossy.webp", "lossy", saved(photo, "WEBP", quality=92), tolerance=9)
    kinds.add("webp-lossy-odd.webp", "lossy, 83 x 61", saved(quarters(83, 61), "WEBP", quality=92), quarters(83, 61), 9)
    kinds.add("webp-lossless.webp", "lossless", saved(photo, "WEBP", **exact), tolerance=1)
    kinds.add("webp-lossless-palette.webp", "lossless, few colours", saved(indexed(16)[0].convert("RGB"), "WEBP", **exact),
              indexed(16)[1], 1)
    kinds.add("webp-alpha.webp", "lossy with alpha", saved(with_alpha, "WEBP", quality=92), half, 9)
    kinds.add("webp-lossless-alpha.webp", "lossless with alpha", saved(with_alpha, "WEBP", **exact), half, 1)
    other = Image.new("RGB", (96, 64), "white")
    kinds.add("webp-animated.webp", "animated", saved(
        photo, "WEBP", save_all=True, append_images=[other], duration=100, **exact), tolerance=1)
    kinds.add("webp-animated-lossy.webp", "animated, lossy", saved(
        photo, "WEBP", save_all=True, append_images=[other], duration=100, quality=92), tolerance=9)
    for name, title, block in (("", "orientation 6", tiff_block(6)), ("-long", "orientation 6 as LONG", tiff_block(6, kind=4)),
                               ("-prefix", "orientation 6 with the prefix of JPEG", b"Exif\0\0" + tiff_block(6))):
        kinds.add(f"webp-exif{name}.webp", title, saved(lying, "WEBP", exif=block, **exact), tolerance=1)
    kinds.add("webp-icc.webp", "a profile that swaps colours", saved(photo, "WEBP", icc_profile=odd, **exact), shown, 2)
    kinds.add("webp-xmp.webp", "XMP", saved(photo, "WEBP", xmp=b"<x/>", **exact), tolerance=1)
    kinds.add("webp-half.webp", "cut off in the middle", saved(photo, "WEBP", quality=92)[:300], "damaged")


def timeless(film):
    """The file without the times when it was made."""
    film = bytearray(film)
    for box in (b"mvhd", b"tkhd", b"mdhd"):
        place = film.find(box)
        while place >= 0:
            length = 16 if film[place + 4] == 1 else 8
            film[place + 8 : place + 8 + length] = bytes(length)
            place = film.find(box, place + 1)
    return bytes(film)


def heif(kinds):
    photo, lying = quarters(), numpy.ascontiguousarray(STORED[6](quarters()))

    def heic(pixels, **options):
        file = io.BytesIO()
        picture = pillow_heif.from_pillow(Image.fromarray(pixels))
        picture.save(file, quality=95, **options)
        return file.getvalue()

    kinds.add("heic.heic", "HEIC", heic(photo), tolerance=9)
    kinds.add("heic-444.heic", "HEIC, 4:4:4", heic(photo, chroma=444), tolerance=9)
    kinds.add("heic-odd.heic", "HEIC, 83 x 61", heic(quarters(83, 61)), quarters(83, 61), 9)
    kinds.add("heic-exif.heic", "HEIC, orientation 6", heic(lying, exif=tiff_block(6)), tolerance=9)
    kinds.add("avif.avif", "AVIF", saved(photo, "AVIF", quality=90), tolerance=9)
    kinds.add("avif-444.avif", "AVIF, 4:4:4", saved(photo, "AVIF", quality=90, subsampling="4:4:4"), tolerance=9)
    kinds.add("avif-odd.avif", "AVIF, 83 x 61", saved(quarters(83, 61), "AVIF", quality=90), quarters(83, 61), 9)
    kinds.add("avif-animated.avif", "AVIF, animated", timeless(saved(
        photo, "AVIF", quality=90, save_all=True, append_images=[Image.new("RGB", (96, 64), "white")])), tolerance=9)
    kinds.add("avif-grey.avif", "AVIF, grey", saved(grey(photo), "AVIF", quality=90), rgb(grey(photo)), 9)
    kinds.add("jxl.jxl", "JPEG XL", jpegxl_encode(photo, level=95), tolerance=9)
    kinds.add("jxl-lossless.jxl", "JPEG XL, lossless", jpegxl_encode(photo, lossless=True), tolerance=1)


def others(kinds):
    photo = quarters()
    film = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"isom", 512, b"isom", b"avc1")
    for name, title, data in (
        ("ico.ico", "ICO", saved(photo, "ICO", sizes=[(64, 64)])),
        ("icns.icns", "ICNS", saved(Image.new("RGBA", (64, 64)), "ICNS")),
        ("pdf.pdf", "PDF", b"%PDF-1.4\n%%EOF\n"), ("svg.svg", "SVG", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("psd.psd", "PSD", b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 64, 96, 8, 3) + bytes(400)),
        ("mp4.mp4", "MP4", film + bytes(100)),
        ("mov.mov", "MOV", struct.pack(">I4s4sI4s", 20, b"ftyp", b"qt  ", 512, b"qt  ") + bytes(100)),
        ("webm.webm", "WebM", b"\x1a\x45\xdf\xa3" + bytes(100)), ("tga.tga", "TGA", saved(photo, "TGA")),
        ("ppm.ppm", "PPM", ppm(photo)), ("qoi.qoi", "QOI", qoi_encode(photo)), ("dds.dds", "DDS", saved(photo, "DDS")),
        ("pcx.pcx", "PCX", saved(photo, "PCX")), ("html.jpg", "HTML under the name of a photo", b"<!DOCTYPE html><p>404</p>"),
        ("text.jpg", "text", b"hello"), ("zeros.jpg", "zeros", bytes(1000)),
        ("zip.jpg", "ZIP", b"PK\3\4" + bytes(100)), ("exr.exr", "OpenEXR", b"\x76\x2f\x31\x01" + bytes(100)),
        ("hdr.hdr", "Radiance HDR", b"#?RADIANCE\n" + bytes(100)),
    ):
        kinds.add(f"other-{name}", title, data, OTHER)
    kinds.add("other-empty.jpg", "nothing", b"", "empty")


def add(kinds):
    for part in (gif, bmp, webp, heif, others):
        part(kinds)
