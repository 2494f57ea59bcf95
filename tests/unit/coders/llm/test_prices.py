from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from qualcode.coders.llm.model import ModelChoice
from qualcode.coders.llm.prices import ListedPrice, Price, price_of, read_prices, shipped_prices
from qualcode.errors import SettingsError


def choice(spec: str, base_url: str = "") -> ModelChoice:
    return ModelChoice.parse(spec, base_url, environ={})


def listed(model: str, price: float, provider: str = "openai") -> ListedPrice:
    return ListedPrice(provider=provider, model=model, input=price, output=price)


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


ENTRY = '[[price]]\nprovider = "openai"\nmodel = "gpt-5-mini"\ninput = 1\noutput = 2.5\n'


# What ships ------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", shipped_prices(), ids=lambda entry: entry.model)
def test_every_shipped_price_says_where_and_when_it_was_read(entry: ListedPrice) -> None:
    assert entry.source.startswith("https://") and entry.date is not None


@pytest.mark.parametrize("entry", shipped_prices(), ids=lambda entry: entry.model)
def test_every_shipped_price_is_in_a_plausible_order(entry: ListedPrice) -> None:
    price = entry.price
    assert 0 < price.cached_input < price.input < price.output


def test_no_model_is_listed_twice() -> None:
    names = [(entry.provider, entry.model) for entry in shipped_prices()]
    assert len(set(names)) == len(names)


def test_the_shipped_table_says_that_prices_must_be_checked() -> None:
    path = Path(price_of.__code__.co_filename).with_name("prices.toml")
    assert "PRICES CHANGE: check them" in path.read_text(encoding="utf-8")


# Looking up ------------------------------------------------------------------------------------


def test_a_model_is_found_by_its_name() -> None:
    assert price_of(choice("openai:gpt-5-mini")) is not None


@pytest.mark.parametrize(
    "name", ["gpt-5-mini-2025-08-07", "gpt-5-mini-latest", "gpt-5-mini-20250807"]
)
def test_a_dated_snapshot_costs_as_much_as_its_model(name: str) -> None:
    assert price_of(choice(f"openai:{name}")) == price_of(choice("openai:gpt-5-mini"))


@pytest.mark.parametrize("name", ["gpt-5-mini-pro", "gpt-5-minix", "gpt-5", "ft:gpt-5-mini:org"])
def test_another_model_whose_name_is_alike_has_no_price(name: str) -> None:
    assert price_of(choice(f"openai:{name}")) is None


def test_the_longest_name_that_fits_wins() -> None:
    own = [listed("m", 1.0), listed("m-2026-01-01", 2.0)]
    assert price_of(choice("openai:m-2026-01-01"), own) == own[1].price


def test_a_price_of_ones_own_wins_over_the_shipped_one() -> None:
    own = [listed("gpt-5-mini", 9.0)]
    assert price_of(choice("openai:gpt-5-mini"), own) == own[0].price


def test_a_model_on_this_machine_costs_nothing() -> None:
    found = price_of(choice("compatible:any", "http://127.0.0.1:8000/v1"))
    assert found == Price(0.0, 0.0, 0.0)


def test_a_price_of_ones_own_holds_on_this_machine_too() -> None:
    own = [listed("any", 3.0, "compatible")]
    assert price_of(choice("compatible:any", "http://127.0.0.1:8000/v1"), own) == own[0].price


def test_a_model_of_an_ollama_server_costs_nothing() -> None:
    assert price_of(choice("ollama:any", "https://models.example.org")) == Price(0.0, 0.0, 0.0)


@pytest.mark.parametrize("spec", ["compatible:gpt-5-mini", "openai:gpt-5-mini"])
def test_the_price_of_a_known_name_elsewhere_is_unknown(spec: str) -> None:
    assert price_of(choice(spec, "https://models.example.org/v1")) is None


# What it comes to ------------------------------------------------------------------------------


def test_kept_input_costs_less() -> None:
    assert Price(2.0, 0.5, 8.0).cost(1_000_000, 500_000, 600_000) == pytest.approx(5.1)


def test_what_may_be_newly_kept_costs_what_keeping_costs() -> None:
    assert Price(2.0, 0.5, 8.0, cache_write=2.5).cost(1_000_000, 0) == pytest.approx(2.5)


def test_a_long_request_costs_more_as_a_whole() -> None:
    price = Price(1.0, 0.1, 4.0, long_above=100, long_input_factor=2.0, long_output_factor=1.5)
    assert price.cost(101, 10, 1) == pytest.approx((200 + 0.2 + 60) / 1e6)


def test_a_request_at_the_border_is_not_long() -> None:
    price = Price(1.0, 0.1, 4.0, long_above=100, long_input_factor=2.0, long_output_factor=1.5)
    assert price.cost(100, 0) == pytest.approx(100 / 1e6)


def test_more_kept_input_than_input_does_not_make_a_request_cheaper_than_free() -> None:
    assert Price(2.0, 0.5, 8.0).cost(10, 0, 1_000) == pytest.approx(5 / 1e6)


# Tables of one's own ---------------------------------------------------------------------------


def test_a_table_of_ones_own_is_read(tmp_path: Path) -> None:
    read = read_prices(table(tmp_path, ENTRY + "date = 2026-11-01\n"))
    expected = Price(1.0, 1.0, 2.5, date=datetime.date(2026, 11, 1))
    assert price_of(choice("openai:gpt-5-mini"), read) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ENTRY + ENTRY.replace("output = 2.5", ""), "price 2, output"),
        (ENTRY + "cashed = 1\n", "price 1, cashed"),
        (ENTRY.replace("= 1\n", "= -1\n"), "price 1, input"),
        (ENTRY.replace("= 1\n", "= nan\n"), "price 1, input"),
        (ENTRY.replace("= 1\n", "= '1'\n"), "price 1, input"),
        ("price = 3\n", "holds"),
        ("[gpt]\ninput = 1\n", "holds"),
        ("[[price]\n", "not a price table"),
    ],
)
def test_a_mistake_in_a_table_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        read_prices(table(tmp_path, text))


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml"):
        read_prices(tmp_path / "none.toml")
