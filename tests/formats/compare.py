"""Writes docs/formats.md: what the worker, Pillow and a browser make of every kind of file.

    python make.py KINDS
    cargo run -p ai-worker --example decode -- KINDS ANSWERS
    python compare.py KINDS ANSWERS ../../docs/formats.md [CHROMIUM]
"""

import base64
import http.server
import io
import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy
import PIL
from PIL import Image, ImageCms, ImageFile, ImageOps

PAGE = """<!doctype html><script>
(async () => {
  for (const name of await (await fetch('/names')).json()) {
    let answer = {name};
    try {
      const image = new Image();
      image.src = '/kinds/' + encodeURIComponent(name);
      await image.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
      const context = canvas.getContext('2d');
      context.fillStyle = 'white';
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(image, 0, 0);
      const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
      answer = {name, width: canvas.width, height: canvas.height, pixels: btoa(
        Array.from(pixels, value => String.fromCharCode(value)).join(''))};
    } catch (error) { answer.error = String(error); }
    await fetch('/answer', {method: 'POST', body: JSON.stringify(answer)});
  }
  await fetch('/end', {method: 'POST', body: ''});
})();
</script>"""
START, END = "<!-- made by compare.py -->", "<!-- end -->"
TYPES = {".svg": "image/svg+xml", ".html": "text/html"}


def browser(chromium, folder, names):
    """What a headless browser draws of each file, as RGB pixels; None where it draws nothing."""
    answers, end = {}, threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def answer(self, body, kind="text/html"):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            if self.path == "/":
                self.answer(PAGE.encode())
            elif self.path == "/names":
                self.answer(json.dumps(names).encode(), "application/json")
            elif self.path.startswith("/kinds/"):
                path = folder / Path(self.path).name
                self.answer(path.read_bytes(), TYPES.get(path.suffix, "application/octet-stream"))
            else:
                self.answer(b"")

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/end":
                end.set()
            else:
                answer = json.loads(body)
                pixels = answer.get("pixels")
                answers[answer["name"]] = None if pixels is None else numpy.frombuffer(
                    base64.b64decode(pixels), numpy.uint8).reshape(answer["height"], answer["width"], 4)[:, :, :3]
            self.answer(b"")

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as profile:
        process = subprocess.Popen([
            chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--force-color-profile=srgb",
            f"--user-data-dir={profile}", f"http://127.0.0.1:{server.server_port}/"], stderr=subprocess.DEVNULL)
        end.wait(300)
        process.terminate()
        process.wait()
    server.shutdown()
    return answers


def pillow(data):
    """What Pillow makes of a file, upright and in sRGB on white; None where it refuses it."""
    try:
        photo = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
        profile = photo.info.get("icc_profile")
        if photo.mode.startswith("I;16") or photo.mode == "I":
            values = numpy.array(photo).astype(numpy.uint32)
            photo = Image.fromarray((values >> 8).clip(0, 255).astype(numpy.uint8))
        if photo.mode in ("P", "PA", "LA", "RGBA", "La") or "transparency" in photo.info:
            photo = photo.convert("RGBA")
            white = Image.new("RGBA", photo.size, "white")
            white.alpha_composite(photo)
            photo = white
        photo = photo.convert("RGB")
        if profile:
            try:
                photo = ImageCms.profileToProfile(photo, ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                                                  ImageCms.createProfile("sRGB")) or photo
            except ImageCms.PyCMSError:
                pass
        return numpy.array(photo)
    except Exception:  # Pillow raises of all kinds.
        return None


def judge(pixels, expected, tolerance):
    if pixels is None:
        return "no picture"
    if expected is None:
        return f"{pixels.shape[1]} x {pixels.shape[0]}"
    if pixels.shape != expected.shape:
        return f"{pixels.shape[1]} x {pixels.shape[0]} instead of {expected.shape[1]} x {expected.shape[0]}"
    difference = numpy.abs(pixels.astype(int) - expected.astype(int)).mean()
    return "right" if difference <= tolerance else f"other pixels (mean difference {difference:.0f})"


def worker(answers, name, expected, tolerance, words):
    """The worker's answer, and whether it is the right one."""
    picture = answers / f"{name}.ppm"
    if picture.exists():
        verdict = judge(numpy.array(Image.open(picture)), expected, tolerance)
        return verdict, verdict == "right"
    kind, text = (answers / f"{name}.txt").read_text().splitlines()[:2]
    status = {"NotAnImage": 415, "UnsupportedKind": 415, "NoHeif": 415, "Damaged": 422, "EmptyBody": 422}.get(kind, 413)
    return f"{status}: {text.split(';')[0]}", expected is None and words in text


def main():
    folder, answers, out = map(Path, sys.argv[1:4])
    rows = [line.split("\t") for line in (folder / "kinds.tsv").read_text().splitlines()]
    names = [row[0] for row in rows]
    chromium = sys.argv[4] if len(sys.argv) > 4 else "chromium"
    version = subprocess.run([chromium, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    drawn = browser(chromium, folder, names)
    assert set(drawn) == set(names), "the browser did not finish"
    lines, faults = [], []
    for name, title, shows, tolerance in rows:
        expected = None
        if (folder / shows).is_file():
            expected = numpy.array(Image.open(folder / shows).convert("RGB"))
        answer, right = worker(answers, name, expected, float(tolerance), shows)
        if not right:
            faults.append(name)
        others = [judge(pixels, expected, float(tolerance))
                  for pixels in (pillow((folder / name).read_bytes()), drawn[name])]
        mark = "" if right else "**wrong:** "
        lines.append(f"| `{name}` | {title} | {mark}{answer} | {others[0]} | {others[1]} |\n")
    # What stands before and behind the table stays.
    head, old = out.read_text().split(START)
    tail = old.split(END)[1]
    out.write_text(f"{head}{START}\n| File | What it is | Worker | Pillow {PIL.__version__} | {' '.join(version[:2])} |\n"
                   f"|---|---|---|---|---|\n{''.join(lines)}{END}{tail}")
    print(len(rows), "kinds,", len(faults), "answered wrongly:", *faults)


if __name__ == "__main__":
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    main()
