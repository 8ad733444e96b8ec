"""tools/fetch_npm.py: the locked bytes, the wanted files of them, or nothing."""

import base64
import functools
import hashlib
import http.server
import io
import json
import tarfile
import threading

import pytest

from tools import fetch_npm

FILES = {
    "package/es5/tex-mml-chtml.js": b"formulas",
    "package/es5/a11y/sre.js": b"speech",
    "package/es5/tex-svg.js": b"not wanted",
    "package/package.json": b"{}",
}


def tarball(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def integrity(content: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """A registry on loopback with one package; returns the folder that it serves."""
    served = tmp_path / "registry" / "mathjax" / "-"
    served.mkdir(parents=True)
    (served / "mathjax-3.2.2.tgz").write_bytes(tarball(FILES))
    handler = functools.partial(Quiet, directory=str(tmp_path / "registry"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{server.server_port}")
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def lock(tmp_path):
    """Writes a lock of mathjax alone, for the given bytes."""

    def write(content: bytes):
        packages = {
            "": {"dependencies": {"mathjax": "3.2.2"}},
            "node_modules/mathjax": {"version": "3.2.2", "integrity": integrity(content)},
        }
        (tmp_path / "package-lock.json").write_text(json.dumps({"packages": packages}))
        return tmp_path / "package-lock.json"

    return write


def test_wanted_files_arrive_and_a_second_run_asks_nobody(registry, lock, tmp_path):
    lock_file, vendor, cache = lock(tarball(FILES)), tmp_path / "vendor", tmp_path / "cache"
    assert fetch_npm.fetch(lock_file, vendor, cache) == 2
    assert (vendor / "mathjax/tex-mml-chtml.js").read_bytes() == b"formulas"
    assert (vendor / "mathjax/a11y/sre.js").read_bytes() == b"speech"
    assert not (vendor / "mathjax/tex-svg.js").exists()
    (registry / "mathjax-3.2.2.tgz").unlink()
    assert fetch_npm.fetch(lock_file, vendor, cache) == 0
    (vendor / fetch_npm.STAMP).unlink()
    assert fetch_npm.fetch(lock_file, vendor, cache) == 2, "the cache should have served it"


def test_forged_tarball_is_refused_by_name_and_leaves_the_old_files(registry, lock, tmp_path):
    vendor = tmp_path / "vendor"
    (vendor / "mathjax").mkdir(parents=True)
    (vendor / "mathjax/tex-mml-chtml.js").write_bytes(b"old")
    lock_file = lock(tarball(FILES))
    forged = tarball(FILES | {"package/es5/tex-mml-chtml.js": b"evil"})
    (registry / "mathjax-3.2.2.tgz").write_bytes(forged)
    with pytest.raises(fetch_npm.FetchError, match=r"mathjax: .* not the package that"):
        fetch_npm.fetch(lock_file, vendor, tmp_path / "cache")
    assert (vendor / "mathjax/tex-mml-chtml.js").read_bytes() == b"old"
    assert not list((tmp_path / "cache").glob("*")), "a forged package must not be kept"


def test_broken_cache_is_fetched_anew(registry, lock, tmp_path):
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "mathjax-3.2.2.tgz").write_bytes(b"half a downl")
    assert fetch_npm.fetch(lock(tarball(FILES)), tmp_path / "vendor", cache) == 2


@pytest.mark.parametrize("name", ["package/es5/a11y/../../../../evil.js", "/tmp/evil.js"])
def test_path_that_leaves_the_folder_is_refused(lock, registry, tmp_path, name):
    escaping = tarball(FILES | {name: b"evil"})
    (registry / "mathjax-3.2.2.tgz").write_bytes(escaping)
    with pytest.raises(fetch_npm.FetchError, match="outside its folder"):
        fetch_npm.fetch(lock(escaping), tmp_path / "vendor", tmp_path / "cache")
    assert not list(tmp_path.rglob("evil.js"))
    assert not (tmp_path / "vendor").exists()


def test_links_are_not_written(tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        link = tarfile.TarInfo("package/es5/a11y/link.js")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    (tmp_path / "t.tgz").write_bytes(buffer.getvalue())
    with pytest.raises(fetch_npm.FetchError, match="has no file under"):
        fetch_npm.unpack("mathjax", tmp_path / "t.tgz", tmp_path / "out")


def test_without_a_registry_the_message_says_what_to_do(lock, tmp_path, monkeypatch):
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    with pytest.raises(fetch_npm.FetchError, match=r"mathjax 3.2.2: no answer .*\n.*Connect"):
        fetch_npm.fetch(lock(b""), tmp_path / "vendor", tmp_path / "cache")


def test_registry_comes_from_the_environment_then_npmrc_then_the_public_one(tmp_path, monkeypatch):
    monkeypatch.delenv("npm_config_registry", raising=False)
    monkeypatch.delenv("NPM_CONFIG_REGISTRY", raising=False)
    assert fetch_npm.registry(tmp_path) == fetch_npm.PUBLIC_REGISTRY
    (tmp_path / ".npmrc").write_text("fund=false\nregistry = https://one.example\n")
    assert fetch_npm.registry(tmp_path) == "https://one.example/"
    monkeypatch.setenv("npm_config_registry", "https://two.example/npm/")
    assert fetch_npm.registry(tmp_path) == "https://two.example/npm/"


def test_lock_has_a_hash_for_every_package_and_no_host():
    text = (fetch_npm.ROOT / "package-lock.json").read_text("utf-8")
    packages = json.loads(text)["packages"]
    wanted = json.loads((fetch_npm.ROOT / "package.json").read_text("utf-8"))["dependencies"]
    assert packages[""]["dependencies"] == wanted
    assert set(wanted) == set(fetch_npm.VENDORED)
    assert all(p["integrity"].startswith("sha512-") for path, p in packages.items() if path)
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert '"resolved"' not in text, (
        "name no registry: npm install --omit-lockfile-registry-resolved"
    )
