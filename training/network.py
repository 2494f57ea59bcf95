"""The encoder and its heads as a torch network, for training only.

The encoder is all-MiniLM-L6-v2, every weight free to move. From its last layer two things are
read: the mean over the word pieces, which is the sentence vector, and the state of the first piece
([CLS]), which no sentence vector needs and where the feelings of a text can gather. The heads see
both. Codes are matched by the sentence vector alone, so that search, clusters and the matcher
share one space.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import BertModel

from qualcode.coders.local.encoder import MEAN_SCALE

__all__ = [
    "DIMENSION",
    "N_EMOTIONS",
    "SOURCES",
    "TONES",
    "Network",
    "parameter_groups",
]

DIMENSION = 384
N_HEADS = 12
N_EMOTIONS = 28
TONES = ("pain", "praise", "valence")
SOURCES = ("goemotions", "nhs_comments", "jupyter_surveys", "xed_en", "spoken", "feelings")
"""Whose labels of pain, praise and valence mean slightly different things: each has a bias."""


class Network(nn.Module):
    """Hold the encoder, the heads and the two numbers that turn a cosine into log odds."""

    def __init__(self, model_dir: Path, *, dropout: float = 0.1) -> None:
        """Load the original encoder; heads start at zero."""
        super().__init__()
        self.encoder = BertModel.from_pretrained(model_dir, add_pooling_layer=False)
        self.dropout = nn.Dropout(dropout)
        self.hidden_dropout = nn.Dropout(dropout)
        self.emotion = nn.Linear(2 * DIMENSION, N_EMOTIONS)
        self.tone = nn.Linear(2 * DIMENSION, len(TONES))
        self.source_bias = nn.Embedding(len(SOURCES), len(TONES))
        # A cosine of 0.45 starts undecided, as the original's do between near and far texts.
        self.match_scale = nn.Parameter(torch.tensor(12.0))
        self.match_bias = nn.Parameter(torch.tensor(-5.4))
        self.match_temperature = nn.Parameter(torch.tensor(3.0))
        for layer in (self.emotion, self.tone):
            nn.init.normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)
        nn.init.constant_(self.emotion.bias, -3.0)
        nn.init.zeros_(self.source_bias.weight)

    def encode(self, pieces: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Read texts of any lengths at once, without a padded token.

        Only attention needs texts side by side; it sees them in groups of like length. Everything
        else works on one long row of word pieces, which on a CPU takes half the time.

        Args:
            pieces: Of each text, its two markers included.

        Returns:
            (n, 384) unit sentence vectors and (n, 768) what the heads see, in the order given.
        """
        device = self.match_bias.device
        order = sorted(range(len(pieces)), key=lambda row: len(pieces[row]))
        lengths = torch.tensor([len(pieces[row]) for row in order])
        flat = torch.tensor([p for row in order for p in pieces[row]], device=device)
        starts = torch.cumsum(lengths, 0) - lengths
        owner = torch.repeat_interleave(torch.arange(len(order)), lengths)
        places = torch.arange(len(flat)) - starts[owner]
        attention = _Attention(lengths.tolist(), device)
        states = self._layers(flat, places.to(device), attention).float()
        owner, lengths = owner.to(device), lengths.to(device)
        total = torch.zeros(len(order), DIMENSION, device=device).index_add(0, owner, states)
        vectors = nn.functional.normalize(total / lengths.unsqueeze(1), dim=1)
        first = states[starts.to(device)]
        back = torch.empty(len(order), dtype=torch.long, device=device)
        back[torch.tensor(order, device=device)] = torch.arange(len(order), device=device)
        return vectors[back], torch.cat([vectors * MEAN_SCALE, first], dim=1)[back]

    def _layers(self, ids: Tensor, places: Tensor, attention: _Attention) -> Tensor:
        """Return the last layer's states, (n_pieces, 384)."""
        table = self.encoder.embeddings
        states = table.word_embeddings(ids) + table.position_embeddings(places)
        states = table.LayerNorm(states + table.token_type_embeddings.weight[0])
        for layer in self.encoder.encoder.layer:
            own = layer.attention.self
            mixed = attention(own.query(states), own.key(states), own.value(states))
            out = layer.attention.output
            states = out.LayerNorm(out.dense(mixed) + states)
            wide = nn.functional.gelu(layer.intermediate.dense(states))
            out = layer.output
            states = out.LayerNorm(self.hidden_dropout(out.dense(wide)) + states)
        return states

    def answers(self, features: Tensor, source: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return log odds of the emotions (n, 28), and log odds and valence of the tones (n, 3)."""
        features = self.dropout(features)
        tone = self.tone(features)
        if source is not None:
            tone = tone + self.source_bias(source)
        return self.emotion(features), tone


class _Attention:
    """Let each text attend to itself: texts are sorted by length and taken in groups."""

    def __init__(self, lengths: Sequence[int], device: torch.device) -> None:
        self._groups: list[tuple[int, int, Tensor, Tensor]] = []
        first = row = 0
        while row < len(lengths):
            # Within a group the longest text is at most a third longer than the shortest.
            end = row
            while end < len(lengths) and lengths[end] <= max(lengths[row] * 4 // 3, 12):
                end += 1
            own = torch.tensor(lengths[row:end])
            longest = int(own.max())
            mask = torch.arange(longest) < own.unsqueeze(1)
            index = torch.zeros(len(own), longest, dtype=torch.long)
            index[mask] = torch.arange(int(own.sum()))
            size = int(own.sum())
            self._groups.append((first, size, index.to(device), mask.to(device)))
            first += size
            row = end

    def __call__(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Return (n_pieces, 384), the values as each piece attends to them."""
        parts = []
        for first, size, index, mask in self._groups:
            q, k, v = (
                t[first : first + size][index].unflatten(-1, (N_HEADS, -1)).transpose(1, 2)
                for t in (query, key, value)
            )
            # In parts: for texts so short torch's fused attention takes twice as long backwards.
            odds = (q @ k.transpose(2, 3)) * q.shape[-1] ** -0.5
            odds = odds.masked_fill(~mask[:, None, None, :], -1e4)
            mixed = torch.softmax(odds, dim=-1).to(v.dtype) @ v
            parts.append(mixed.transpose(1, 2).flatten(2)[mask])
        return torch.cat(parts)


def parameter_groups(network: Network, *, encoder: float, heads: float) -> list[dict[str, Any]]:
    """Return the optimizer's groups; gains and biases do not decay."""
    groups: list[dict[str, Any]] = []
    for name, rate in (("encoder", encoder), ("", heads)):
        own = [
            (key, value)
            for key, value in network.named_parameters()
            if key.startswith("encoder.") == bool(name) and value.requires_grad
        ]
        groups += [
            {"params": [v for _, v in own if v.ndim > 1], "lr": rate, "weight_decay": 0.01},
            {"params": [v for _, v in own if v.ndim <= 1], "lr": rate, "weight_decay": 0.0},
        ]
    return groups
