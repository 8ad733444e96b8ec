"""Every wall round a student process against a live target: stopped, and met with the wall away."""

import contextlib
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from cheat_escapes import ESCAPES
from cheat_records import Escape
from cheat_targets import Targets
from grader_world import live_session

from attnlab.check.outcomes import CheckFailed, CouldNotRun
from autograder.limits import MIB, Limits
from autograder.session import Cell, Session
from autograder.worker import KEPT, Nursery

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="not run: the grader is for Linux")

LIMITS = Limits(cell_seconds=20, step_seconds=10, memory=128 * MIB)
SHARED = Path(tempfile.gettempdir()) / "cheat-shared-folder"  # open_zygote.py's hole "own folder"
BY_NURSERY = ("kept names", "clean heap")  # holes of the open nursery as a whole


class OpenNursery(Nursery):
    """A nursery whose students can be given fewer walls, and which inherits a secret."""

    program = (str(Path(__file__).with_name("open_zygote.py")),)
    kept = (*KEPT, "CHEAT_SECRET")


class OpenSession(Session):
    without: tuple[str, ...] = ()

    def _order(self, gpu: bool) -> dict:
        return super()._order(gpu) | {"without": self.without, "unsafe": bool(self.without)}


@pytest.fixture(scope="module")
def targets(tmp_path_factory):
    targets = Targets(tmp_path_factory.mktemp("targets"))
    yield targets
    targets.close()


@pytest.fixture(scope="module")
def sessions(targets):
    """The grader's own, and one whose walls can be taken away. Both start with a secret around."""
    with contextlib.ExitStack() as stack, targets.log.open("a") as log:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("CHEAT_SECRET", targets.SECRET)
        locked = stack.enter_context(live_session(LIMITS, log=log))
        opened = stack.enter_context(live_session(LIMITS, log=log, kind=OpenNursery,
                                                  session_kind=OpenSession))
        yield locked, opened
    shutil.rmtree(SHARED, ignore_errors=True)


def met(session: Session, trick: Escape, targets: Targets, without: tuple[str, ...] = ()) -> bool:
    """Whether the attempt reaches its target in a process that lacks these walls."""
    targets.fresh()
    session.without, session.done = without, []
    session.renew()
    loot = None
    try:
        for text in filter(None, (trick.code, trick.then)):
            session.run_cell(Cell(trick.name, targets.code(text)))
            if trick.then and text is trick.code:
                session.done = []
                session.renew()
        loot = session.step({"do": "get", "name": "loot"}, "loot")
    except (CheckFailed, CouldNotRun):
        pass
    finally:
        session.stop()
    return trick.reached(loot, targets)


@pytest.mark.parametrize("trick", ESCAPES, ids=lambda trick: trick.name)
def test_it_is_stopped(trick, sessions, targets):
    assert not met(sessions[0], trick, targets)


HEAVY = "the machine's memory"  # to meet this target takes a second of touching pages
MEETING = [pytest.param(trick, marks=pytest.mark.slow if trick.target == HEAVY else (),
                        id=trick.name) for trick in ESCAPES]


@pytest.mark.parametrize("trick", MEETING)
def test_without_its_walls_it_meets_its_target(trick, sessions, targets):
    assert met(sessions[1], trick, targets, off(trick.walls))


ALONE = [(trick, wall) for trick in ESCAPES if len(trick.walls) > 1 for wall in trick.walls]


@pytest.mark.slow
@pytest.mark.parametrize(("trick", "wall"), ALONE,
                         ids=[f"{trick.name}: {wall}" for trick, wall in ALONE])
def test_each_of_its_walls_is_enough_alone(trick, wall, sessions, targets):
    if wall == "memory group" and sessions[0].isolation[wall].startswith("no:"):
        pytest.skip("not run: no memory cgroup is delegated to this user")
    others = tuple(other for other in trick.walls if other != wall)
    assert not met(sessions[1], trick, targets, off(others))


def off(walls: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(wall for wall in walls if wall not in BY_NURSERY)
