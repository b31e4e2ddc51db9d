"""Makes small networks of the architectures of the set `full`, with random weights, and records what the reference
implementations say with them: PyTorch, open_clip, transformers, and InsightFace's way to read its networks' answers.

Usage: python3 full.py SAMPLES_DIR DIRECTORY

DIRECTORY gets the files of the set under their names in the manifest, but for the label classifier and BLIP's
tokenizer; the images that the networks were shown; and `full.json`. Needs full-requirements.txt, PyTorch and
torchvision (see there).
"""

import json
import pickle
import random
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import onnxruntime
import open_clip
import torch
from ftfy import fix_encoding
from open_clip.model import CLIP
from open_clip.tokenizer import default_bpe
from PIL import Image
from safetensors.torch import save_file
from torch import nn
from transformers import BlipConfig, BlipForConditionalGeneration, BlipImageProcessor

EXPORT = Path(__file__).parent.parent / "export" / "export.py"
sys.path.append(str(EXPORT.parent))
from export import StateUnpickler, read_checkpoint  # noqa: E402

PHOTOS = ["astronaut.png", "coffee.png"]
MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)
END = 102
# As Rust's tests name the settings of a search.
SEARCHES = [
    {"beams": 1, "min_length": 0, "max_length": 20, "repetition_penalty": 1.0},
    {"beams": 1, "min_length": 9, "max_length": 20, "repetition_penalty": 1.3},
    {"beams": 3, "min_length": 0, "max_length": 20, "repetition_penalty": 1.0},
    {"beams": 3, "min_length": 5, "max_length": 12, "repetition_penalty": 1.0},
    {"beams": 5, "min_length": 8, "max_length": 20, "repetition_penalty": 1.5},
]


def shake(module, scale):
    """Random weights that differ from layer to layer; what normalises stays near what it is."""
    for parameter in module.parameters():
        parameter.data += torch.randn_like(parameter) * scale
    return module.eval()


def export(architecture, checkpoint, result):
    subprocess.run([sys.executable, EXPORT, architecture, checkpoint, result], check=True)


def check_checkpoints(directory):
    """The exporter reads what `torch.save` writes as PyTorch does, and nothing outside a tensor's storage."""
    values = torch.arange(24.0)
    state = {
        "whole": values.reshape(4, 6),
        "turned": values.reshape(4, 6).T,
        "every second row of a part": values[3:].reshape(7, 3)[::2],
        "repeated": values[:3].expand(2, 3),
        "half": values.half(),
        "long": values.long(),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
    }
    torch.save(state, directory / "state.bin")
    read = read_checkpoint(directory / "state.bin")
    for name, value in state.items():
        assert np.array_equal(read[name], value.numpy()), name
    storage = np.arange(12, dtype="<f4")
    for offset, size, stride in [
        (12, (1,), (1,)),
        (-1, (2,), (1,)),
        (0, (3, 5), (5, 1)),
        # From the first to the last value it stays inside; the third is three before the storage.
        (2, (2, 2), (-5, 6)),
    ]:
        try:
            StateUnpickler.tensor(storage, offset, size, stride)
        except pickle.UnpicklingError:
            continue
        raise AssertionError(f"a tensor outside its storage was read: {offset}, {size}, {stride}")


def tensor(image, mean, deviation):
    """[1, 3, height, width] of an RGB image, with mean and deviation in units of 0 to 255."""
    pixels = np.asarray(image, np.float32)
    values = (pixels - np.float32(mean)) / np.float32(deviation)
    return torch.from_numpy(values.transpose(2, 0, 1)[None].copy())


# --- Faces ----------------------------------------------------------------------------------------------------


