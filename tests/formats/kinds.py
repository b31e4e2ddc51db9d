"""What all kinds of file have in common: the picture in them, and the list that they are added to."""

import subprocess

import numpy

WIDTH, HEIGHT = 96, 64
RED, GREEN, BLUE, YELLOW = (220, 40, 40), (40, 180, 60), (40, 60, 200), (230, 210, 40)
# What must be turned how before it is stored, so that it is upright again as EXIF says.
STORED = {
    1: lambda photo: photo,
    2: lambda photo: photo[:, ::-1],
    3: lambda photo: photo[::-1, ::-1],
    4: lambda photo: photo[::-1],
    5: lambda photo: photo.swapaxes(0, 1),
    6: lambda photo: photo.swapaxes(0, 1)[::-1],
    7: lambda photo: photo[::-1, ::-1].swapaxes(0, 1),
    8: lambda photo: photo.swapaxes(0, 1)[:, ::-1],
}


def quarters(width=WIDTH, height=HEIGHT):
    """Red and green above, blue and yellow below, with soft waves: pixels that are at the wrong place show."""
    photo = numpy.zeros((height, width, 3))
    photo[: height // 2, : width // 2] = RED
    photo[: height // 2, width // 2 :] = GREEN
    photo[height // 2 :, : width // 2] = BLUE
    photo[height // 2 :, width // 2 :] = YELLOW
    y, x = numpy.mgrid[:height, :width]
    photo += (16 * numpy.sin(x / 4) * numpy.sin(y / 3))[:, :, None]
    return photo.round().clip(0, 255).astype(numpy.uint8)


def grey(photo):
    """Its luma (ITU-R 601)."""
    return (photo @ (0.299, 0.587, 0.114)).round().astype(numpy.uint8)


def rgb(photo):
    """Three equal channels of a grey one."""
    return numpy.repeat(photo[:, :, None], 3, axis=2) if photo.ndim == 2 else photo


def ppm(photo):
    """The picture as cjpeg reads it."""
    kind = b"P5" if photo.ndim == 2 else b"P6"
    return b"%s %d %d 255\n" % (kind, photo.shape[1], photo.shape[0]) + photo.tobytes()


def run(*command, data):
    """What a program makes of its input."""
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


class Kinds:
    """A list of files with what they are, and what is right."""

    def __init__(self):
        self.rows = []

    def add(self, name, title, data, shows=None, tolerance=5):
        """`shows` is an RGB picture, the usual one if None, or the words that a refusal must have. `tolerance` is the mean
        difference of values from it, of 255, that lossy compression explains."""
        assert name not in {row[0] for row in self.rows}, name
        self.rows.append((name, title, bytes(data), quarters() if shows is None else shows, tolerance))
