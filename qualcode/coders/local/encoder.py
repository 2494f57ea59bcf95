"""Sentence embeddings on the CPU, from weights that ship in the package."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from qualcode.coders.local.runtime import silent_runtime
from qualcode.coders.local.saturation import int8_products_saturate
from qualcode.coders.local.weights import Weights
from qualcode.errors import ModelError
from qualcode.spans import Span

__all__ = ["MEAN_SCALE", "Encoded", "Encoder", "Pieces"]

Result = TypeVar("Result")
_Vector = NDArray[np.float64]

_MAX_DEFAULT_THREADS = 4
# At the end of a batch threads wait for the last text: with 32 that took a twentieth of the time.
_BATCH = 128

MEAN_SCALE = 4.0
"""What makes a unit vector about as long as a first marker's state, so that both weigh alike."""

# The last layer's word pieces, whose mean is the output "mean".
_PIECES = "hidden6"


@dataclass(frozen=True, slots=True)
class Pieces:
    """Hold what a text's vector is made of.

    Attributes:
        spans: Where each word piece stands in the text; empty for the network's own markers.
        states: float32, (n_pieces, 384), what the network says of each piece.
    """

    spans: tuple[Span, ...]
    states: NDArray[np.float32]

    def shares(self) -> NDArray[np.float64]:
        """Return float64, (n_pieces, 384): each piece's share; they sum to the unit vector."""
        states = self.states.astype(np.float64)
        shares: NDArray[np.float64] = states / np.linalg.norm(states.sum(axis=0))
        return shares


@dataclass(frozen=True, slots=True)
class Encoded:
    """Hold what one pass over some texts gave.

    Attributes:
        vectors: float32, (n_texts, 384), unit rows: the mean of the word pieces.
        firsts: float32, (n_texts, 384), the state of the network's first marker, in which training
            gathered what the heads listen for; in a long text the mean of its windows'.
    """

    vectors: NDArray[np.float32]
    firsts: NDArray[np.float32]

    @property
    def features(self) -> NDArray[np.float32]:
        """Return float32, (n_texts, 768): both, as the heads were trained to see them."""
        return np.concatenate([self.vectors * np.float32(MEAN_SCALE), self.firsts], axis=1)


