"""Fetch the locked npm packages that the book carries along. Standard library only, no Node.

`python tools/fetch_npm.py` reads package-lock.json, downloads each package that package.json names,
compares it with the lock's sha512 and unpacks the files that a page can ask for into
book/_static/vendor. Tarballs stay in .cache/npm, so `make clean` costs no second download.
The registry is npm's public one, or the one that `npm_config_registry` or ~/.npmrc names.
"""

import base64
import hashlib
import json
import os
import re
import shutil
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[1]
PUBLIC_REGISTRY = "https://registry.npmjs.org/"
STAMP = "fetched.json"


@dataclass(frozen=True)
class Vendored:
    """What the pages need of one package: files under `inside` that match `wanted`."""

    folder: str
    inside: str
    wanted: str


VENDORED = {
    "@fontsource-variable/source-serif-4": Vendored(
        "fonts", "package/", r"LICENSE|files/source-serif-4-latin-wght-(normal|italic)\.woff2"
    ),
    "mathjax": Vendored(
        "mathjax",
        "package/es5/",
        # a11y and sre load only when a reader turns on speech or the formula explorer.
        r"tex-mml-chtml\.js|(output/chtml/fonts/woff-v2|input/tex/extensions|a11y)/[\w-]+\.\w+"
        r"|sre/mathmaps/(base|en|nemeth)\.json",
    ),
    "@jupyter-widgets/html-manager": Vendored(
        "widgets", "package/dist/", r"embed\.js|embed\.js\.LICENSE\.txt|[0-9a-f]+\.woff2"
    ),
}


class FetchError(Exception):
    """A package could not be fetched, or is not the one that the lock names."""


def registry(home: Path | None = None) -> str:
    """The registry's address, closing slash included: environment, ~/.npmrc, or the public one."""
    for name in ("npm_config_registry", "NPM_CONFIG_REGISTRY"):
        if os.environ.get(name):
            return os.environ[name].rstrip("/") + "/"
    settings = (home or Path.home()) / ".npmrc"
    if settings.is_file():
        found = re.search(r"^registry\s*=\s*(\S+)", settings.read_text("utf-8"), re.MULTILINE)
        if found:
            return found[1].rstrip("/") + "/"
    return PUBLIC_REGISTRY


def locked(lock_file: Path) -> dict[str, dict[str, str]]:
    """The lock's entries of the packages that the project itself names: version and integrity."""
    packages = json.loads(lock_file.read_text("utf-8"))["packages"]
    return {name: packages[f"node_modules/{name}"] for name in packages[""]["dependencies"]}


def verify(name: str, tarball: bytes, integrity: str) -> None:
    """Raise FetchError unless the tarball's sha512 is the one in the lock."""
    actual = "sha512-" + base64.b64encode(hashlib.sha512(tarball).digest()).decode()
    if actual != integrity:
        raise FetchError(
            f"{name}: the download is not the package that package-lock.json names.\n"
            f"  expected {integrity}\n  got      {actual} ({len(tarball)} bytes)\n"
            "Nothing was unpacked. Run it again; if it stays so, the registry or a proxy sends "
            "something else."
        )


def download(name: str, version: str) -> bytes:
    """The package's tarball from the registry; FetchError says which address did not answer."""
    address = f"{registry()}{name}/-/{name.rpartition('/')[2]}-{version}.tgz"
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            return answer.read()
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise FetchError(
            f"{name} {version}: no answer from {address} ({reason}).\n"
            "The book needs this package once. Connect to the network, or name a registry that "
            "you can reach: npm_config_registry=https://..."
        ) from error


def obtain(name: str, entry: dict[str, str], cache: Path) -> bytes:
    """The verified tarball, from the cache when it holds the right one, else from the registry."""
    stored = cache / f"{name.replace('/', '+')}-{entry['version']}.tgz"
    if stored.is_file():
        try:
            tarball = stored.read_bytes()
            verify(name, tarball, entry["integrity"])
            return tarball
        except FetchError:
            stored.unlink()  # half written, or an older lock's: fetch it anew
    tarball = download(name, entry["version"])
    verify(name, tarball, entry["integrity"])
    cache.mkdir(parents=True, exist_ok=True)
    partial = stored.with_suffix(f".{os.getpid()}")
    partial.write_bytes(tarball)
    partial.replace(stored)
    return tarball


def unpack(name: str, tarball: Path, target: Path) -> int:
    """Write the wanted regular files under `target`; a path that leaves it is refused.

    Returns the number of files. Links and devices are never written.
    """
    rule, count = VENDORED[name], 0
    with tarfile.open(tarball, "r:gz") as archive:
        for member in archive:
            if member.name.startswith("/") or ".." in PurePosixPath(member.name).parts:
                raise FetchError(f"{name}: the archive holds {member.name!r}, outside its folder")
            inner = member.name.removeprefix(rule.inside)
            wanted = inner != member.name and re.fullmatch(rule.wanted, inner)
            if not wanted or not member.isfile():
                continue
            path = target / inner
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.extractfile(member).read())
            count += 1
    if count == 0:
        raise FetchError(f"{name}: the archive has no file under {rule.inside}; see VENDORED")
    return count


def stamp_of(entries: dict[str, dict[str, str]]) -> str:
    """What the vendor folder was made from: the lock's hashes and the wanted files."""
    wanted = {name: repr(VENDORED[name]) for name in entries}
    hashes = {name: entry["integrity"] for name, entry in entries.items()}
    return json.dumps({"integrity": hashes, "wanted": wanted}, indent=1, sort_keys=True)


def fetch(lock_file: Path, vendor: Path, cache: Path) -> int:
    """Bring `vendor` up to the lock, all or nothing; returns how many files were written."""
    entries = locked(lock_file)
    stamp = stamp_of(entries)
    if (vendor / STAMP).is_file() and (vendor / STAMP).read_text("utf-8") == stamp:
        return 0
    vendor.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=vendor.parent, prefix=".vendor-") as scratch:
        fresh, count = Path(scratch) / "vendor", 0
        for name, entry in entries.items():
            tarball = Path(scratch) / "package.tgz"
            tarball.write_bytes(obtain(name, entry, cache))
            count += unpack(name, tarball, fresh / VENDORED[name].folder)
        (fresh / STAMP).write_text(stamp, "utf-8")
        if vendor.exists():
            shutil.rmtree(vendor)
        fresh.replace(vendor)
    return count


def main() -> None:
    """Fetch into the book's folder and say what was done, or what stands in the way."""
    try:
        count = fetch(ROOT / "package-lock.json", ROOT / "book/_static/vendor", ROOT / ".cache/npm")
    except (FetchError, OSError) as error:
        sys.exit(f"fetch_npm: {error}")
    if count:
        print(f"npm packages: {count} files in book/_static/vendor, hashes as locked")


if __name__ == "__main__":
    main()
