"""Train the encoder and its heads together, from the original's weights.

    python -m training.train_encoder --model-dir DIR --data ../shared/data

Every step takes one batch of each kind and adds their losses:

* feelings: GoEmotions' train split in order, with texts written for this project mixed in;
* tones: pain, praise and valence from surveys, patients' comments, subtitles and written talk;
* codes: texts and sister codes of one codebook. A text must be nearer to the definitions that
  apply to it than to the others (InfoNCE, van den Oord et al. 2018), nearer to texts of the same
  code than to others (Khosla et al. 2020), and the cosine must say whether a code applies at all;
* drift: texts keep the direction that the original gave them.

Batches follow from the seed and the step alone. A checkpoint is written every ten minutes into
`training/checkpoints/encoder` and the same command goes on from it. On two cores it takes well
under two hours; a GPU is used where there is one.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from qualcode.coders.local.heads import EMOTION_LABELS
from training.augment import spoken_like, with_question
from training.matching import HELD_BACK_BOOKS, Group, groups
from training.network import SOURCES, TONES, Network, parameter_groups
from training.sources import (
    Example,
    feelings,
    goemotions,
    held_back_texts,
    jupyter,
    nhs_sentiment,
    spoken,
    unlike,
    xed,
)

TRAINING_DIR = Path(__file__).resolve().parent
MAX_TOKENS = {"feelings": 56, "tones": 128, "codes": 96}
BATCH = {"feelings": 36, "written": 3, "tones": 14, "codes": 20, "drift": 10}
LOSS_WEIGHTS = {"emotion": 1.0, "tone": 0.35, "valence": 0.1, "codes": 0.35, "drift": 1.5}
# Of the batches of tones; the same texts come again more often where a source is small.
TONE_SHARE = {"nhs_comments": 0.37, "jupyter_surveys": 0.16, "xed_en": 0.17, "spoken": 0.08}
TONE_SHARE["feelings"] = 1 - sum(TONE_SHARE.values())
ENCODER_RATE, HEADS_RATE = 1e-4, 1e-3
WARM_UP = 0.1
CHECKPOINT_SECONDS = 600
NOTHING_SHARE = 0.12
"""Of the texts of a codebook that has some, those to which no code applies."""
DRIFT_TEXTS = 36_000
N_EMOTIONS = len(EMOTION_LABELS)


class Pieces:
    """Cut texts into word pieces, remembering what was cut."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._tokenizer = tokenizer
        self._start = tokenizer.token_to_id("[CLS]")
        self._end = tokenizer.token_to_id("[SEP]")
        self._known: dict[str, list[int]] = {}

    def __call__(self, text: str, limit: int) -> list[int]:
        """Return the pieces between the two markers, at most `limit` with them."""
        if text not in self._known:
            if len(self._known) > 200_000:
                self._known.clear()
            self._known[text] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return [self._start, *self._known[text][: limit - 2], self._end]


def in_order(n: int, batch: int, lengths: Sequence[int], seed: int) -> Iterator[list[int]]:
    """Yield batches for ever: each epoch every row once, texts of like length together."""
    for epoch in range(1_000_000):
        rng = np.random.default_rng([seed, epoch])
        order = rng.permutation(n)
        batches = []
        span = batch * 40
        for first in range(0, n, span):
            part = sorted(order[first : first + span].tolist(), key=lambda row: lengths[row])
            batches += [part[i : i + batch] for i in range(0, len(part), batch)]
        for at in rng.permutation(len(batches)):
            if len(batches[at]) == batch:
                yield batches[at]


