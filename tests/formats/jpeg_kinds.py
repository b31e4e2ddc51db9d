"""JPEG files of all kinds, most of them made by libjpeg-turbo's cjpeg and then changed."""

import io
import struct
import tempfile

import imagecodecs
import numpy
from PIL import Image, ImageCms

from kinds import STORED, grey, ppm, quarters, rgb, run

DAMAGED = "damaged"


def cjpeg(*options, photo=None, scans=None):
    """A JPEG file by cjpeg; `scans` is the text of a script of scans."""
    command = ["cjpeg", "-quality", "92", *options]
    photo = quarters() if photo is None else photo
    if scans is None:
        return run(*command, data=ppm(photo))
    with tempfile.NamedTemporaryFile("w") as script:
        script.write(scans)
        script.flush()
        return run(*command, "-scans", script.name, data=ppm(photo))


def segment(marker, body):
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def segments(jpeg):
    """(marker, segment with marker) up to the first scan, then (None, the rest)."""
    place = 2
    while jpeg[place + 1] != 0xDA:
        length = 2 + struct.unpack_from(">H", jpeg, place + 2)[0]
        yield jpeg[place + 1], jpeg[place : place + length]
        place += length
    yield None, jpeg[place:]


def without(jpeg, *markers):
    return jpeg[:2] + b"".join(part for marker, part in segments(jpeg) if marker not in markers)


def with_segments(jpeg, *added, after_jfif=True):
    """The file with segments behind JFIF's, or in its place."""
    jfif = b"".join(part for marker, part in segments(jpeg) if marker == 0xE0)
    return jpeg[:2] + (jfif if after_jfif else b"") + b"".join(added) + without(jpeg, 0xE0)[2:]


def tiff_block(orientation, kind=3, order="<"):
    """An EXIF block with an orientation of this type (1 BYTE, 3 SHORT, 4 LONG), or without one."""
    header = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    if orientation is None:
        return header + struct.pack(order + "HHHII", 1, 0x0100, 4, 1, 96) + bytes(4)
    value = struct.pack(order + {1: "B", 3: "H", 4: "I"}[kind], orientation).ljust(4, b"\0")
    return header + struct.pack(order + "HHHI", 1, 0x0112, kind, 1) + value + bytes(4)


def exif(orientation, **more):
    return segment(0xE1, b"Exif\0\0" + tiff_block(orientation, **more))


def adobe(transform):
    return segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([transform]))


def sampling(kinds):
    names = {
        "444": "1x1", "422": "2x1", "420": "2x2", "440": "1x2", "411": "4x1", "410": "4x2", "441": "1x4",
        "3x1": "3x1", "1x3": "1x3", "3x2": "3x2", "2x4": "2x4",
        "unequal-chroma": "2x2,2x1,1x2", "unequal-chroma-2": "2x2,1x2,1x1",
        "chroma-finer": "1x1,2x2,2x2", "chroma-finer-2x1": "1x1,2x1,1x1", "crossed": "2x1,1x2,1x2",
        "all-2x1": "2x1,2x1,2x1",
    }
    odd = quarters(83, 61)
    finer = "the photo is a JPEG whose colour is finer"
    for name, factors in names.items():
        shows = finer if "finer" in name or name == "crossed" else None
        kinds.add(f"jpeg-{name}.jpg", f"sampling {factors}", cjpeg("-sample", factors), shows, 9)
    for name in ("444", "422", "420", "440", "411", "410"):
        factors = names[name]
        kinds.add(f"jpeg-{name}-odd.jpg", f"sampling {factors}, 83 x 61", cjpeg("-sample", factors, photo=odd), odd, 9)
        kinds.add(f"jpeg-{name}-progressive.jpg", f"progressive, {factors}", cjpeg("-progressive", "-sample", factors),
                  tolerance=9)
        kinds.add(f"jpeg-{name}-three-scans.jpg", f"sequential in three scans, {factors}",
                  cjpeg("-sample", factors, scans="0; 1; 2;"), tolerance=9)
    kinds.add("jpeg-4x4-three-scans.jpg", "sequential in three scans, 4x4", cjpeg("-sample", "4x4", scans="0; 1; 2;"),
              tolerance=9)
    shared = "the photo is a JPEG of several scans, one of them with two colours"
    for name in ("420", "422", "440"):
        kinds.add(f"jpeg-{name}-two-scans.jpg", f"sequential, luma and then chroma, {names[name]}",
                  cjpeg("-sample", names[name], scans="0; 1 2;"), shared)
        kinds.add(f"jpeg-{name}-two-scans-odd.jpg", f"the same of 83 x 61, {names[name]}",
                  cjpeg("-sample", names[name], scans="0; 1 2;", photo=odd), shared)


