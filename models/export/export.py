"""Turns published checkpoints of CLIP and BLIP into ONNX graphs for the worker.

Usage: pip install -r requirements.txt; python3 export.py ARCHITECTURE CHECKPOINT.safetensors RESULT.onnx

The checkpoint may also be what `torch.save` writes (`pytorch_model.bin`): a ZIP archive with a pickle, which is read
with an unpickler that knows the names a state dictionary needs and refuses all others.

ARCHITECTURE is one of

  clip-image         image tower of an open_clip ViT (GELU, class token pooled, such as ViT-B-32 of LAION-2B)
                     images [N, 3, size, size] float32 -> embeddings [N, width] float32, not normalised;
                     the graph's metadata has `logit_scale`: what a cosine is multiplied by before a softmax
  clip-text          text tower of the same checkpoint
                     token_ids [N, S] int64, S at most 77 -> embeddings [N, width] float32, not normalised. What comes
                     after the end of a text does not count: one text needs no padding, several are padded with 0
  blip-vision        vision encoder of a transformers `BlipForConditionalGeneration`, with what every decoder layer's
                     cross-attention makes of it, so that it is computed once a photo and not once a token
                     images [1, 3, size, size] float32 ->
                     cross_key_L [1, heads, head width, patches], cross_value_L [1, heads, patches, head width]
  blip-text-decoder  text decoder of the same checkpoint, with a cache of keys and values
                     token_ids [B, S] int64: the next S tokens of each of B sequences;
                     sequences [B] int64: for each of them, the row of the cache that it goes on from;
                     cross_key_L, cross_value_L as above; past_key_L, past_value_L [rows, heads, P, head width] ->
                     logits [B, vocabulary] float32 after the last of the tokens;
                     present_key_L, present_value_L [B, heads, P + S, head width]

with one L for each decoder layer, from 0. All sizes but the width of an attention head, which is 64 in every published
model of these families, are read off the checkpoint's tensors. PyTorch is not needed.
"""

import argparse
import collections
import pickle
import zipfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

HEAD_WIDTH = 64
# torch.nn.LayerNorm's default, which open_clip and BLIP's vision encoder keep.
EPSILON = 1e-5
# BLIP's text decoder is a BERT.
BERT_EPSILON = 1e-12
# What open_clip and BERT add to the score of a token that must not be seen; softmax makes it 0 in 32 bits.
HIDDEN = -10000.0
FLOAT, INTEGER = TensorProto.FLOAT, TensorProto.INT64


