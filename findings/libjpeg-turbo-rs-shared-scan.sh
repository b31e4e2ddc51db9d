#!/usr/bin/env bash
# libjpeg-turbo-rs 0.9.0 does not decode a sequential JPEG whose second scan holds two of the three components.
#
# Such a file is valid (ITU-T T.81, B.2.3 allows one to four components in a scan) and libjpeg-turbo decodes it; cjpeg
# writes one with the scan script "0; 1 2;". One would expect the same of a crate whose pixels are otherwise those of
# libjpeg-turbo, bit for bit. The worker calls these files by their name (415).
#
# Needs cargo, Python 3 with venv, and cjpeg (Debian's package libjpeg-turbo-progs). Seen on 2026-11-30:
#   Pillow 13.0.0: 48 x 32
#   libjpeg-turbo-rs 0.9.0: corrupt data: non-interleaved baseline scan has 2 components, expected 1
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -c 'import sys; sys.stdout.buffer.write(b"P6 48 32 255\n" + bytes([200, 60, 40]) * (48 * 32))' > picture.ppm
printf '0;\n1 2;\n' > scans.txt
cjpeg -quality 90 -sample 2x2 -scans scans.txt picture.ppm > picture.jpg

python3 -m venv python
python/bin/pip install -q 'pillow==13.0.0'
pillow="$(python/bin/python -c 'from PIL import Image; print("%d x %d" % Image.open("picture.jpg").convert("RGB").size)')"
echo "Pillow 13.0.0: $pillow"

cargo init -q --name finding .
cargo add -q 'libjpeg-turbo-rs@=0.9.0'
cat > src/main.rs <<'RUST'
fn main() {
    let bytes = std::fs::read("picture.jpg").unwrap();
    match libjpeg_turbo_rs::decompress(&bytes) {
        Ok(image) => println!("{} x {}", image.width, image.height),
        Err(error) => println!("{error}"),
    }
}
RUST
crate="$(cargo run -q)"
echo "libjpeg-turbo-rs 0.9.0: $crate"

[ "$pillow" = '48 x 32' ]
[ "$crate" = 'corrupt data: non-interleaved baseline scan has 2 components, expected 1' ]