class Detector(nn.Module):
    """SCRFD's answers: on three grids, two anchors a cell with a score, four distances and five points."""

    def __init__(self):
        super().__init__()

        def halve(inputs, outputs):
            return nn.Sequential(nn.Conv2d(inputs, outputs, 3, 2, 1), nn.BatchNorm2d(outputs), nn.ReLU())

        self.stem = nn.Sequential(halve(3, 8), halve(8, 16), halve(16, 24))
        self.deeper = nn.ModuleList([halve(24, 24), halve(24, 24)])
        self.scores, self.boxes, self.points = (
            nn.ModuleList([nn.Conv2d(24, 2 * width, 3, 1, 1) for _ in range(3)]) for width in (1, 4, 10)
        )

    def forward(self, x):
        grids = [self.stem(x)]
        for layer in self.deeper:
            grids.append(layer(grids[-1]))

        def rows(heads, width):
            return [head(grid).permute(0, 2, 3, 1).reshape(-1, width) for head, grid in zip(heads, grids, strict=True)]

        scores = [score.sigmoid() for score in rows(self.scores, 1)]
        boxes = [box.abs() + 2 for box in rows(self.boxes, 4)]
        return (*scores, *boxes, *rows(self.points, 10))


class Residual(nn.Module):
    """A block of IResNet (`insightface/recognition/arcface_torch/backbones/iresnet.py`)."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.body = nn.Sequential(
            nn.BatchNorm2d(inputs),
            nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.PReLU(outputs),
            nn.Conv2d(outputs, outputs, 3, 2, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.way = nn.Sequential(nn.Conv2d(inputs, outputs, 1, 2, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return self.body(x) + self.way(x)


def embedder():
    stem = [nn.Conv2d(3, 8, 3, 1, 1, bias=False), nn.BatchNorm2d(8), nn.PReLU(8)]
    stages = [Residual(8, 8), Residual(8, 16), Residual(16, 16), Residual(16, 24)]
    head = [nn.BatchNorm2d(24), nn.Flatten(), nn.Linear(24 * 49, 512), nn.BatchNorm1d(512)]
    return nn.Sequential(*stem, *stages, *head)


def attribute():
    """Normalises by itself, as the published network does, then depthwise and pointwise convolutions."""
    layers = [nn.BatchNorm2d(3)]
    layers[0].running_mean.fill_(127.5)
    layers[0].running_var.fill_(128.0**2)
    inputs = 3
    for outputs in (8, 16, 32):
        layers += [
            nn.Conv2d(inputs, inputs, 3, 2, 1, groups=inputs, bias=False),
            nn.Conv2d(inputs, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.PReLU(outputs),
        ]
        inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 3))


def save_network(network, size, path, **options):
    torch.onnx.export(network, torch.zeros(1, 3, size, size), str(path), opset_version=13, **options)


def detections(outputs):
    """Boxes and points by `insightface/model_zoo/retinaface.py`, best first."""
    found = []
    for level, stride in enumerate((8, 16, 32)):
        scores, boxes, points = (outputs[level + 3 * kind] for kind in range(3))
        cells = 640 // stride
        centres = np.stack(np.mgrid[:cells, :cells][::-1], axis=-1).reshape(-1, 2) * stride
        centres = np.repeat(centres, 2, axis=0).astype(np.float32)
        boxes, points = boxes * stride, points * stride
        corners = np.hstack([centres - boxes[:, :2], centres + boxes[:, 2:]])
        points = centres[:, None] + points.reshape(-1, 5, 2)
        found += [(scores[index, 0], corners[index], points[index]) for index in np.where(scores[:, 0] >= 0.5)[0]]
    found.sort(key=lambda face: -face[0])
    kept = []
    for face in found:
        if all(overlap(face[1], other[1]) <= 0.4 for other in kept):
            kept.append(face)
    return [
        {"score": float(score), "box": box.tolist(), "landmarks": points.tolist()} for score, box, points in kept
    ]


def overlap(a, b):
    """Intersection over union as InsightFace takes it, with edges that belong to the boxes."""
    width = min(a[2], b[2]) - max(a[0], b[0]) + 1
    height = min(a[3], b[3]) - max(a[1], b[1]) + 1
    common = max(0, width) * max(0, height)
    areas = [(box[2] - box[0] + 1) * (box[3] - box[1] + 1) for box in (a, b)]
    return common / (areas[0] + areas[1] - common)


def faces(photo, directory):
    torch.manual_seed(5)
    letterboxed = Image.new("RGB", (640, 640))
    letterboxed.paste(photo.resize((640, round(640 * photo.height / photo.width)), Image.Resampling.BILINEAR))
    images = {"detector": letterboxed}
    for name, size in [("embedder", 112), ("attribute", 96)]:
        images[name] = photo.crop((150, 50, 350, 250)).resize((size, size), Image.Resampling.BILINEAR)
    for name, image in images.items():
        image.save(directory / f"{name}.png")

    detector = shake(Detector(), 0.05)
    with torch.no_grad():
        for head in detector.scores:
            head.weight *= 20
        # So many faces that some suppress others, and not so many that every place is one.
        scores = torch.cat([score.logit().flatten() for score in detector(tensor(letterboxed, 127.5, 128.0))[:3]])
        shift = scores.quantile(0.998)
        for head in detector.scores:
            head.bias -= shift
    answers = {}
    networks = {
        "det_10g.onnx": (detector, 640, "detector", 127.5, 128.0),
        "w600k_r50.onnx": (shake(embedder(), 0.05), 112, "embedder", 127.5, 127.5),
        "genderage.onnx": (shake(attribute(), 0.05), 96, "attribute", 0.0, 1.0),
    }
    for file, (network, size, image, mean, deviation) in networks.items():
        # The published detector takes any size, and the names of its outputs say nothing.
        options = {}
        if image == "detector":
            options["output_names"] = [f"output_{place}" for place in range(9)]
            options["input_names"], options["dynamic_axes"] = ["input.1"], {"input.1": {2: "?", 3: "?"}}
        save_network(network, size, directory / file, **options)
        with torch.no_grad():
            answer = network(tensor(images[image], mean, deviation))
        answers[image] = [part.numpy() for part in answer] if isinstance(answer, tuple) else answer[0].numpy()
    scores = answers["attribute"]
    return {
        "detections": detections(answers["detector"]),
        "embedding": answers["embedder"].tolist(),
        "age": max(float(scores[2]) * 100, 0.0),
        "gender": "male" if scores[1] > scores[0] else "female",
    }


# --- CLIP -----------------------------------------------------------------------------------------------------


def texts():
    """10,000 texts of many kinds; those in which ftfy sees a wrong encoding are left out."""
    words = "a photo of the wedding child's group it's we've I'll they'd she'm 2024 50% rapat keluarga di pantai".split()
    alphabets = [
        "abcdefghijklmnopqrstuvwxyz     ", "ABC def, GHI. (jkl) - mno; \"pqr\" 's 'LL !?", "0123456789 .,+-/%",
        "àéîõüßçñøåæœ ÀÉÎÕÜ ", "абвгдежз АБВГ ёй ", "αβγδεζς ΑΒΓΔΣ ", "你好世界照片的 ", "こんにちはカタカナ ", "안녕하세요 사진 ",
        "שלום عليكم مرحبا ", "नमस्ते फोटो ", "ภาพถ่าย ", "🙂🎉👨‍👩‍👧🇮🇩✈️ ", "ﬁﬂﬃ ＡＢＣ１２３ ﾀﾁﾂ Ĳ ǆ ŉ ﬅ", "‘’“”…—–•€™ ʼ",
        "\t\n\r \u00a0\u2003\u3000\u200b\u200d", "\x00\x01\x07\x1b\x7f\ufeff ab", "e\u0301a\u0300n\u0303 \u1100\u1161 ",
    ]
    entities = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&nbsp;", "&eacute;", "&copy", "&amp;amp;", "&#x1F600;", "&x;", "&"]
    entities += ["<b>", "</b>", "<start_of_text>", "<end_of_text>", "<|endoftext|>", "</w>"]
    assigned = [chr(code) for code in range(0x20, 0x30000) if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co")]
    source = random.Random(7)
    made = ["", " ", "a", "a photo of a cat", "x " * 500, "word" * 400, "é" * 300, "🙂" * 100, "don't " * 40, "1 2 3 " * 40]
    made += [" ".join(["photo"] * count) for count in range(70, 80)]
    left_out = 0
    while len(made) < 10_000:
        kind = source.randrange(5)
        if kind == 0:
            text = " ".join(source.choices(words, k=source.randint(1, 100)))
        elif kind == 1:
            text = "".join(source.choices(source.choice(alphabets), k=source.randint(1, 60)))
        elif kind == 2:
            text = "".join(source.choices("".join(alphabets), k=source.randint(1, 60)))
        elif kind == 3:
            text = "".join(source.choices(assigned, k=source.randint(1, 40)))
        else:
            text = " ".join(source.choices(words + entities, k=source.randint(1, 20)))
        if fix_encoding(text) != text:
            left_out += 1
            continue
        made.append(text)
    print(f"{left_out} texts with a wrong encoding were left out", file=sys.stderr)
    return made


def tokens(text):
    """The tokens up to the end, without the padding."""
    padded = open_clip.tokenize([text])[0].tolist()
    end = max(padded)
    # A text that holds the mark of an end has it several times; the padding is what comes after the last.
    last = len(padded) - 1 - padded[::-1].index(end)
    return padded[: last + 1]


def clip(photos, directory):
    torch.manual_seed(5)
    vision = dict(image_size=224, layers=3, width=128, patch_size=32)
    text = dict(context_length=77, vocab_size=49408, width=64, heads=1, layers=3)
    network = shake(CLIP(96, vision, text), 0.02)
    checkpoint = directory / "clip.safetensors"
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, checkpoint)
    export("clip-image", checkpoint, directory / "clip-vit-b-32-visual.onnx")
    export("clip-text", checkpoint, directory / "clip-vit-b-32-textual.onnx")
    shutil.copy(default_bpe(), directory / "clip-bpe-16e6.txt.gz")
    preprocess = open_clip.image_transform(224, is_train=False, mean=MEAN, std=DEVIATION)
    images = []
    with torch.no_grad():
        for name, photo in photos.items():
            pixels = preprocess(photo)
            levels = pixels * torch.tensor(DEVIATION)[:, None, None] + torch.tensor(MEAN)[:, None, None]
            crop = (levels * 255).round().byte().permute(1, 2, 0).numpy()
            Image.fromarray(crop).save(directory / f"clip-{name}")
            images.append({"photo": name, "embedding": network.encode_image(pixels[None], normalize=True)[0].tolist()})
        all_texts = texts()
        prompts = all_texts[:40] + all_texts[-160:]
        embeddings = network.encode_text(open_clip.tokenize(prompts), normalize=True)
    return {
        "logit_scale": float(network.logit_scale.exp()),
        "images": images,
        "prompts": [
            {"text": text, "embedding": vector.tolist()} for text, vector in zip(prompts, embeddings, strict=True)
        ],
        "tokens": [{"text": text, "tokens": tokens(text)} for text in all_texts],
    }


# --- BLIP -----------------------------------------------------------------------------------------------------


def blip(photos, directory):
    torch.manual_seed(6)
    text = dict(vocab_size=30524, hidden_size=128, encoder_hidden_size=128, intermediate_size=256)
    text |= dict(num_hidden_layers=3, num_attention_heads=2, max_position_embeddings=64)
    vision = dict(hidden_size=128, intermediate_size=256, num_hidden_layers=3, num_attention_heads=2)
    network = BlipForConditionalGeneration(BlipConfig(text_config=text, vision_config=vision))
    network = shake(network, 0.08)
    network.tie_weights()
    # So likely that sentences end after a few tokens.
    network.text_decoder.cls.predictions.bias.data[END] += 4.05
    checkpoint = directory / "blip"
    network.save_pretrained(checkpoint)
    export("blip-vision", checkpoint / "model.safetensors", directory / "blip-vision.onnx")
    export("blip-text-decoder", checkpoint / "model.safetensors", directory / "blip-text-decoder.onnx")
    processor = BlipImageProcessor()
    captions = []
    for name, photo in photos.items():
        pixels = processor(photo, return_tensors="pt").pixel_values
        levels = pixels[0] * torch.tensor(DEVIATION)[:, None, None] + torch.tensor(MEAN)[:, None, None]
        Image.fromarray((levels * 255).round().byte().permute(1, 2, 0).numpy()).save(directory / f"blip-{name}")
        compare_logits(network, pixels, directory)
        for search in SEARCHES:
            captions.append({"photo": name, "search": search, **caption(network, pixels, search)})
    return captions


def caption(network, pixels, search):
    """The tokens, and the mean of their logarithms."""
    with torch.no_grad():
        answer = network.generate(
            pixel_values=pixels,
            num_beams=search["beams"],
            min_length=search["min_length"],
            max_length=search["max_length"],
            repetition_penalty=search["repetition_penalty"],
            return_dict_in_generate=True,
            output_scores=True,
        )
    if search["beams"] > 1:
        mean = float(answer.sequences_scores[0])
    else:
        scores = (answer.sequences, answer.scores)
        mean = float(network.text_decoder.compute_transition_scores(*scores, normalize_logits=True).mean())
    return {"tokens": answer.sequences[0].tolist(), "log_probability": mean}


def compare_logits(network, pixels, directory):
    """The exported graphs give the reference's log-probabilities, read in one go and one after the other."""
    ids = [30522, 1037, 3861, 1997, 1037, 4937, 102]
    with torch.no_grad():
        states = network.vision_model(pixels)[0]
        decoder = network.text_decoder
        logits = decoder(input_ids=torch.tensor([ids]), encoder_hidden_states=states, is_decoder=True).logits[0]
    expected = logits.log_softmax(-1).numpy()
    vision, text = (
        onnxruntime.InferenceSession(str(directory / f"blip-{part}.onnx")) for part in ("vision", "text-decoder")
    )
    names = [output.name for output in vision.get_outputs()]
    cross = dict(zip(names, vision.run(None, {"images": pixels.numpy()}), strict=True))
    empty = {
        value.name: np.zeros((1, value.shape[1], 0, value.shape[3]), np.float32)
        for value in text.get_inputs()
        if value.name.startswith("past_")
    }
    names = [output.name for output in text.get_outputs()]

    def step(tokens, past):
        given = {"token_ids": np.array([tokens]), "sequences": np.array([0]), **cross, **past}
        return dict(zip(names, text.run(None, given), strict=True))

    def difference(answer, place):
        found = torch.from_numpy(answer["logits"][0]).log_softmax(-1).numpy()
        return float(abs(found - expected[place]).max())

    differences = [difference(step(ids, empty), -1)]
    past = empty
    for place, token in enumerate(ids):
        answer = step([token], past)
        past = {name.replace("present", "past"): value for name, value in answer.items() if name.startswith("present")}
        differences.append(difference(answer, place))
    assert max(differences) < 1e-3, differences


def main():
    samples, directory = Path(sys.argv[1]), Path(sys.argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    check_checkpoints(directory)
    photos = {name: Image.open(samples / name).convert("RGB") for name in PHOTOS}
    recorded = {
        "faces": faces(photos["astronaut.png"], directory),
        "clip": clip(photos, directory),
        "blip": blip(photos, directory),
    }
    (directory / "full.json").write_text(json.dumps(recorded))


if __name__ == "__main__":
    main()
