"""Show the built book on this machine alone: `python tools/serve.py [PORT]`."""

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BOOK = Path(__file__).resolve().parents[1] / "_build" / "html"


class Pages(SimpleHTTPRequestHandler):
    """Files of a folder; only what goes wrong is printed."""

    def log_request(self, *_: object) -> None:
        """Say nothing of a page that was had."""


def server(port: int, folder: Path | None = None) -> ThreadingHTTPServer:
    """A server of a folder or the book; raises OSError when it cannot have the port."""
    return ThreadingHTTPServer(("127.0.0.1", port), partial(Pages, directory=folder or BOOK))


def main(arguments: list[str]) -> int:
    """Serve until interrupted; a port that cannot be had is said with the way out."""
    text = arguments[0] if arguments else "8000"
    try:
        with server(int(text)) as serving:
            print(f"http://127.0.0.1:{serving.server_address[1]} shows the book; Ctrl+C ends it")
            serving.serve_forever()
    except KeyboardInterrupt:
        print()
    except (OSError, OverflowError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        print(
            f"serve: cannot serve on port {text} ({reason}); choose another: make serve PORT=8001",
            file=sys.stderr,
        )
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