def coding(kinds):
    kinds.add("jpeg-optimised.jpg", "Huffman tables of its own", cjpeg("-optimize"), tolerance=9)
    kinds.add("jpeg-restart-1.jpg", "restart marker after every block", cjpeg("-restart", "1B"), tolerance=9)
    kinds.add("jpeg-restart-row.jpg", "restart marker after every row", cjpeg("-restart", "1"), tolerance=9)
    kinds.add("jpeg-progressive-restart.jpg", "progressive with restart markers", cjpeg("-progressive", "-restart", "1"),
              tolerance=9)
    kinds.add("jpeg-quality-100.jpg", "quality 100", cjpeg("-quality", "100", "-sample", "1x1"), tolerance=2)
    kinds.add("jpeg-quality-1.jpg", "16-bit quantisation (extended sequential)", cjpeg("-quality", "1"), tolerance=40)
    kinds.add("jpeg-arithmetic.jpg", "arithmetic coding", cjpeg("-arithmetic"), tolerance=9)
    kinds.add("jpeg-arithmetic-progressive.jpg", "arithmetic coding, progressive", cjpeg("-arithmetic", "-progressive"),
              tolerance=9)
    kinds.add("jpeg-spectral.jpg", "progressive without successive approximation",
              cjpeg(scans="0 1 2: 0-0, 0, 0; 0: 1-63, 0, 0; 1: 1-63, 0, 0; 2: 1-63, 0, 0;"), tolerance=9)
    kinds.add("jpeg-approximation.jpg", "progressive in many steps of accuracy", cjpeg(scans="".join(
        ["0 1 2: 0-0, 0, 2; 0 1 2: 0-0, 2, 1; 0 1 2: 0-0, 1, 0;"]
        + [f"{c}: 1-63, 0, 2; {c}: 1-63, 2, 1; {c}: 1-63, 1, 0;" for c in range(3)])), tolerance=9)
    luma = grey(quarters())
    kinds.add("jpeg-grey.jpg", "grey", cjpeg("-grayscale"), rgb(luma), 4)
    kinds.add("jpeg-grey-progressive.jpg", "grey, progressive", cjpeg("-grayscale", "-progressive"), rgb(luma), 4)
    kinds.add("jpeg-grey-2x2.jpg", "grey with sampling 2x2", grey_2x2(cjpeg("-grayscale")), rgb(luma), 4)
    kinds.add("jpeg-rgb.jpg", "RGB (Adobe transform 0)", cjpeg("-rgb"))
    kinds.add("jpeg-rgb-ids.jpg", "RGB told by the names of its components alone", without(cjpeg("-rgb"), 0xEE))
    deep = quarters().astype(numpy.uint16) * 16
    named = "the photo is a JPEG"
    kinds.add("jpeg-12-bit.jpg", "12 bits a sample", imagecodecs.jpeg8_encode(deep, level=95, bitspersample=12), named)
    kinds.add("jpeg-lossless.jpg", "lossless (process 14)", imagecodecs.jpeg8_encode(quarters(), lossless=True),
              "the photo is a lossless JPEG")
    kinds.add("jpeg-lossless-grey.jpg", "lossless, grey, 16 bits",
              imagecodecs.ljpeg_encode(luma.astype(numpy.uint16) * 257), "the photo is a lossless JPEG")
    kinds.add("jpeg-ls.jpg", "JPEG-LS", imagecodecs.jpegls_encode(quarters()), named)
    kinds.add("jpeg-2000.jp2", "JPEG 2000", imagecodecs.jpeg2k_encode(quarters(), codecformat="jp2"), "the file is not a photo")
    kinds.add("jpeg-2000.j2k", "JPEG 2000, codestream alone", imagecodecs.jpeg2k_encode(quarters(), codecformat="j2k"),
              "the file is not a photo")
    kinds.add("jpeg-xr.jxr", "JPEG XR", imagecodecs.jpegxr_encode(quarters()), "the file is not a photo")


