"""qualcode learn: the embedded coder learns from people's judgements."""

from __future__ import annotations

from typing import Annotated

import typer

from qualcode.cli.common import (
    JsonOption,
    StudyOption,
    open_study,
    print_json,
    print_table,
    say,
)

__all__ = ["learn"]


def learn(
    study: StudyOption = None,
    forget: Annotated[
        bool, typer.Option("--forget", help="Unlearn everything; judgements stay.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Let the embedded coder learn from the review.

    Every yes and no of people moves the chances of its code, from what the definition says; the
    review does this by itself as you go. Here it is done at once, and segments that nobody has
    judged are proposed anew. What is drawn to be judged blind is never learnt from.
    """
    from qualcode.workflow.learn import Learner

    with open_study(study) as opened:
        if forget:
            opened.repository.learnt.replace(opened.codebook.families, ())
            say("Nothing is learnt any more: qualcode code proposes as before.")
            return
        learner = Learner(opened)
        report = learner.update()
        n_anew = learner.propose_anew(learner.undecided())
    if as_json:
        print_json(
            {
                "n_judged": report.n_judged,
                "n_blind": report.n_blind,
                "n_contested": report.n_contested,
                "n_proposed_anew": n_anew,
                "codes": {
                    code: {"n_yes": state.n_yes, "n_no": state.n_no}
                    for code, state in report.learnt.items()
                },
            }
        )
        return
    if not report.learnt:
        say("Nothing to learn from yet: qualcode review")
        return
    print_table(
        ("code", "yes", "no"),
        [(code, state.n_yes, state.n_no) for code, state in report.learnt.items()],
        data=True,
    )
    say(
        f"\nLearnt from {report.n_judged:,} segments; {report.n_blind:,} judged blind are kept to "
        f"measure by; {n_anew:,} segments are proposed anew."
    )
