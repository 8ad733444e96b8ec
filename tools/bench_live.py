"""Time a step of the live figures in node: `python tools/bench_live.py`.

A step is what a reader waits for after a new image: every host of a file answers it and its maps
are there. Prints milliseconds of processor time: median and slowest of many steps, the very first,
and what unpacking the weights takes.
"""

import json
import shutil
import subprocess
import sys

from attnlab import live

MOST = 50.0  # milliseconds that a step may take
SCRIPT = """
const host = require(`${FOLDER}/host-live.js`), scene = require(`${FOLDER}/scene-live.js`);
require(`${FOLDER}/hosts/${FILE}.js`);
const now = () => process.cpuUsage().user / 1e3;  // another program's time does not count
const { hosts, scenes } = attnHosts[FILE];
const start = now();
const layers = Object.entries(hosts).map(([key, stored]) => [key, host.unpack(stored)]);
const unpacking = now() - start;
const times = Array.from({ length: 60 }, (_, n) => {
  const image = scene.paint(scene.thingsOf(scenes[n % scenes.length]), n), begun = now();
  layers.forEach(([key, own]) => host.run(own, key, image));
  return now() - begun;
});
const later = times.slice(10).sort((a, b) => a - b);
console.log(JSON.stringify({ unpacking, first: times[0], times: later }));
"""


def timed(file: str) -> dict:
    """Milliseconds of processor time: unpacking, the first step, and the sorted later ones."""
    given = {"FOLDER": str(live.ROOT.parent), "FILE": file}
    names = "".join(f"const {name} = {json.dumps(value)};" for name, value in given.items())
    done = subprocess.run(
        ["node", "-e", names + SCRIPT], capture_output=True, text=True, check=True, timeout=120
    )
    return json.loads(done.stdout)


def main() -> int:
    """Print a line for each file; the exit status is 1 when a median step is too slow."""
    if not shutil.which("node"):
        print("bench_live: node is not installed; nothing was timed", file=sys.stderr)
        return 2
    slow = False
    for file, kept in live.FILES.items():
        found = timed(file)
        times = found["times"]
        median = times[len(times) // 2]
        slow |= median > MOST
        step = f"a step {median:.1f} ms, slowest {times[-1]:.1f}"
        rest = f"first {found['first']:.1f}; unpacking {found['unpacking']:.1f}"
        print(f"{file:13} {len(kept)} hosts: {step}, {rest}")
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
