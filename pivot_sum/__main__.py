"""The command line, `pivot-sum` and `python -m pivot_sum`, also while it is being loaded: what
interrupts it ends it with one message."""

import signal
import sys
from contextlib import suppress
from types import FrameType


def run() -> None:
    """Run the command line. SIGTERM, as a batch system or `kill` sends it, does what Ctrl-C does:
    what is finished is kept, and nothing half-written stays."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        from pivot_sum.commands.main import main

        main()
    except KeyboardInterrupt:  # before a command began, or while it was telling its result
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    finally:  # the command is done; what comes now could only spoil how it ends
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(KeyboardInterrupt):
                signal.signal(number, signal.SIG_IGN)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    run()
