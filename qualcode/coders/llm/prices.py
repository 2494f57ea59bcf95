"""What a model costs: a dated table that ships with the program, and the user's own before it.

Prices change without notice; every entry says where and when it was read, and the user should check
them. `prices.toml` says how to override one.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qualcode.coders.llm.model import ModelChoice
from qualcode.errors import SettingsError

__all__ = ["ListedPrice", "Price", "price_of", "read_prices", "shipped_prices"]

_PER = 1_000_000
_Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False)]

_SNAPSHOT = re.compile(r"-(\d{4}-?\d{2}-?\d{2}|latest)")
"""What may follow a model's name in the table: "gpt-5" must not price "gpt-5-pro"."""


@dataclass(frozen=True, slots=True)
class Price:
    """Hold what a model costs, in US dollars for a million tokens.

    Attributes:
        input: For what is read for the first time.
        cached_input: For what the provider had kept from before.
        output: For what is written, thinking included.
        cache_write: For what the provider keeps from this request, where that costs more.
        long_above: Requests with more input tokens cost more, all of them by the two factors.
        source: The page that says so.
        date: When that page was read.
    """

    input: float
    cached_input: float
    output: float
    cache_write: float = 0.0
    long_above: int | None = None
    long_input_factor: float = 1.0
    long_output_factor: float = 1.0
    source: str = ""
    date: datetime.date | None = None

    def cost(self, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> float:
        """Return the most that an attempt cost, in US dollars.

        Servers do not say which part of the input they newly kept, so all that was not kept before
        counts as if it were.

        Args:
            input_tokens: All that was read, what had been kept included.
            output_tokens: All that was written.
            cached_tokens: The part of the input that had been kept.
        """
        cached = min(cached_tokens, input_tokens)
        fresh = max(self.input, self.cache_write)
        read = (input_tokens - cached) * fresh + cached * self.cached_input
        written = output_tokens * self.output
        if self.long_above is not None and input_tokens > self.long_above:
            read *= self.long_input_factor
            written *= self.long_output_factor
        return (read + written) / _PER


class ListedPrice(BaseModel):
    """Hold an entry of a price table; the fields are those of `Price` but for these.

    Attributes:
        provider: As in `--model PROVIDER:NAME`.
        model: Its name, or the beginning of it before the date of a snapshot.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    provider: Annotated[str, Field(min_length=1)]
    model: Annotated[str, Field(min_length=1)]
    input: _Dollars
    cached_input: _Dollars | None = None
    cache_write: _Dollars = 0.0
    output: _Dollars
    long_above: Annotated[int, Field(gt=0)] | None = None
    long_input_factor: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 1.0
    long_output_factor: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 1.0
    source: str = ""
    date: datetime.date | None = None

    @property
    def price(self) -> Price:
        """Return the price; what had been kept costs as much as input where it is not said."""
        return Price(
            input=self.input,
            cached_input=self.input if self.cached_input is None else self.cached_input,
            output=self.output,
            cache_write=self.cache_write,
            long_above=self.long_above,
            long_input_factor=self.long_input_factor,
            long_output_factor=self.long_output_factor,
            source=self.source,
            date=self.date,
        )

    def covers(self, provider: str, model: str) -> bool:
        """Say whether this is the price of a model: the same name, or a snapshot of it."""
        if provider != self.provider or not model.startswith(self.model):
            return False
        rest = model[len(self.model) :]
        return not rest or _SNAPSHOT.fullmatch(rest) is not None


def price_of(choice: ModelChoice, overrides: Sequence[ListedPrice] | None = None) -> Price | None:
    """Return what a model costs.

    Args:
        choice: The model.
        overrides: The user's own prices; they win over the shipped ones, and over zero.

    Returns:
        The entry with the longest name that fits; a price of zero for a model on this machine or on
        an Ollama server; None where the price is unknown.
    """
    own = _longest(choice, overrides or ())
    if own is not None:
        return own
    if choice.is_loopback or choice.provider == "ollama":
        return Price(0.0, 0.0, 0.0)
    return _longest(choice, shipped_prices())


def _longest(choice: ModelChoice, table: Sequence[ListedPrice]) -> Price | None:
    fitting = [entry for entry in table if entry.covers(choice.provider, choice.name)]
    return max(fitting, key=lambda entry: len(entry.model)).price if fitting else None


def read_prices(path: Path) -> tuple[ListedPrice, ...]:
    """Read a price table.

    Raises:
        SettingsError: It cannot be read, or an entry is not one; the message names which.
    """
    hint = "each entry is [[price]] with provider, model, input and output"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: not a price table: {error}", hint=hint) from error
    entries = content.get("price")
    if set(content) != {"price"} or not isinstance(entries, list):
        raise SettingsError(f"{path}: a price table holds [[price]] entries only", hint=hint)
    return tuple(_checked(path, number, entry) for number, entry in enumerate(entries, 1))


def _checked(path: Path, number: int, entry: object) -> ListedPrice:
    try:
        return ListedPrice.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "entry"
        raise SettingsError(
            f"{path}: price {number}, {where}: {first['msg']}",
            hint="prices are US dollars for a million tokens, dates are written 2026-11-26",
        ) from error


@cache
def shipped_prices() -> tuple[ListedPrice, ...]:
    """Return the table that ships with the program."""
    return read_prices(Path(__file__).with_name("prices.toml"))
