"""Measures whether several pictures in one run cost less than one after another, on the processor.

Usage: pip install -r requirements.txt onnx; python3 batches.py MODEL.onnx...

Each network looks at pictures of noise, on one and on two threads, 1, 2, 4 and 8 in a run; runs of the four sizes
alternate, and the median counts. Says the time of the clock and of the processor for each picture, in milliseconds. A graph
that was written for one picture is made to take several, where that is possible.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

SIZES = [1, 2, 4, 8]
RUNS = 9


def several(path):
    """The graph with the first dimension of its inputs and outputs left open."""
    model = onnx.load(path)
    weights = {weight.name for weight in model.graph.initializer}
    for value in [*model.graph.input, *model.graph.output]:
        if value.name not in weights:
            value.type.tensor_type.shape.dim[0].dim_param = "N"
    del model.graph.value_info[:]
    return model.SerializeToString()


def main():
    random = np.random.default_rng(5)
    for path in sys.argv[1:]:
        model = several(path)
        for threads in (1, 2):
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            options.log_severity_level = 4
            network = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
            value = network.get_inputs()[0]
            pictures = random.standard_normal((max(SIZES), *value.shape[1:]), np.float32)
            single = network.run(None, {value.name: pictures[:1]})[0]
            times = {size: [] for size in SIZES}
            for run in range(RUNS + 1):
                for size, taken in times.items():
                    clock, processor = time.perf_counter(), time.process_time()
                    outputs = network.run(None, {value.name: pictures[:size]})
                    spent = (time.perf_counter() - clock) / size, (time.process_time() - processor) / size
                    off = np.abs(outputs[0][:1] - single).max() / np.abs(single).max()
                    assert len(outputs[0]) == size and off < 1e-3, "this graph is for one picture"
                    # The first run makes room.
                    if run:
                        taken.append(spent)
            medians = [tuple(statistics.median(column) * 1e3 for column in zip(*taken)) for taken in times.values()]
            text = ", ".join(f"{size}: {clock:.1f}/{cpu:.1f}" for size, (clock, cpu) in zip(SIZES, medians))
            print(f"{Path(path).name}, {threads} thread(s), ms of clock/processor a picture by pictures a run: {text}")


if __name__ == "__main__":
    main()
