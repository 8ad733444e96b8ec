"""The first cell of every student's notebook: installs attnlab where it is missing.

A notebook of the repository belongs to no release, and its cell installs nothing. `make bundle`
stamps the notebooks of a release with the wheel's address and hash, and only that very file is
ever installed: no name is looked up in an index, and another file under the address is refused.
"""

import inspect
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Release:
    """What a notebook must know to install attnlab. Empty fields: a notebook of no release.

    wheel: the name of the file.  address: where it lies, or "" where only a bundle has it.
    """

    version: str = ""
    wheel: str = ""
    address: str = ""
    sha256: str = ""


UNRELEASED = Release()


def provide_attnlab(version, wheel, address, sha256):
    """Installs attnlab, the course's package, where it is missing; else does nothing."""
    import subprocess
    import sys
    from importlib import invalidate_caches, metadata, util
    from pathlib import Path
    from warnings import warn

    there = util.find_spec("attnlab")
    if there and there.origin:
        installed = {each.version for each in metadata.distributions(name="where-to-look")}
        if version and version not in installed:
            warn(
                f"this notebook is of release {version}, and the attnlab that is installed here is "
                f"of {', '.join(installed) or 'none'}: its checks may ask for other things than "
                f"the text does. Take both from one release",
                stacklevel=2,
            )
        return
    beside = Path("..", wheel).resolve()
    if wheel and beside.is_file():
        address = beside.as_uri()
    if not (address and sha256):
        raise ModuleNotFoundError(
            f"attnlab is not installed for {sys.executable}, and this notebook does not know where "
            f"to get {wheel or 'it'}. Set the course up as its README says and choose that Python "
            f"for the kernel; or open the notebook from a release's bundle"
        )
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command.append(f"where-to-look @ {address}#sha256={sha256}")
    print(f"Installing attnlab {version} from {address}")
    done = subprocess.run(command, capture_output=True, text=True)
    if "DO NOT MATCH THE HASHES" in done.stderr:
        raise RuntimeError(
            f"{address} is not the file that this notebook was made with: its SHA-256 is not "
            f"{sha256}. Nothing was installed. Take notebook and wheel from one release; if you "
            f"have, tell the course's makers"
        )
    if done.returncode:
        raise RuntimeError(
            f"pip could not install attnlab from {address}; its last words:\n{done.stderr[-1500:]}"
        )
    invalidate_caches()


def source(release: Release) -> str:
    """The text of the cell."""
    given = "".join(f"    {name}={value!r},\n" for name, value in asdict(release).items())
    text = inspect.getsource(provide_attnlab)
    return f"# @title Provided: the course's package\n{text}\n\nprovide_attnlab(\n{given})"


def cell(key: str, release: Release = UNRELEASED):
    """The cell as a notebook holds it; Jupyter Lab and Colab show its title and fold its code."""
    from nbformat.v4 import new_code_cell

    folded = {"jupyter": {"source_hidden": True}, "cellView": "form"}
    return new_code_cell(source(release), id=f"{key}-install", metadata=folded)
