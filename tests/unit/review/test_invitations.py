from qualcode.review.invitations import LINK_HOURS, Invitation, Invitations
from qualcode.review_events import Part


def test_a_token_lets_in_once() -> None:
    invitations = Invitations()
    token = invitations.invite("Ada", Part.REVIEWER)
    assert invitations.redeem(token) == Invitation("Ada", Part.REVIEWER)
    assert invitations.redeem(token) is None


def test_a_new_token_leaves_the_earlier_ones_good() -> None:
    invitations = Invitations()
    earlier = invitations.invite("Ada", Part.REVIEWER)
    invitations.invite("Ada", Part.REVIEWER)
    assert invitations.redeem(earlier) is not None


def test_a_token_that_nobody_made_lets_nobody_in() -> None:
    assert Invitations().redeem("") is None


def test_a_token_lets_nobody_in_after_its_hours() -> None:
    now = [0.0]
    invitations = Invitations(clock=lambda: now[0])
    token = invitations.invite("Ada", Part.REVIEWER)
    now[0] = LINK_HOURS * 3600 + 1
    assert invitations.redeem(token) is None


def test_tokens_are_not_kept_as_they_are() -> None:
    invitations = Invitations()
    token = invitations.invite("Ada", Part.REVIEWER)
    assert token not in repr(vars(invitations))
