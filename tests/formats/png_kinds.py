"""PNG files of all kinds, written chunk by chunk."""

import struct
import zlib

import numpy

from jpeg_kinds import swapped, tiff_block
from kinds import STORED, grey, quarters, rgb

GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
WHITE = 255
# Where Adam7 begins, and its steps.
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def rows(samples, depth):
    """Rows without filter, each with its filter's number; `samples` is height x width x channels."""
    height, width, channels = samples.shape
    flat = samples.reshape(height, width * channels)
    if depth == 16:
        packed = flat.astype(">u2").view(numpy.uint8).reshape(height, -1)
    else:
        bits = (flat[:, :, None] >> numpy.arange(depth - 1, -1, -1)) & 1
        packed = numpy.packbits(bits.reshape(height, -1).astype(numpy.uint8), axis=1)
    return b"".join(b"\0" + row.tobytes() for row in packed)


def header(width, height, depth, colour, interlaced=False):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))


def png(samples, depth, colour, *before, after=b"", end=True, interlaced=False, parts=1, start=b""):
    """A file with chunks before its pixels, and `after` behind them."""
    if interlaced:
        data = b"".join(rows(samples[y::dy, x::dx], depth) for x, y, dx, dy in PASSES)
    else:
        data = rows(samples, depth)
    data = zlib.compress(data, 9)
    step = -(-len(data) // parts)
    pixels = b"".join(chunk(b"IDAT", data[i : i + step]) for i in range(0, len(data), step))
    height, width = samples.shape[:2]
    return (b"\x89PNG\r\n\x1a\n" + start + header(width, height, depth, colour, interlaced) + b"".join(before) + pixels
            + after + (chunk(b"IEND", b"") if end else b""))


def palette(count):
    """Colours, indices and what they show: the picture in few colours."""
    photo = quarters()
    if count == 2:
        indices = (grey(photo) > 110).astype(numpy.uint8)
        colours = numpy.array([(40, 60, 200), (230, 210, 40)], numpy.uint8)
    else:
        base = numpy.array([(220, 40, 40), (40, 180, 60), (40, 60, 200), (230, 210, 40)])
        steps = count // 4
        offsets = numpy.linspace(-14, 14, steps) if steps > 1 else numpy.zeros(1)
        colours = (base[:, None, :] + offsets[None, :, None]).reshape(-1, 3).clip(0, 255).astype(numpy.uint8)
        distance = ((photo[:, :, None, :].astype(int) - colours[None, None].astype(int)) ** 2).sum(axis=3)
        indices = distance.argmin(axis=2).astype(numpy.uint8)
    return colours, indices[:, :, None], colours[indices]


def every_type(kinds):
    photo = quarters()
    luma = grey(photo)
    mask = numpy.full(luma.shape, 255, numpy.uint16)
    mask[:, 48:] = 0
    half = photo.copy()
    half[:, 48:] = WHITE
    grey_half = rgb(luma).copy()
    grey_half[:, 48:] = WHITE
    cases = []
    for depth in (1, 2, 4, 8, 16):
        most = (1 << depth) - 1
        samples = (luma.astype(numpy.uint32) * most + 127) // 255
        cases.append((f"grey-{depth}", f"grey, {depth} bits", samples[:, :, None], depth, GREY,
                      rgb((samples * 255 // most).astype(numpy.uint8))))
    for depth in (1, 2, 4, 8):
        colours, indices, shows = palette(1 << depth)
        cases.append((f"palette-{depth}", f"palette, {depth} bits", indices, depth, PALETTE, shows, chunk(b"PLTE", colours.tobytes())))
    for depth, scale in ((8, 1), (16, 257)):
        deep, deep_mask = photo.astype(numpy.uint32) * scale, mask.astype(numpy.uint32) * scale
        cases += [
            (f"rgb-{depth}", f"RGB, {depth} bits", deep, depth, RGB, photo),
            (f"grey-alpha-{depth}", f"grey with alpha, {depth} bits",
             numpy.stack([luma.astype(numpy.uint32) * scale, deep_mask], axis=2), depth, GREY_ALPHA, grey_half),
            (f"rgba-{depth}", f"RGB with alpha, {depth} bits",
             numpy.concatenate([deep, deep_mask[:, :, None]], axis=2), depth, RGB_ALPHA, half),
        ]
    for name, title, samples, depth, colour, shows, *before in cases:
        kinds.add(f"png-{name}.png", title, png(samples, depth, colour, *before), shows, 1)
        kinds.add(f"png-{name}-interlaced.png", f"{title}, interlaced",
                  png(samples, depth, colour, *before, interlaced=True), shows, 1)


def transparent(kinds):
    colours, indices, shows = palette(4)
    seen = shows.copy()
    seen[indices[:, :, 0] == 1] = WHITE
    kinds.add("png-palette-trns.png", "palette with a transparent colour",
              png(indices, 2, PALETTE, chunk(b"PLTE", colours.tobytes()), chunk(b"tRNS", b"\xff\0")), seen, 1)
    flat = shows.astype(numpy.uint32)
    green = struct.pack(">HHH", *(int(value) for value in colours[1]))
    kinds.add("png-rgb-trns.png", "RGB with a transparent colour", png(flat, 8, RGB, chunk(b"tRNS", green)), seen, 1)
    luma = grey(shows)
    value = int(luma[0, 95])
    grey_seen = rgb(luma).copy()
    grey_seen[luma == value] = WHITE
    kinds.add("png-grey-trns.png", "grey with a transparent value",
              png(luma[:, :, None].astype(numpy.uint32), 8, GREY, chunk(b"tRNS", struct.pack(">H", value))), grey_seen, 1)


def chunks(kinds):
    photo = quarters().astype(numpy.uint32)
    lying = numpy.ascontiguousarray(STORED[6](photo))
    block = chunk(b"eXIf", tiff_block(6))
    kinds.add("png-exif.png", "orientation 6 before the pixels", png(lying, 8, RGB, block), tolerance=1)
    kinds.add("png-exif-after.png", "orientation 6 behind the pixels", png(lying, 8, RGB, after=block), tolerance=1)
    kinds.add("png-exif-long.png", "orientation 6 as LONG", png(lying, 8, RGB, chunk(b"eXIf", tiff_block(6, kind=4))),
              tolerance=1)
    kinds.add("png-exif-after-no-end.png", "orientation 6 behind the pixels, no IEND",
              png(lying, 8, RGB, after=block, end=False), tolerance=1)
    whole = png(photo, 8, RGB)
    kinds.add("png-no-end.png", "no IEND", png(photo, 8, RGB, end=False), tolerance=1)
    kinds.add("png-half-end.png", "half of IEND", whole[:-5], tolerance=1)
    kinds.add("png-after-end.png", "bytes after IEND", whole + b"more", tolerance=1)
    kinds.add("png-half.png", "cut off in the middle", whole[: len(whole) // 2], "damaged")
    kinds.add("png-parts.png", "pixels in 50 chunks", png(photo, 8, RGB, parts=50), tolerance=1)
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    kinds.add("png-apple.png", "Apple's CgBI", b"\x89PNG\r\n\x1a\n" + chunk(b"CgBI", b"\x50\0\x20\x02")
              + header(96, 64, 8, RGB_ALPHA) + chunk(b"IDAT", raw.compress(bytes(64 * (96 * 4 + 1))) + raw.flush())
              + chunk(b"IEND", b""), "CgBI")
    kinds.add("png-text.png", "texts, time, resolution", png(
        photo, 8, RGB, chunk(b"tEXt", b"Comment\0hello"), chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"hello")),
        chunk(b"iTXt", b"Comment\0\0\0\0\0hello"), chunk(b"tIME", b"\x07\xea\1\1\0\0\0"),
        chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1))), tolerance=1)
    kinds.add("png-wrong-sum.png", "a wrong checksum of a text", png(photo, 8, RGB, chunk(b"tEXt", b"a\0b")[:-4] + b"....") ,
              tolerance=1)
    srgb, odd, shown = swapped()
    kinds.add("png-icc.png", "a profile that swaps colours",
              png(photo, 8, RGB, chunk(b"iCCP", b"odd\0\0" + zlib.compress(odd))), shown, 2)
    kinds.add("png-icc-srgb.png", "profile of sRGB", png(photo, 8, RGB, chunk(b"iCCP", b"sRGB\0\0" + zlib.compress(srgb))),
              tolerance=2)
    kinds.add("png-srgb.png", "sRGB, gamma and primaries", png(
        photo, 8, RGB, chunk(b"sRGB", b"\0"), chunk(b"gAMA", struct.pack(">I", 45455)),
        chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000))), tolerance=1)
    kinds.add("png-gamma.png", "a gamma of 1 (noted: not applied)", png(photo, 8, RGB, chunk(b"gAMA", struct.pack(">I", 100000))),
              tolerance=1)
    kinds.add("png-cicp.png", "Display P3 as cICP (noted: not applied)", png(photo, 8, RGB, chunk(b"cICP", b"\x0c\x0d\0\1")),
              tolerance=1)


def animated(kinds):
    photo, other = quarters(), numpy.full((64, 96, 3), WHITE)

    def control(number):
        return chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, 96, 64, 0, 0, 1, 10, 0, 0))

    def frame(number, picture):
        return chunk(b"fdAT", struct.pack(">I", number) + zlib.compress(rows(picture.astype(numpy.uint32), 8)))

    kinds.add("png-animated.png", "APNG", png(
        photo.astype(numpy.uint32), 8, RGB, chunk(b"acTL", struct.pack(">II", 2, 0)), control(0),
        after=control(1) + frame(2, other)), tolerance=1)
    kinds.add("png-animated-apart.png", "APNG whose first picture is not part of the animation", png(
        other.astype(numpy.uint32), 8, RGB, chunk(b"acTL", struct.pack(">II", 1, 0)),
        after=control(0) + frame(1, photo)), tolerance=1)


def add(kinds):
    for part in (every_type, transparent, chunks, animated):
        part(kinds)
