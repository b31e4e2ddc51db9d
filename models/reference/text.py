"""Records what the sentence encoder says, with the published tokenizer and ONNX Runtime.

Usage: pip install -r requirements.txt; python3 text.py MODELS_DIR > text.json
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

SENTENCES = ["a photo of a wedding ceremony", "Rapat di dalam ruangan", "café, naïve — 你好 🙂", "x " * 600]


def main():
    models = Path(sys.argv[1])
    tokenizer = Tokenizer.from_file(str(models / "minilm-tokenizer.json"))
    tokenizer.enable_truncation(256)
    tokenizer.no_padding()
    session = onnxruntime.InferenceSession(str(models / "minilm-int8.onnx"))
    result = []
    for sentence in SENTENCES:
        encoding = tokenizer.encode(sentence)
        inputs = {
            "input_ids": encoding.ids,
            "attention_mask": encoding.attention_mask,
            "token_type_ids": encoding.type_ids,
        }
        states = session.run(None, {name: np.array([values], np.int64) for name, values in inputs.items()})[0][0]
        pooled = states.mean(0)
        vector = pooled / np.linalg.norm(pooled)
        result.append({"sentence": sentence, "tokens": len(encoding.ids), "start": np.round(vector[:8], 5).tolist()})
    json.dump(result, sys.stdout, indent=1, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main()
