"""A headless Chromium for tests, driven by chromedriver's plain HTTP; standard library only."""

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--hide-scrollbars", "--force-device-scale-factor=1"]  # fmt: skip

KEYS = {"Enter": 13, "Tab": 9, "End": 35, "Home": 36,
        "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}  # fmt: skip


def missing() -> str | None:
    """The name of the program that is not installed, or None."""
    wanted = {
        "chromium": ("chromium", "chromium-browser", "google-chrome"),
        "chromedriver": ("chromedriver",),
    }
    for name, spellings in wanted.items():
        if not any(map(shutil.which, spellings)):
            return name
    return None


class Browser:
    """One window: open pages, run scripts, press keys, take pictures, list requests."""

    def __init__(self, width: int = 1280, height: int = 900):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(["chromedriver", f"--port={port}"], **quiet)
        self.base = f"http://127.0.0.1:{port}"
        options = {"args": [*ARGUMENTS, f"--window-size={width},{height}"]}
        wanted = {
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"},
        }
        self._await()
        answer = self._call("/session", {"capabilities": {"alwaysMatch": wanted}})
        self.base += f"/session/{answer['sessionId']}"

    def _await(self) -> None:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{self.base}/status", timeout=1)
                return
            except urllib.error.URLError:
                time.sleep(0.05)
        raise RuntimeError(f"chromedriver did not answer on {self.base} in 5 s")

    def _call(self, path: str, body: dict):
        request = urllib.request.Request(
            self.base + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=150) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(
                f"chromedriver {path}: {json.load(error)['value']['message']}"
            ) from error

    def cdp(self, command: str, **parameters):
        """A command of the DevTools protocol."""
        return self._call("/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, address: str) -> None:
        self._call("/url", {"url": address})

    def view(self, width: int, height: int, dark: bool = False) -> None:
        """The size of the page in CSS pixels, and the colour scheme the reader prefers."""
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        feature = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.cdp("Emulation.setEmulatedMedia", features=[feature])

    def run(self, script: str, *arguments):
        """The value that a script returns; elements come back as dictionaries."""
        return self._call("/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, script: str, seconds: float = 10) -> None:
        """Until the script returns something true; RuntimeError after so many seconds."""
        end = time.monotonic() + seconds
        while not self.run(script):
            if time.monotonic() > end:
                raise RuntimeError(f"not true after {seconds} s: {script}")
            time.sleep(0.05)

    def press(self, *keys: str) -> None:
        """Press and release keys of `KEYS`, one after the other."""
        for key in keys:
            for kind in ("keyDown", "keyUp"):
                text = {"text": "\r"} if (kind, key) == ("keyDown", "Enter") else {}
                self.cdp("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                         windowsVirtualKeyCode=KEYS[key], **text)  # fmt: skip

    def patience(self, seconds: float) -> None:
        """How long a script may run."""
        self._call("/timeouts", {"script": int(1000 * seconds)})

    def log(self, kind: str) -> list[dict]:
        """Messages since the last call: `performance` or `browser`."""
        return self._call("/se/log", {"type": kind})

    def requests(self) -> list[str]:
        """Addresses asked for since the last call."""
        events = (json.loads(entry["message"])["message"] for entry in self.log("performance"))
        return [
            e["params"]["request"]["url"]
            for e in events
            if e["method"] == "Network.requestWillBeSent"
        ]

    def picture(self, path: Path, whole: bool = False) -> None:
        """Save a PNG of the window, or of the whole page."""
        data = self.cdp("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        Path(path).write_bytes(base64.b64decode(data))

    def close(self) -> None:
        try:
            urllib.request.urlopen(
                urllib.request.Request(self.base, method="DELETE"), timeout=10
            ).close()
        finally:
            self.process.terminate()
            self.process.wait(10)