class Graph:
    """Nodes and weights of a graph in the making; every method gives the name of its result."""

    def __init__(self, tensors):
        self.tensors = tensors
        self.nodes, self.initialisers, self.inputs, self.outputs = [], {}, [], []
        self.read = set()

    def input(self, name, element, shape):
        self.inputs.append(helper.make_tensor_value_info(name, element, shape))
        return name

    def output(self, value, name, shape):
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, FLOAT, shape))

    def tensor(self, name):
        self.read.add(name)
        return self.tensors[name].astype(np.float32)

    def constant(self, values, name):
        if name not in self.initialisers:
            self.initialisers[name] = numpy_helper.from_array(np.asarray(values), name)
        return name

    def weight(self, name):
        return self.constant(self.tensor(name), name)

    def integers(self, *values):
        return self.constant(np.array(values, np.int64), "integers_" + "_".join(map(str, values)))

    def node(self, operator, *inputs, **attributes):
        result = f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [result], **attributes))
        return result

    def linear(self, x, weight, bias):
        """`weight` [out, in] and `bias` [out], as arrays or names of the checkpoint."""
        if isinstance(weight, str):
            name, weight, bias = weight, self.tensor(weight), self.tensor(bias)
        else:
            name = f"linear_{len(self.nodes)}"
        product = self.node("MatMul", x, self.constant(weight.T, f"{name}.transposed"))
        return self.node("Add", product, self.constant(bias, f"{name}.bias"))

    def normalise(self, x, prefix, epsilon):
        weight, bias = self.weight(f"{prefix}.weight"), self.weight(f"{prefix}.bias")
        return self.node("LayerNormalization", x, weight, bias, epsilon=epsilon)

    def heads(self, x, width, key=False):
        """[N, S, width] to [N, heads, S, head width], or for the keys of an attention to [N, heads, head width, S]."""
        split = self.node("Reshape", x, self.integers(0, 0, width // HEAD_WIDTH, HEAD_WIDTH))
        return self.node("Transpose", split, perm=[0, 2, 3, 1] if key else [0, 2, 1, 3])

    def attention(self, query, key, value, width, mask=None):
        """What `query` [N, heads, S, w] gathers from `value` [N, heads, T, w] by `key` [N, heads, w, T]: [N, S, width]."""
        scale = self.constant(np.float32(HEAD_WIDTH**-0.5), "scale")
        scores = self.node("MatMul", self.node("Mul", query, scale), key)
        if mask:
            scores = self.node("Add", scores, mask)
        gathered = self.node("MatMul", self.node("Softmax", scores, axis=-1), value)
        joined = self.node("Transpose", gathered, perm=[0, 2, 1, 3])
        return self.node("Reshape", joined, self.integers(0, 0, width))

    def self_attention(self, x, weight, bias, mask=None):
        """Attention of a sequence to itself; `weight` and `bias` make queries, keys and values, in this order."""
        width = weight.shape[1]
        parts = [
            self.linear(x, part, shift) for part, shift in zip(np.split(weight, 3), np.split(bias, 3), strict=True)
        ]
        query, value = self.heads(parts[0], width), self.heads(parts[2], width)
        return self.attention(query, self.heads(parts[1], width, key=True), value, width, mask)

    def feed_forward(self, x, first, second):
        hidden = self.node("Gelu", self.linear(x, f"{first}.weight", f"{first}.bias"))
        return self.linear(hidden, f"{second}.weight", f"{second}.bias")

    def layers(self, pattern):
        """How many layers have a tensor of this name."""
        count = 0
        while pattern.format(count) in self.tensors:
            count += 1
        return count

    def patches(self, images, kernel, bias, class_token, positions):
        """[N, 3, size, size] to [N, 1 + patches, width]: a convolution, the class token in front, positions added."""
        width, _, patch, _ = self.tensors[kernel].shape
        biases = [self.weight(bias)] if bias else []
        grid = self.node("Conv", images, self.weight(kernel), *biases, kernel_shape=[patch] * 2, strides=[patch] * 2)
        rows = self.node("Transpose", self.node("Reshape", grid, self.integers(0, width, -1)), perm=[0, 2, 1])
        batch = self.node("Shape", images, start=0, end=1)
        shape = self.node("Concat", batch, self.integers(1, width), axis=0)
        token = self.constant(self.tensor(class_token).reshape(1, 1, width), class_token)
        x = self.node("Concat", self.node("Expand", token, shape), rows, axis=1)
        places = self.tensor(positions)
        return self.node("Add", x, self.constant(places.reshape(1, -1, width), positions))

    def model(self, name, prefixes, ignored=(), metadata=None):
        """The finished graph; everything that the checkpoint has under the prefixes must have been used."""
        unused = [
            tensor
            for tensor in self.tensors
            if tensor.startswith(prefixes) and tensor not in self.read and not tensor.endswith(ignored)
        ]
        if unused:
            raise SystemExit(f"the checkpoint holds more than the architecture: {unused[:5]}")
        graph = helper.make_graph(self.nodes, name, self.inputs, self.outputs, list(self.initialisers.values()))
        model = helper.make_model(
            graph, producer_name="ai-worker", ir_version=9, opset_imports=[helper.make_opsetid("", 20)]
        )
        helper.set_model_props(model, metadata or {})
        return model


def image_size(tensors, kernel, positions):
    """Width and height of the images: as many patches in a row as the root of their number."""
    patches = tensors[positions].reshape(-1, tensors[kernel].shape[0]).shape[0] - 1
    return round(patches**0.5) * tensors[kernel].shape[2]


def clip_block(graph, x, prefix, mask=None):
    entry = x
    x = graph.normalise(x, f"{prefix}.ln_1", EPSILON)
    weight, bias = graph.tensor(f"{prefix}.attn.in_proj_weight"), graph.tensor(f"{prefix}.attn.in_proj_bias")
    x = graph.self_attention(x, weight, bias, mask)
    x = graph.linear(x, f"{prefix}.attn.out_proj.weight", f"{prefix}.attn.out_proj.bias")
    entry = graph.node("Add", x, entry)
    x = graph.normalise(entry, f"{prefix}.ln_2", EPSILON)
    x = graph.feed_forward(x, f"{prefix}.mlp.c_fc", f"{prefix}.mlp.c_proj")
    return graph.node("Add", x, entry)


def clip_image(tensors):
    graph = Graph(tensors)
    kernel, positions = "visual.conv1.weight", "visual.positional_embedding"
    size = image_size(tensors, kernel, positions)
    images = graph.input("images", FLOAT, ["N", 3, size, size])
    x = graph.patches(images, kernel, None, "visual.class_embedding", positions)
    x = graph.normalise(x, "visual.ln_pre", EPSILON)
    for layer in range(graph.layers("visual.transformer.resblocks.{}.ln_1.weight")):
        x = clip_block(graph, x, f"visual.transformer.resblocks.{layer}")
    x = graph.node("Gather", x, graph.constant(np.int64(0), "first"), axis=1)
    x = graph.normalise(x, "visual.ln_post", EPSILON)
    x = graph.node("MatMul", x, graph.weight("visual.proj"))
    graph.output(x, "embeddings", ["N", tensors["visual.proj"].shape[1]])
    scale = float(np.exp(graph.tensor("logit_scale").reshape(())))
    return graph.model("clip-image", ("visual.",), metadata={"logit_scale": str(scale)})


def clip_text(tensors):
    graph = Graph(tensors)
    length, _ = tensors["positional_embedding"].shape
    token_ids = graph.input("token_ids", INTEGER, ["N", "S"])
    count = graph.node("Shape", token_ids, start=1, end=2)

    def first(table, *axes):
        """As much of a table as there are tokens, along some axes."""
        start = graph.integers(*[0] * len(axes))
        end = graph.node("Concat", *[count] * len(axes), axis=0)
        return graph.node("Slice", table, start, end, graph.integers(*axes))

    x = graph.node("Gather", graph.weight("token_embedding.weight"), token_ids)
    x = graph.node("Add", x, first(graph.weight("positional_embedding"), 0))
    future = np.triu(np.full((length, length), HIDDEN, np.float32), 1)
    mask = first(graph.constant(future, "mask"), 0, 1)
    for layer in range(graph.layers("transformer.resblocks.{}.ln_1.weight")):
        x = clip_block(graph, x, f"transformer.resblocks.{layer}", mask)
    x = graph.normalise(x, "ln_final", EPSILON)
    # The end of the text has the largest of all token numbers; its state is what the text means.
    end = graph.node("ArgMax", token_ids, axis=1, keepdims=1)
    index = graph.node("Unsqueeze", end, graph.integers(2))
    width = graph.node("Shape", x, start=2, end=3)
    ones = graph.node("Concat", graph.integers(1, 1), width, axis=0)
    index = graph.node("Expand", index, ones)
    x = graph.node("Squeeze", graph.node("GatherElements", x, index, axis=1), graph.integers(1))
    x = graph.node("MatMul", x, graph.weight("text_projection"))
    graph.output(x, "embeddings", ["N", tensors["text_projection"].shape[1]])
    prefixes = ("transformer.", "token_embedding.", "positional_embedding", "ln_final.", "text_projection")
    return graph.model("clip-text", prefixes)


def blip_vision(tensors):
    graph = Graph(tensors)
    embeddings, encoder = "vision_model.embeddings", "vision_model.encoder.layers"
    kernel, positions = f"{embeddings}.patch_embedding.weight", f"{embeddings}.position_embedding"
    size = image_size(tensors, kernel, positions)
    images = graph.input("images", FLOAT, [1, 3, size, size])
    bias, token = f"{embeddings}.patch_embedding.bias", f"{embeddings}.class_embedding"
    x = graph.patches(images, kernel, bias, token, positions)
    for layer in range(graph.layers(encoder + ".{}.layer_norm1.weight")):
        prefix, entry = f"{encoder}.{layer}", x
        x = graph.normalise(x, f"{prefix}.layer_norm1", EPSILON)
        weight, bias = f"{prefix}.self_attn.qkv.weight", f"{prefix}.self_attn.qkv.bias"
        x = graph.self_attention(x, graph.tensor(weight), graph.tensor(bias))
        x = graph.linear(x, f"{prefix}.self_attn.projection.weight", f"{prefix}.self_attn.projection.bias")
        entry = graph.node("Add", x, entry)
        x = graph.normalise(entry, f"{prefix}.layer_norm2", EPSILON)
        x = graph.feed_forward(x, f"{prefix}.mlp.fc1", f"{prefix}.mlp.fc2")
        x = graph.node("Add", x, entry)
    x = graph.normalise(x, "vision_model.post_layernorm", EPSILON)
    patches = tensors[positions].shape[1]
    for layer in range(decoder_layers(graph)):
        prefix = f"{DECODER}.{layer}.crossattention.self"
        width = tensors[f"{prefix}.key.weight"].shape[0]
        key, value = (
            graph.linear(x, f"{prefix}.{part}.weight", f"{prefix}.{part}.bias") for part in ("key", "value")
        )
        heads = width // HEAD_WIDTH
        graph.output(graph.heads(key, width, key=True), f"cross_key_{layer}", [1, heads, HEAD_WIDTH, patches])
        graph.output(graph.heads(value, width), f"cross_value_{layer}", [1, heads, patches, HEAD_WIDTH])
    return graph.model("blip-vision", ("vision_model.",), ignored=("position_ids",))


DECODER = "text_decoder.bert.encoder.layer"


def decoder_layers(graph):
    return graph.layers(DECODER + ".{}.attention.self.key.weight")


def blip_text_decoder(tensors):
    graph = Graph(tensors)
    layers, patches = decoder_layers(graph), tensors["vision_model.embeddings.position_embedding"].shape[1]
    words = "text_decoder.bert.embeddings.word_embeddings.weight"
    vocabulary, width = tensors[words].shape
    heads = width // HEAD_WIDTH
    token_ids = graph.input("token_ids", INTEGER, ["B", "S"])
    sequences = graph.input("sequences", INTEGER, ["B"])
    cross, past = [], []
    for layer in range(layers):
        cross.append(
            (
                graph.input(f"cross_key_{layer}", FLOAT, [1, heads, HEAD_WIDTH, patches]),
                graph.input(f"cross_value_{layer}", FLOAT, [1, heads, patches, HEAD_WIDTH]),
            )
        )
        shape = ["rows", heads, "P", HEAD_WIDTH]
        past.append(tuple(graph.input(f"past_{part}_{layer}", FLOAT, shape) for part in ("key", "value")))

    # Where the new tokens stand, and which of them each may see: all before it and itself.
    zero, one = (graph.constant(np.int64(value), name) for value, name in [(0, "zero"), (1, "one")])
    start = graph.node("Squeeze", graph.node("Shape", past[0][0], start=2, end=3))
    count = graph.node("Squeeze", graph.node("Shape", token_ids, start=1, end=2))
    end = graph.node("Add", start, count)
    places = graph.node("Range", start, end, one)
    seen = graph.node(
        "LessOrEqual", graph.node("Range", zero, end, one), graph.node("Unsqueeze", places, graph.integers(1))
    )
    visible, hidden = (graph.constant(np.float32(value), name) for value, name in [(0, "visible"), (HIDDEN, "hidden")])
    mask = graph.node("Where", seen, visible, hidden)

    x = graph.node("Gather", graph.weight(words), token_ids)
    positions = graph.weight("text_decoder.bert.embeddings.position_embeddings.weight")
    x = graph.node("Add", x, graph.node("Gather", positions, places))
    x = graph.normalise(x, "text_decoder.bert.embeddings.LayerNorm", BERT_EPSILON)
    for layer in range(layers):
        prefix = f"{DECODER}.{layer}"

        def project(x, part):
            return graph.linear(x, f"{prefix}.{part}.weight", f"{prefix}.{part}.bias")

        def close(x, entry, part):
            joined = graph.node("Add", project(x, f"{part}.dense"), entry)
            return graph.normalise(joined, f"{prefix}.{part}.LayerNorm", BERT_EPSILON)

        query = graph.heads(project(x, "attention.self.query"), width)
        cache = []
        for part, old in zip(("key", "value"), past[layer], strict=True):
            new = graph.heads(project(x, f"attention.self.{part}"), width)
            cache.append(graph.node("Concat", graph.node("Gather", old, sequences, axis=0), new, axis=2))
            graph.output(cache[-1], f"present_{part}_{layer}", ["B", heads, "P + S", HEAD_WIDTH])
        key = graph.node("Transpose", cache[0], perm=[0, 1, 3, 2])
        x = close(graph.attention(query, key, cache[1], width, mask), x, "attention.output")
        query = graph.heads(project(x, "crossattention.self.query"), width)
        x = close(graph.attention(query, *cross[layer], width), x, "crossattention.output")
        hidden = graph.node("Gelu", project(x, "intermediate.dense"))
        x = close(hidden, x, "output")
        for part in ("key", "value"):
            # Used by blip-vision.
            graph.read |= {f"{prefix}.crossattention.self.{part}.{kind}" for kind in ("weight", "bias")}

    x = graph.node("Gather", x, graph.constant(np.int64(-1), "last"), axis=1)
    head = "text_decoder.cls.predictions"
    x = graph.node("Gelu", graph.linear(x, f"{head}.transform.dense.weight", f"{head}.transform.dense.bias"))
    x = graph.normalise(x, f"{head}.transform.LayerNorm", BERT_EPSILON)
    # A checkpoint has the matrix once or twice: as that of the word embeddings, with which it is tied, and by its own name.
    matrix = f"{head}.decoder.weight"
    if matrix in tensors and not np.array_equal(tensors[matrix], tensors[words]):
        matrix = graph.weight(matrix)
    else:
        graph.read.add(matrix)
        matrix = words
    x = graph.node("Gemm", x, matrix, graph.weight(f"{head}.bias"), transB=1)
    graph.output(x, "logits", ["B", vocabulary])
    return graph.model("blip-text-decoder", ("text_decoder.",), ignored=("position_ids", "decoder.bias"))


class StateUnpickler(pickle.Unpickler):
    """Reads a state dictionary as `torch.save` writes it, and nothing else."""

    # Elements of the storages, little-endian.
    ELEMENTS = {"FloatStorage": "<f4", "HalfStorage": "<f2", "DoubleStorage": "<f8", "LongStorage": "<i8"}

    def __init__(self, archive, folder):
        super().__init__(archive.open(f"{folder}/data.pkl"))
        self.archive, self.folder = archive, folder

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return self.tensor
        if module == "torch" and name in self.ELEMENTS:
            return self.ELEMENTS[name]
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a state dictionary")

    def persistent_load(self, identifier):
        kind, elements, key, _location, count = identifier
        if kind != "storage":
            raise pickle.UnpicklingError(f"unknown persistent id {kind}")
        values = np.frombuffer(self.archive.read(f"{self.folder}/data/{key}"), elements)
        if len(values) != count:
            raise pickle.UnpicklingError(f"storage {key} has {len(values)} values and not {count}")
        return values

    @staticmethod
    def tensor(values, offset, size, stride, *_):
        # The last value that is reached must be there: strides are taken at their word. Were one negative, others could
        # be before the first; PyTorch has none.
        if min(stride, default=0) < 0:
            raise pickle.UnpicklingError("a tensor has a negative stride")
        last = offset + sum((length - 1) * step for length, step in zip(size, stride))
        if min(size, default=1) > 0 and not 0 <= offset <= last < len(values):
            raise pickle.UnpicklingError("a tensor reaches beyond its storage")
        strides = [step * values.itemsize for step in stride]
        return np.lib.stride_tricks.as_strided(values[offset:], size, strides).copy()


def read_checkpoint(path):
    """The tensors of a checkpoint, by their names."""
    if not zipfile.is_zipfile(path):
        return load_file(path)
    with zipfile.ZipFile(path) as archive:
        (pickled,) = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        return dict(StateUnpickler(archive, pickled.rsplit("/", 1)[0]).load())


ARCHITECTURES = {
    "clip-image": clip_image,
    "clip-text": clip_text,
    "blip-vision": blip_vision,
    "blip-text-decoder": blip_text_decoder,
}


def main():
    parser = argparse.ArgumentParser(description="Turns a checkpoint of CLIP or BLIP into an ONNX graph.")
    parser.add_argument("architecture", choices=ARCHITECTURES)
    parser.add_argument("checkpoint", help="a safetensors file, or what torch.save has written")
    parser.add_argument("result", help="the ONNX file to write")
    arguments = parser.parse_args()
    model = ARCHITECTURES[arguments.architecture](read_checkpoint(arguments.checkpoint))
    onnx.checker.check_model(model)
    onnx.save(model, arguments.result)


if __name__ == "__main__":
    main()
