"""How a test that is not in C++ ends where it cannot run. ./dev prints what it says."""
import sys

SKIPPED = 77  # SKIP_RETURN_CODE of its ctest entry.


def skip(why):
    print("skipped: " + why)
    sys.exit(SKIPPED)