def masked_bce(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean binary cross-entropy where a label is known (not NaN)."""
    known = ~torch.isnan(labels)
    if not known.any():
        return logits.sum() * 0
    return nn.functional.binary_cross_entropy_with_logits(logits[known], labels[known])


class Streams:
    """Make the batches of each step."""

    def __init__(self, data: Path, *, seed: int, skip: frozenset[str]) -> None:
        """Read all sources, less what is held back.

        Args:
            data: Folder of the data sets.
            seed: Of every draw.
            skip: Names of codebooks that the matcher is not to see, for a rehearsal.
        """
        held_back = held_back_texts(data)
        kept = unlike(held_back)
        self.seed = seed
        self.forum = kept(goemotions(data, "train"))
        self.written = feelings(TRAINING_DIR / "written/feelings.tsv")
        by_source: dict[str, list[Example]] = {
            "nhs_comments": kept(nhs_sentiment(data, held_back=False)),
            "jupyter_surveys": kept(jupyter(data)),
            "xed_en": kept(xed(data)),
            "spoken": spoken(TRAINING_DIR / "spoken_examples.tsv"),
            "feelings": self.written,
        }
        self.tones = {name: rows for name, rows in by_source.items() if rows}
        allowed = unlike(held_back)
        self.groups: list[Group] = []
        for group in groups(data):
            if group.name.split(":")[0] in skip or group.name in skip:
                continue
            texts = {e.text for e in allowed([Example(t, group.name) for t, _ in group.said])}
            group.said = [row for row in group.said if row[0] in texts]
            if len(group.finished().wordings) >= 2:
                self.groups.append(group)
        weights = np.array([g.weight for g in self.groups])
        self._weights = (weights / weights.sum()).tolist()

    def drift_texts(self) -> list[str]:
        """Return texts of every kind whose direction is to stay."""
        pools = [[e.text for e in self.forum], *([e.text for e in r] for r in self.tones.values())]
        pools += [[text for text, _ in group.said] for group in self.groups]
        share = DRIFT_TEXTS // 3
        drawn = _by_hash(pools[0])[:share]
        # By hash, so that new texts change little of what is drawn.
        return [*drawn, *_by_hash(text for pool in pools[1:] for text in pool)[: 2 * share]]

    def feelings(self, rows: Sequence[int], rng: random.Random) -> list[Example]:
        """Return the forum's rows, a few of them joined or made spoken, and written ones."""
        batch = [self.forum[row] for row in rows]
        for at, example in enumerate(batch):
            draw = rng.random()
            if draw < 0.06:
                batch[at] = joined(example, self.forum[rng.randrange(len(self.forum))])
            elif draw < 0.14:
                batch[at] = replace(example, text=spoken_like(example.text, rng))
        if self.written:
            batch += rng.choices(self.written, k=BATCH["written"])
        return batch

    def tone_batch(self, rng: random.Random) -> list[Example]:
        """Return texts of all sources by their share, half of each yes where there are enough."""
        names = list(self.tones)
        shares = [TONE_SHARE[name] for name in names]
        batch = []
        for name in rng.choices(names, shares, k=BATCH["tones"]):
            rows = self.tones[name]
            example = rows[rng.randrange(len(rows))]
            # Bad news is rarer: the second of two draws if only that tells of a pain.
            other = rows[rng.randrange(len(rows))]
            if not example.pain and other.pain:
                example = other
            draw = rng.random()
            if draw < 0.12:
                example = joined(example, rows[rng.randrange(len(rows))])
            elif draw < 0.3:
                example = replace(example, text=spoken_like(example.text, rng))
            if rng.random() < 0.08:
                example = replace(example, text=with_question(example.text, rng))
            batch.append(example)
        return batch

    def code_batch(self, rng: random.Random) -> tuple[list[str], list[str], np.ndarray]:
        """Return texts, codes as shown and (n_texts, n_codes) which apply."""
        group = rng.choices(self.groups, self._weights)[0]
        codes = list(group.wordings)
        if len(codes) > BATCH["codes"]:
            codes = rng.sample(codes, BATCH["codes"])
        column = {code: j for j, code in enumerate(codes)}
        texts: list[str] = []
        applies = np.zeros((BATCH["codes"], len(codes)), np.float32)
        # Two texts a code, so that texts have others of their code to be near to.
        leads = [code for code in rng.sample(codes, len(codes)) for _ in range(2)]
        while len(leads) < BATCH["codes"]:
            leads += rng.sample(codes, len(codes))
        for row, code in enumerate(leads[: BATCH["codes"]]):
            text, own = group.said[rng.choice(group.by_code[code])]
            if group.nothing and rng.random() < NOTHING_SHARE:
                text, own = rng.choice(group.nothing), ()
            draw = rng.random()
            if draw < 0.10:
                other, more = group.said[rng.randrange(len(group.said))]
                if all(c in column or c not in group.wordings for c in more):
                    text, own = f"{text} {other}", (*own, *more)
            elif draw < 0.25:
                text = spoken_like(text, rng)
            if rng.random() < 0.05:
                text = with_question(text, rng)
            texts.append(text)
            for c in own:
                if c in column:
                    applies[row, column[c]] = 1
        shown = []
        for code in codes:
            wording = rng.choice(group.wordings[code])
            shown.append(wording.shown(rng, code.split(":")[-1]))
        return texts, shown, applies


def _by_hash(texts: Iterable[str]) -> list[str]:
    return sorted(set(texts), key=lambda text: hashlib.sha256(text.encode("utf-8")).digest())


def joined(first: Example, second: Example) -> Example:
    """Return two texts as one; what either says is said."""

    def either(a: bool | None, b: bool | None) -> bool | None:
        return None if a is None or b is None else a or b

    neutral = EMOTION_LABELS.index("neutral")
    emotions = None
    if first.emotions is not None and second.emotions is not None:
        both = {*first.emotions, *second.emotions}
        emotions = tuple(sorted(both - {neutral} or both))
    valence = None
    if first.valence is not None and second.valence is not None:
        valence = (first.valence + second.valence) / 2
    return Example(
        f"{first.text} {second.text}",
        first.source,
        emotions,
        either(first.pain, second.pain),
        either(first.praise, second.praise),
        valence,
    )


def label_tensors(examples: Sequence[Example]) -> tuple[Tensor, Tensor, Tensor]:
    """Return (n, 28) emotions, (n, 3) tones, both NaN where unknown, and (n,) source."""
    emotion = torch.full((len(examples), N_EMOTIONS), float("nan"))
    tone = torch.full((len(examples), len(TONES)), float("nan"))
    for row, example in enumerate(examples):
        if example.emotions is not None:
            emotion[row] = 0
            emotion[row, list(example.emotions)] = 1
        for column, name in enumerate(TONES):
            value = getattr(example, name)
            if value is not None:
                tone[row, column] = float(value)
    source = torch.tensor([SOURCES.index(e.source) for e in examples])
    return emotion, tone, source


def head_losses(
    network: Network, examples: Sequence[Example], features: Tensor
) -> dict[str, Tensor]:
    """Return the losses of emotion, tone and valence over the texts whose labels are known."""
    emotion, tone, source = (t.to(features.device) for t in label_tensors(examples))
    says, sounds = network.answers(features, source)
    valued = ~torch.isnan(tone[:, 2])
    share = (~torch.isnan(emotion[:, 0])).float().mean()
    valence = sounds.sum() * 0
    if valued.any():
        valence = nn.functional.smooth_l1_loss(sounds[valued, 2], tone[valued, 2])
    return {
        # The sum over labels would be 28 times the mean; about ten times keeps pace with the rest.
        "emotion": masked_bce(says, emotion) * 10 * share,
        "tone": masked_bce(sounds[:, :2], tone[:, :2]),
        "valence": valence,
    }


def code_loss(network: Network, texts: Tensor, codes: Tensor, applies: Tensor) -> Tensor:
    """Return the three losses of the matcher, weighted."""
    cosines = texts @ codes.T
    temperature = torch.exp(network.match_temperature)
    target = applies / applies.sum(dim=1, keepdim=True).clamp(min=1)
    nearest = -(target * torch.log_softmax(cosines * temperature, dim=1)).sum(dim=1).mean()
    odds = network.match_scale * cosines + network.match_bias
    # Applying codes are few: they weigh half.
    share = applies.mean().clamp(0.01, 0.99)
    weight = torch.where(applies > 0, 0.5 / share, 0.5 / (1 - share))
    said = nn.functional.binary_cross_entropy_with_logits(odds, applies, weight=weight)
    same = (applies @ applies.T > 0).float()
    same.fill_diagonal_(0)
    between = texts @ texts.T * temperature
    between = between.masked_fill(torch.eye(len(texts), dtype=torch.bool), -1e4)
    pairs = same.sum(dim=1)
    alike = -(same * torch.log_softmax(between, dim=1)).sum(dim=1)
    alike = (alike / pairs.clamp(min=1))[pairs > 0]
    return nearest + 0.5 * said + (0.4 * alike.mean() if len(alike) else 0.0)


def rate(step: int, steps: int) -> float:
    """Return the one-cycle factor of the learning rate: up, then down as a cosine."""
    warm = max(int(WARM_UP * steps), 1)
    if step < warm:
        return (step + 1) / warm
    return max(0.5 * (1 + math.cos(math.pi * (step - warm) / max(steps - warm, 1))), 0.01)


def train(args: argparse.Namespace) -> None:
    """Run the steps that are left and write the weights."""
    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    streams = Streams(args.data, seed=args.seed, skip=frozenset(args.skip))
    pieces = Pieces(Tokenizer.from_file(str(args.model_dir / "tokenizer.json")))
    network = Network(args.model_dir).to(device)
    optimizer = torch.optim.AdamW(
        parameter_groups(network, encoder=ENCODER_RATE, heads=HEADS_RATE),
        betas=(0.9, 0.98),
        fused=True,
    )
    base = [group["lr"] for group in optimizer.param_groups]
    lengths = [len(pieces(e.text, MAX_TOKENS["feelings"])) for e in streams.forum]
    per_epoch = len(streams.forum) // BATCH["feelings"]
    steps = args.steps or int(args.epochs * per_epoch)
    args.checkpoints.mkdir(parents=True, exist_ok=True)
    drift_texts = streams.drift_texts()
    drift_vectors = teacher(network, pieces, drift_texts, args.checkpoints)
    drift_lengths = [len(pieces(t, MAX_TOKENS["codes"])) for t in drift_texts]
    print(
        json.dumps(
            {
                "steps": steps,
                "forum": len(streams.forum),
                "written": len(streams.written),
                "tones": {name: len(rows) for name, rows in streams.tones.items()},
                "groups": len(streams.groups),
                "codes": sum(len(g.wordings) for g in streams.groups),
                "said": sum(len(g.said) for g in streams.groups),
            }
        ),
        flush=True,
    )

    saved = args.checkpoints / "last.pt"
    first = 0
    if saved.exists():
        state = torch.load(saved, map_location=device, weights_only=True)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        first = int(state["step"])
        print(f"going on from step {first}", flush=True)
    forum = in_order(len(streams.forum), BATCH["feelings"], lengths, args.seed)
    drift = in_order(len(drift_texts), BATCH["drift"], drift_lengths, args.seed + 1)
    for _ in range(first):
        next(forum), next(drift)

    def cut(texts: Sequence[str], kind: str) -> list[list[int]]:
        return [pieces(text, MAX_TOKENS[kind]) for text in texts]

    network.train()
    sums: Counter[str] = Counter()
    began = kept_at = time.monotonic()
    for step in range(first, steps):
        rng = random.Random(args.seed * 1_000_003 + step)
        torch.manual_seed(args.seed * 1_000_003 + step)
        for group, lr in zip(optimizer.param_groups, base, strict=True):
            group["lr"] = lr * rate(step, steps)
        optimizer.zero_grad(set_to_none=True)
        feeling, tone = streams.feelings(next(forum), rng), streams.tone_batch(rng)
        texts, shown, applies = streams.code_batch(rng)
        kept = next(drift)
        parts = [
            cut([e.text for e in feeling], "feelings"),
            cut([e.text for e in tone], "tones"),
            cut(texts, "codes"),
            cut(shown, "codes"),
            cut([drift_texts[row] for row in kept], "codes"),
        ]
        # Products in bfloat16 take half the time; weights and sums stay in float32.
        with torch.autocast(device.type, torch.bfloat16):
            vectors, features = network.encode([text for part in parts for text in part])
        sizes = [len(part) for part in parts]
        _, _, of_texts, of_codes, of_kept = vectors.split(sizes)
        losses: dict[str, Tensor] = {}
        for name, examples, own in zip(
            ("feelings", "tones"), (feeling, tone), features.split(sizes), strict=False
        ):
            losses |= {f"{name}.{k}": v for k, v in head_losses(network, examples, own).items()}
        losses["codes"] = code_loss(
            network, of_texts, of_codes, torch.from_numpy(applies).to(device)
        )
        target = torch.from_numpy(drift_vectors[kept]).to(device)
        losses["drift"] = (1 - (of_kept * target).sum(dim=1)).mean()
        total = sum(
            (LOSS_WEIGHTS[name.split(".")[-1]] * loss for name, loss in losses.items()),
            torch.zeros((), device=device),
        )
        total.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        sums.update({name: float(loss.detach()) for name, loss in losses.items()})
        if (step + 1) % 50 == 0:
            pace = (step + 1 - first) / (time.monotonic() - began)
            said = " ".join(f"{name} {value / 50:.3f}" for name, value in sums.items())
            left = (steps - step - 1) / pace / 60
            print(f"step {step + 1}/{steps} {said} ({left:.0f} min left)", flush=True)
            sums.clear()
        if time.monotonic() - kept_at > CHECKPOINT_SECONDS or step + 1 == steps:
            keep(network, optimizer, step + 1, saved)
            kept_at = time.monotonic()
    export(network, args.out or args.checkpoints / "trained.safetensors")


@torch.no_grad()
def teacher(
    network: Network, pieces: Pieces, texts: Sequence[str], checkpoints: Path
) -> np.ndarray:
    """Return vectors of the network before training; earlier runs' lie beside the checkpoints."""
    keys = [hashlib.sha256(text.encode("utf-8")).hexdigest()[:24] for text in texts]
    path = checkpoints / "drift.npz"
    known: dict[str, np.ndarray] = {}
    if path.exists():
        with np.load(path, allow_pickle=False) as kept:
            known = dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    cut = {key: pieces(text, MAX_TOKENS["codes"]) for key, text in missing.items()}
    order = sorted(cut, key=lambda key: len(cut[key]))
    network.eval()
    for first in range(0, len(order), 64):
        rows = order[first : first + 64]
        with torch.autocast(network.match_bias.device.type, torch.bfloat16):
            vectors, _ = network.encode([cut[key] for key in rows])
        known |= dict(zip(rows, vectors.cpu().numpy(), strict=True))
    if missing:
        np.savez(path, keys=np.array(list(known)), vectors=np.array(list(known.values())))
    return np.array([known[key] for key in keys], np.float32)


def keep(network: Network, optimizer: torch.optim.Optimizer, step: int, path: Path) -> None:
    """Write the checkpoint; an interrupted write leaves the one before."""
    partial = path.with_suffix(".part")
    torch.save(
        {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "step": step},
        partial,
    )
    partial.replace(path)


def export(network: Network, path: Path) -> None:
    """Write every weight under the original's names, the heads' under their own."""
    tensors = {
        name.removeprefix("encoder."): value.detach().float().cpu().contiguous()
        for name, value in network.state_dict().items()
    }
    # "encoder.encoder.layer…": the first was the network's, the second is the original's.
    save_file(tensors, str(path))
    print(f"wrote {path}", flush=True)


def main() -> None:
    """Read the options and train."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model-dir", type=Path, required=True, help="the original's files")
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--checkpoints", type=Path, default=TRAINING_DIR / "checkpoints/encoder")
    parser.add_argument("--out", type=Path, help="the trained weights; beside the checkpoints")
    parser.add_argument("--epochs", type=float, default=3.0, help="passes over GoEmotions")
    parser.add_argument("--steps", type=int, help="instead of epochs, for a rehearsal")
    parser.add_argument(
        "--skip", nargs="*", default=HELD_BACK_BOOKS, help="codebooks that the matcher never sees"
    )
    parser.add_argument("--seed", type=int, default=20240501)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