class Encoder:
    """Turn texts into unit vectors whose cosine says how close their meanings are.

    Every text goes through the network alone, with one thread to itself, and several texts go
    side by side. A batch through one call would be the usual way, but its matrix products round
    differently with its shape and its activations share one int8 scale, so a text's vector would
    depend on its neighbours and an interrupted run could not be resumed to the same bytes. Alone
    it is no slower: forty word pieces are enough rows for the matrix kernels.

    The bits are those of one kind of processor and one version of onnxruntime. Elsewhere int8 steps
    may round the other way: cosines between 1.22 and 1.32 were 0.998 and above.

    Attributes:
        model_id: Name and first 12 hex digits of the weights' hash, e.g.
            `minilm-l6-int8-0123456789ab`. It changes whenever vectors could.
        dimension: Length of a vector, 384.
        window_tokens: Word pieces the network sees at once, its two markers included.
        threads: Texts that are worked on at the same time.
    """

    def __init__(self, *, threads: int | None = None, weights: Weights | None = None) -> None:
        """Check and load the weights; takes about 0.2 seconds.

        Args:
            threads: 1 or more; by default the number of processors, at most 4.
            weights: Another folder of weights than the package's own.

        Raises:
            ModelError: A file is missing or altered, or onnxruntime cannot run it.
            ValueError: `threads` is below 1.
        """
        if threads is not None and threads < 1:
            raise ValueError(f"threads must be 1 or more, not {threads}")
        # Both take longer to import than the whole command line may take to answer --help.
        from tokenizers import Tokenizer

        onnxruntime = silent_runtime()
        weights = weights or Weights()
        model: dict[str, Any] = weights.manifest["model"]
        self.model_id = f"{model['name']}-{weights.sha256('encoder.onnx')[:12]}"
        self.dimension = int(model["dimension"])
        self.window_tokens = int(model["window_tokens"])
        self.threads = threads or min(os.cpu_count() or 1, _MAX_DEFAULT_THREADS)

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Higher levels would fuse sums and layer norms into a node that is slower.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        content = weights.load("encoder.onnx")
        try:
            if int8_products_saturate():
                # The same bits as elsewhere, more slowly.
                options.add_session_config_entry("session.x64quantprecision", "1")
            self._session = onnxruntime.InferenceSession(
                _with_output(content, _PIECES), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's exceptions share no base of their own
            raise ModelError(
                f"onnxruntime {onnxruntime.__version__} cannot run the embedded model.",
                hint="Update it: pip install --upgrade onnxruntime",
            ) from error
        self._tokenizer = Tokenizer.from_str(weights.load("tokenizer.json").decode("utf-8"))
        self._start = self._tokenizer.token_to_id("[CLS]")
        self._end = self._tokenizer.token_to_id("[SEP]")

    def encode(self, texts: Sequence[str], *, batch_size: int = _BATCH) -> NDArray[np.float32]:
        """Embed texts.

        A text longer than the window is read in windows of about equal length, cut between words;
        its vector is their mean weighted by word pieces, so nothing is left out.

        Args:
            texts: Any strings; an empty one gets a vector too.
            batch_size: How many texts are handed to the threads at once, which is how far Ctrl-C
                can be away; the result does not depend on it.

        Returns:
            float32, (n_texts, 384), unit rows, in the order of `texts`; (0, 384) for none.

        Raises:
            ValueError: `batch_size` is below 1.
        """
        return self.read(texts, batch_size=batch_size).vectors

    def read(self, texts: Sequence[str], *, batch_size: int = _BATCH) -> Encoded:
        """Embed texts as `encode` does, and keep what the heads need, from the same pass.

        Raises:
            ValueError: `batch_size` is below 1.
        """
        return self._gathered(self._pass, texts, batch_size)

    def read_apart(
        self, texts: Sequence[str], *, batch_size: int = _BATCH
    ) -> tuple[Encoded, list[Pieces]]:
        """Read texts as `read` does and keep what each vector is made of, in the same pass.

        Returns:
            The same bits as `read`, and the shares of each text's word pieces as `pieces` tells
            them; about 1.5 kB a word piece are held.
        """
        apart: dict[str, Pieces] = {}

        def work(text: str) -> tuple[_Vector, _Vector]:
            vector, first, apart[text] = self._apart(text)
            return vector, first

        encoded = self._gathered(work, texts, batch_size)
        return encoded, [apart[text] for text in texts]

    def _gathered(
        self,
        work: Callable[[str], tuple[_Vector, _Vector]],
        texts: Sequence[str],
        batch_size: int,
    ) -> Encoded:
        if batch_size < 1:
            raise ValueError(f"batch_size must be 1 or more, not {batch_size}")
        vectors = np.empty((len(texts), self.dimension), np.float32)
        firsts = np.empty_like(vectors)
        for row, (vector, first) in enumerate(self._each(work, texts, batch_size)):
            vectors[row], firsts[row] = vector, first
        return Encoded(vectors, firsts)

    def _each(
        self, work: Callable[[str], Result], texts: Sequence[str], batch_size: int
    ) -> Iterator[Result]:
        """Yield results in the order of the texts, several texts going on at a time."""
        if self.threads == 1 or len(texts) == 1:
            yield from map(work, texts)
            return
        with ThreadPoolExecutor(self.threads, thread_name_prefix="encoder") as pool:
            for first in range(0, len(texts), batch_size):
                yield from pool.map(work, texts[first : first + batch_size])

    def pieces(self, text: str) -> Pieces:
        """Take a text's vector apart into the shares of its word pieces."""
        return self._apart(text)[2]

    def _pass(self, text: str) -> tuple[_Vector, _Vector]:
        total, first = np.zeros(self.dimension), np.zeros(self.dimension)
        n_pieces = 0
        for window in self._windows(text):
            ids = np.array([[self._start, *window, self._end]], np.int64)
            mean, marker = self._session.run(["mean", "first"], {"ids": ids})
            total += mean[0].astype(np.float64) * ids.shape[1]
            first += marker[0].astype(np.float64) * ids.shape[1]
            n_pieces += ids.shape[1]
        return total / np.linalg.norm(total), first / n_pieces

    def _apart(self, text: str) -> tuple[_Vector, _Vector, Pieces]:
        offsets = iter(self._tokenizer.encode(text, add_special_tokens=False).offsets)
        total, first = np.zeros(self.dimension), np.zeros(self.dimension)
        spans: list[Span] = []
        parts: list[NDArray[np.float32]] = []
        for window in self._windows(text):
            ids = np.array([[self._start, *window, self._end]], np.int64)
            mean, hidden = self._session.run(["mean", _PIECES], {"ids": ids})
            total += mean[0].astype(np.float64) * ids.shape[1]
            first += hidden[0, 0].astype(np.float64) * ids.shape[1]
            parts.append(hidden[0])
            spans += [Span(0, 0), *(Span(*next(offsets)) for _ in window), Span(0, 0)]
        pieces = Pieces(tuple(spans), np.concatenate(parts))
        return total / np.linalg.norm(total), first / len(spans), pieces

    def _windows(self, text: str) -> list[list[int]]:
        """Cut a text's word pieces into as few windows as possible, of about equal length."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        pieces: list[int] = encoding.ids
        room = self.window_tokens - 2
        if len(pieces) <= room:
            return [pieces]
        words: list[int | None] = encoding.word_ids
        windows = []
        start = 0
        while start < len(pieces):
            left = len(pieces) - start
            end = start + -(-left // -(-left // room))
            # A word is only cut where it alone is longer than the window.
            cut = end
            while start < cut < len(pieces) and words[cut] == words[cut - 1]:
                cut -= 1
            end = cut if cut > start else end
            windows.append(pieces[start:end])
            start = end
        return windows


def _with_output(model: bytes, name: str) -> bytes:
    """Declare one more output of an ONNX graph; nothing else changes.

    Protocol buffers merge what is appended to a message (encoding guide, "Last One Wins"), so no
    onnx package is needed: ModelProto.graph is field 7, GraphProto.output 12, ValueInfoProto.name
    1 and its type 2, a float tensor of any shape.
    """
    float_tensor = b"\x0a\x02\x08\x01"
    value = b"\x0a" + _sized(name.encode("ascii")) + b"\x12" + _sized(float_tensor)
    return model + b"\x3a" + _sized(b"\x62" + _sized(value))


def _sized(content: bytes) -> bytes:
    if len(content) > 127:
        raise ValueError("one length byte only")
    return bytes([len(content)]) + content
