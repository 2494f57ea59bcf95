"""Say what was found about a model, a line for each thing, and what to do about it."""

from __future__ import annotations

from qualcode.coders.llm.prices import Price
from qualcode.coders.llm.probed import Context, LongTrial, Outcome, Probe, Trial
from qualcode.coders.llm.wire import FaultKind
from qualcode.workflow.doctor import Check, State
from qualcode.workflow.doctor_llm import Examined

__all__ = ["checks_of"]

_TO_DO = {
    Context.CUT: "give the model more context: for Ollama use --model ollama:NAME rather than its "
    "OpenAI-compatible address, elsewhere start the server with a longer context",
    Context.UNSURE: "try a stronger model, or one with a longer context",
    Context.REFUSED: "a request with a large codebook is as long: raise [llm] context_tokens for "
    "Ollama, start another server with a longer context",
    Context.UNKNOWN: "run it again once the rest works",
}


def checks_of(examined: Examined) -> tuple[Check, ...]:
    """Return what was found, a line each, with what to do about it."""
    choice = examined.choice
    where = "nothing leaves" if choice.is_loopback else "what is asked leaves"
    found = [
        Check("model", State.OK, choice.coder_name.removeprefix("llm:")),
        Check("host", State.OK, f"{choice.host}; {where} this machine"),
        _key(examined),
        _price(examined.price),
    ]
    probed = examined.probe
    if probed is None:
        return tuple(found)
    found.append(_answers(probed))
    ended = "" if probed.stopped is None else probed.stopped.reason
    found += [
        _trial(one)
        for one in probed.trials
        if one.outcome is not Outcome.UNTRIED and not (ended and one.reason == ended)
    ]
    if probed.found is None:
        if probed.stopped is None:
            told = "in no mode did JSON come back that fits"
            todo = "name another model: no run could use this one's answers"
            found.append(Check("answers in", State.BROKEN, told, todo))
        return tuple(found)
    found.append(_mode(examined, probed.found))
    found.append(_usage(probed.found))
    if probed.long.cached_tokens is not None:
        found.append(_cached(probed.long.cached_tokens))
    found.append(_context(probed.long))
    return tuple(found)


def _key(examined: Examined) -> Check:
    variable = examined.choice.key_variable
    if not variable:
        return Check("key", State.OK, "none is sent")
    if examined.has_key:
        return Check("key", State.OK, f"${variable} is set")
    todo = f"set {variable}; without it, qualcode code uses the embedded coder"
    return Check("key", State.BROKEN, f"${variable} is not set", todo)


def _price(price: Price | None) -> Check:
    if price is None:
        todo = "give --max-tokens with each run, or the price in a table of your own ([llm] prices)"
        return Check("price", State.NOTE, "not known", todo)
    if not (price.input or price.output):
        return Check("price", State.OK, "free of charge")
    told = f"${price.input:g} in, ${price.output:g} out for a million tokens"
    told += f", read on {price.date}" if price.date else ""
    return Check("price", State.OK, told, "check it" if price.source else "")


def _answers(probed: Probe) -> Check:
    fault = probed.stopped
    if fault is None:
        latency = probed.latency
        if latency is None:
            return Check("answers", State.OK, "yes")
        told = f"a tiny one in {latency:.1f} s"
        if probed.long.seconds is not None and probed.long.context is not Context.UNKNOWN:
            told += f", one to {probed.long.tokens_about:,} tokens in {probed.long.seconds:.1f} s"
        return Check("answers", State.OK, told)
    todo = ""
    if fault.kind is FaultKind.BUDGET:
        todo = "raise [llm] budget_usd"
    elif fault.kind is FaultKind.TRANSIENT:
        todo = "run it again in a while"
        if not fault.status:
            todo = "is it running, and is this its address (--base-url)?"
            if fault.sent:
                todo = "it may still be loading the model: run it again, or raise [llm] "
                todo += "timeout_seconds"
    return Check("answers", State.BROKEN, fault.reason, todo or "mend that and run it again")


def _trial(trial: Trial) -> Check:
    if trial.outcome is Outcome.WORKS:
        return Check(trial.mode.value, State.OK, f"works, {trial.seconds or 0:.1f} s")
    # Which modes work is no fault; that none does is told elsewhere.
    told = {Outcome.REFUSED: "not taken", Outcome.UNFIT: "no use"}.get(trial.outcome, "failed")
    return Check(trial.mode.value, State.NOTE, f"{told}: {trial.reason}")


def _mode(examined: Examined, found: Trial) -> Check:
    told = f"{found.mode.value}"
    if examined.remembered:
        return Check("answers in", State.OK, f"{told}; this study remembers it")
    if examined.probe is not None and not examined.probe.is_settled:
        todo = "run it again: a better one may work then"
        return Check("answers in", State.NOTE, f"{told}; a better one failed by chance", todo)
    return Check("answers in", State.OK, f"{told}; outside of a study nothing is remembered")


def _usage(found: Trial) -> Check:
    if found.usage is not None:
        return Check("tokens", State.OK, "the server says how many it used")
    told = "the server does not say how many it used: budgets count guesses at the upper end"
    return Check("tokens", State.NOTE, told)


def _cached(n_cached: int) -> Check:
    if n_cached:
        told = f"the server says that it had kept {n_cached:,} of the same text sent again"
        return Check("kept tokens", State.OK, told)
    return Check("kept tokens", State.OK, "the server reports none for the same text sent again")


def _context(long: LongTrial) -> Check:
    name = "long text"
    if long.context is Context.WHOLE:
        return Check(name, State.OK, f"about {long.tokens_about:,} tokens were read whole")
    told = f"of about {long.tokens_about:,} tokens: {long.reason}"
    if long.context is Context.CUT:
        return Check(name, State.BROKEN, f"cut silently, {told}", _TO_DO[long.context])
    if long.context is Context.REFUSED:
        return Check(name, State.NOTE, f"too long for it, {told}", _TO_DO[long.context])
    return Check(name, State.NOTE, told, _TO_DO[long.context])
