"""A PostgreSQL server of the tests' own, on a socket in a temporary folder."""

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

PLACES = "/usr/lib/postgresql/*/bin"  # Debian keeps its programs off the PATH


def program(name: str) -> str | None:
    """One of PostgreSQL's programs; none where it is not installed."""
    return shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *glob.glob(PLACES)]))


class Server:
    """initdb, start and stop; as `nobody` where the tests run as root, which PostgreSQL refuses."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self.user = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        if os.getuid() == 0:
            shutil.chown(self.folder, self.user)
        self._run("initdb", "--auth=trust", "--username=grader", "--encoding=UTF8", "--no-sync")

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off"
        self._run("pg_ctl", "--wait", f"--log={self.folder}/log", f"--options={options}", "start")

    def stop(self, how: str = "fast") -> None:
        self._run("pg_ctl", "--wait", f"--mode={how}", "stop")

    def database(self, name: str) -> str:
        """The URL of a new, empty database."""
        self._run("createdb", f"--host={self.folder}", "--username=grader", name, data=False)
        return f"postgresql://grader@/{name}?host={self.folder}"

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, name: str, *options: str, data: bool = True) -> None:
        place = [f"--pgdata={self.folder}/data"] if data else []
        other = {"user": self.user} if os.getuid() == 0 else {}
        subprocess.run([program(name), *place, *options], check=True, cwd="/", timeout=120,
                       stdout=subprocess.DEVNULL, **other)
