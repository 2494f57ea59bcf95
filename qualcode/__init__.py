"""qualcode: from what customers say to a draft journey map whose every quote is verbatim."""

__version__ = "0.1.0"