def grey_2x2(jpeg):
    place = jpeg.index(b"\xff\xc0")
    return jpeg[: place + 11] + b"\x22" + jpeg[place + 12 :]


def inks(kinds):
    cmyk = 255 - quarters().astype(int)
    black = cmyk.min(axis=2, keepdims=True) // 2
    four = numpy.concatenate([(cmyk - black) * 255 // (255 - black), black], axis=2).astype(numpy.uint8)
    shown = ((255 - four[:, :, :3].astype(int)) * (255 - four[:, :, 3:].astype(int)) / 255).round().astype(numpy.uint8)
    inverted = 255 - four
    space = imagecodecs.JPEG8.CS
    raw = imagecodecs.jpeg8_encode(inverted, level=95, colorspace=space.CMYK, outcolorspace=space.CMYK, subsampling="444")
    ycck = imagecodecs.jpeg8_encode(inverted, level=95, colorspace=space.CMYK, outcolorspace=space.YCCK,
                                    subsampling="444")
    kinds.add("jpeg-cmyk.jpg", "CMYK as Adobe writes it", raw, shown)
    kinds.add("jpeg-ycck.jpg", "YCCK as Adobe writes it", ycck, shown)
    kinds.add("jpeg-ycck-420.jpg", "YCCK, 4:2:0", imagecodecs.jpeg8_encode(
        inverted, level=95, colorspace=space.CMYK, outcolorspace=space.YCCK, subsampling="420"), shown, 9)


def markers(kinds):
    jpeg = cjpeg()
    kinds.add("jpeg-no-end.jpg", "no end marker", jpeg[:-2], tolerance=9)
    kinds.add("jpeg-half-end.jpg", "half an end marker", jpeg[:-1], tolerance=9)
    kinds.add("jpeg-zeros-for-end.jpg", "zeros in place of the end marker", jpeg[:-2] + bytes(500), tolerance=9)
    kinds.add("jpeg-zeros-after.jpg", "zeros after the end marker", jpeg + bytes(500), tolerance=9)
    kinds.add("jpeg-text-after.jpg", "text after the end marker", jpeg + b"SEFT and more", tolerance=9)
    kinds.add("jpeg-progressive-no-end.jpg", "progressive, no end marker", cjpeg("-progressive")[:-2], tolerance=9)
    kinds.add("jpeg-fill.jpg", "fill bytes before its markers",
              jpeg[:2] + b"".join(b"\xff\xff" + part for _, part in segments(jpeg)), tolerance=9)
    kinds.add("jpeg-half.jpg", "cut off in the middle", jpeg[: len(jpeg) // 2], DAMAGED)
    kinds.add("jpeg-no-tables.jpg", "no Huffman tables (a webcam's frame)", without(jpeg, 0xC4), tolerance=9)
    kinds.add("jpeg-avi.jpg", "no Huffman tables, AVI1 in place of JFIF",
              with_segments(without(jpeg, 0xC4), segment(0xE0, b"AVI1" + bytes(10)), after_jfif=False), tolerance=9)
    order = sorted(segments(jpeg), key=lambda part: (part[0] is None, part[0] == 0xDB, part[0] == 0xC4))
    kinds.add("jpeg-frame-first.jpg", "frame before its tables", jpeg[:2] + b"".join(part for _, part in order), tolerance=9)
    order = sorted(segments(jpeg), key=lambda part: (part[0] is None, part[0] == 0xC0))
    kinds.add("jpeg-frame-last.jpg", "frame behind all tables", jpeg[:2] + b"".join(part for _, part in order), tolerance=9)
    kinds.add("jpeg-no-jfif.jpg", "neither JFIF nor Adobe", without(jpeg, 0xE0), tolerance=9)
    kinds.add("jpeg-adobe-1.jpg", "Adobe transform 1", with_segments(jpeg, adobe(1), after_jfif=False), tolerance=9)
    kinds.add("jpeg-adobe-short.jpg", "APP14 of 10 bytes", with_segments(jpeg, segment(0xEE, b"Adobe\0\x64\0")), tolerance=9)
    kinds.add("jpeg-adobe-9.jpg", "APP14 with transform 9", with_segments(jpeg, adobe(9)), tolerance=9)
    kinds.add("jpeg-jfif-adobe-0.jpg", "JFIF and Adobe transform 0: JFIF wins", with_segments(jpeg, adobe(0)), tolerance=9)
    kinds.add("jpeg-xmp-short.jpg", "extended XMP that is too short",
              with_segments(jpeg, segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 20)), tolerance=9)
    kinds.add("jpeg-xmp.jpg", "XMP", with_segments(jpeg, segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>")), tolerance=9)
    kinds.add("jpeg-comments.jpg", "comments", with_segments(jpeg, *[segment(0xFE, b"hello")] * 50), tolerance=9)
    kinds.add("jpeg-app-empty.jpg", "empty application segments",
              with_segments(jpeg, *[segment(0xE0 + number, b"") for number in range(16)]), tolerance=9)
    kinds.add("jpeg-photoshop.jpg", "Photoshop's resources",
              with_segments(jpeg, segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\0")), tolerance=9)
    small = cjpeg(photo=quarters(24, 16))
    kinds.add("jpeg-thumbnail.jpg", "EXIF with a thumbnail",
              with_segments(jpeg, segment(0xE1, b"Exif\0\0" + tiff_block(1) + small)), tolerance=9)
    kinds.add("jpeg-jfxx.jpg", "JFXX with a thumbnail", with_segments(jpeg, segment(0xE0, b"JFXX\0\x10" + small)), tolerance=9)
    mpf = segment(0xE2, b"MPF\0II*\0\x08\0\0\0\x01\0\0\xb0\x07\0\x04\0\0\x000100\0\0\0\0")
    kinds.add("jpeg-mpf.jpg", "a second picture behind (MPF, gain map)", with_segments(jpeg, mpf) + small, tolerance=9)
    kinds.add("jpeg-motion.jpg", "a film behind (motion photo)",
              jpeg + b"\0\0\0\x18ftypmp42\0\0\0\0isommp42\0\0\0\x10mdat\xff\xd8\xff\xd9\0\0\0\0", tolerance=9)


def turned(kinds):
    for orientation, stored in STORED.items():
        photo = numpy.ascontiguousarray(stored(quarters()))
        kinds.add(f"jpeg-exif-{orientation}.jpg", f"EXIF orientation {orientation}",
                  with_segments(cjpeg(photo=photo), exif(orientation)), tolerance=9)
    lying = cjpeg(photo=on_its_side())
    kinds.add("jpeg-exif-long.jpg", "orientation 6 as LONG", with_segments(lying, exif(6, kind=4)), tolerance=9)
    kinds.add("jpeg-exif-long-big.jpg", "orientation 6 as LONG, big endian",
              with_segments(lying, exif(6, kind=4, order=">")), tolerance=9)
    kinds.add("jpeg-exif-big.jpg", "orientation 6, big endian", with_segments(lying, exif(6, order=">")), tolerance=9)
    kinds.add("jpeg-exif-no-jfif.jpg", "orientation 6 in place of JFIF", with_segments(lying, exif(6), after_jfif=False),
              tolerance=9)
    kinds.add("jpeg-exif-6-1.jpg", "two EXIF segments, 6 and 1", with_segments(lying, exif(6), exif(1)), tolerance=9)
    kinds.add("jpeg-exif-6-none.jpg", "two EXIF segments, 6 and none", with_segments(lying, exif(6), exif(None)), tolerance=9)
    kinds.add("jpeg-exif-1-6.jpg", "two EXIF segments, 1 and 6", with_segments(cjpeg(), exif(1), exif(6)), tolerance=9)
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>")
    kinds.add("jpeg-exif-after-xmp.jpg", "orientation 6 behind XMP", with_segments(lying, xmp, exif(6)), tolerance=9)
    for value in (0, 9):
        kinds.add(f"jpeg-exif-{value}.jpg", f"orientation {value}, which means nothing",
                  with_segments(cjpeg(), exif(value)), tolerance=9)
    kinds.add("jpeg-exif-broken.jpg", "EXIF whose directory is not there",
              with_segments(cjpeg(), segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\x7f")), tolerance=9)
    kinds.add("jpeg-exif-empty.jpg", "EXIF of no bytes", with_segments(cjpeg(), segment(0xE1, b"Exif\0\0")), tolerance=9)
    kinds.add("jpeg-exif-6-progressive.jpg", "orientation 6, progressive",
              with_segments(cjpeg("-progressive", photo=on_its_side()), exif(6)), tolerance=9)


def on_its_side():
    return numpy.ascontiguousarray(STORED[6](quarters()))


def icc(profile, parts):
    """A profile cut into segments."""
    step = -(-len(profile) // parts)
    return [segment(0xE2, b"ICC_PROFILE\0" + bytes([index + 1, parts]) + profile[index * step : (index + 1) * step])
            for index in range(parts)]


def swapped():
    """A profile that shows red as green and so on, and what it makes of the picture: profiles that count are seen."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # When it was made, and its checksum.
    profile[24:36] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
    profile[84:100] = bytes(16)
    srgb = bytes(profile)
    count = struct.unpack_from(">I", profile, 128)[0]
    tags = {bytes(profile[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(count)}
    places = [struct.unpack_from(">I", profile, tags[name] + 4)[0] for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
    values = [bytes(profile[place : place + 20]) for place in places]
    for place, value in zip(places, values[1:] + values[:1]):
        profile[place : place + 20] = value
    return srgb, bytes(profile), numpy.ascontiguousarray(quarters()[:, :, [2, 0, 1]])


def profiles(kinds):
    srgb, odd, shown = swapped()
    jpeg = cjpeg("-sample", "1x1")
    kinds.add("jpeg-icc-srgb.jpg", "profile of sRGB", with_segments(jpeg, *icc(srgb, 1)))
    kinds.add("jpeg-icc.jpg", "a profile that swaps colours", with_segments(jpeg, *icc(odd, 1)), shown)
    kinds.add("jpeg-icc-parts.jpg", "the same in three segments", with_segments(jpeg, *icc(odd, 3)), shown)
    kinds.add("jpeg-icc-order.jpg", "the same in segments out of order", with_segments(jpeg, *icc(odd, 3)[::-1]), shown)
    kinds.add("jpeg-icc-missing.jpg", "a profile of which a part is missing", with_segments(jpeg, *icc(odd, 3)[:2]))
    kinds.add("jpeg-icc-broken.jpg", "a profile that is none", with_segments(jpeg, *icc(b"no profile" * 20, 1)))
    buffer = io.BytesIO()
    Image.fromarray(quarters()).save(buffer, "MPO", quality=92, save_all=True,
                                     append_images=[Image.fromarray(quarters(24, 16))])
    kinds.add("jpeg-mpo.jpg", "MPO of two pictures", buffer.getvalue(), tolerance=9)


def add(kinds):
    for part in (sampling, coding, inks, markers, turned, profiles):
        part(kinds)
