"""Let `python -m qualcode` do what the command `qualcode` does."""

from qualcode.cli.main import run

if __name__ == "__main__":
    run()
