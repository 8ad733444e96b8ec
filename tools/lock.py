"""Write requirements.lock and environment.yml from pyproject.toml: `make lock`.

pip resolves every dependency, extra and build requirement for this machine and the oldest Python
that the course supports, and reports what it would install; each becomes a pin. Packages that
belong to one kind of machine (torch's CUDA libraries, the "+cpu" of a build) are left out, so that
pip picks them where the lock is used.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OF_ONE_MACHINE = re.compile(r"^(nvidia|cuda|triton)\b")
HEADER = "# Generated from pyproject.toml by `make lock`; edit that file and run it again.\n"
OLDEST = "3.11.0"  # Debian 12 has 3.11.2, and some releases already ask for 3.11.5
PYTHONS = ">=3.11,<3.14"


def canonical(name: str) -> str:
    """One spelling of a package's name: lower case, hyphens."""
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(requirement: str) -> str:
    """The package's name in a requirement: `nbval==0.11.0` -> `nbval`."""
    return canonical(re.match(r"[\w.-]+", requirement)[0])


def direct(pyproject: dict) -> list[str]:
    """The project's own requirements, all extras included."""
    extras = pyproject["project"]["optional-dependencies"].values()
    return pyproject["project"]["dependencies"] + [each for extra in extras for each in extra]


def resolve(requirements: list[str]) -> dict[str, str]:
    """Name -> version of everything that pip would install here, were this Python the OLDEST."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "-qq"]
    command += ["--python-version", OLDEST, "--only-binary=:all:", "--target", "unused"]
    command += ["--report", "-", *requirements]
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    found = (item["metadata"] for item in json.loads(answer)["install"])
    pins = {canonical(each["name"]): each["version"].partition("+")[0] for each in found}
    return {name: pins[name] for name in sorted(pins) if not OF_ONE_MACHINE.match(name)}


def lock_text(pins: dict[str, str]) -> str:
    return HEADER + "".join(f"{name}=={version}\n" for name, version in pins.items())


def environment_text(pyproject: dict, pins: dict[str, str]) -> str:
    """environment.yml: Python from conda, the direct dependencies from pip as locked."""
    names = sorted({name_of(each) for each in direct(pyproject)})
    lines = [f"      - {name}=={pins[name]}\n" for name in names]
    return (
        f"{HEADER}# conda env create -f environment.yml && conda activate where-to-look\n"
        "name: where-to-look\nchannels:\n  - conda-forge\ndependencies:\n"
        f"  - python {PYTHONS}\n  - pip\n  - make\n  - pip:\n      - -c requirements.lock\n"
        f"{''.join(lines)}      - -e .\n"
    )


def main() -> None:
    """Resolve anew and write both files."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    held = pyproject["tool"]["where-to-look"]["hold"]
    pins = resolve(direct(pyproject) + pyproject["build-system"]["requires"] + held)
    (ROOT / "requirements.lock").write_text(lock_text(pins), "utf-8")
    (ROOT / "environment.yml").write_text(environment_text(pyproject, pins), "utf-8")
    print(f"{len(pins)} packages pinned in requirements.lock; environment.yml follows it")


if __name__ == "__main__":
    main()
