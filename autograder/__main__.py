"""The command line: `autograder grade se`, `autograder doctor`, `autograder demo`."""

import sys

NOT_HERE = 2


def main() -> int:
    """Runs the command line; anywhere but on Linux it says where the grader works."""
    if not sys.platform.startswith("linux"):
        print("autograder: the grader is for Linux, whose walls it stands on; the book, the "
              "notebooks and check() work here too", file=sys.stderr)
        return NOT_HERE
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a name that the terminal has no letters for
    from autograder import commands

    return commands.main()


if __name__ == "__main__":
    sys.exit(main())
