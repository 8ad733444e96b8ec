"""What remains: each of these works today, and a test says so as long as the book does."""

import torch
from cheat_claims import Claim
from cheat_world import ROOT

from autograder.remote import RemoteProbe
from autograder.session import Session

PROBE = "from attnlab.check import probe\nimport torch\n"


def counted(session: Session) -> dict:
    return RemoteProbe(session, "x").costs({})


def left_alone(session: Session) -> bool:
    """Whether a block that changes its input in place is believed not to."""
    given = torch.ones(1, 2, 3, 3)
    (after,) = RemoteProbe(session, "x").build().forward(given).inputs_after
    return torch.equal(given, after)


def called(session: Session) -> object:
    session.forbids = ("scaled_dot_product",)
    try:
        probe = RemoteProbe(session, "x")
        return probe.call(*torch.ones(3, 1, 2, 4)).shape == (1, 2, 4)
    finally:
        session.forbids = ()


OPEN = (
    Claim("counts for itself", "multiply-adds are counted in the student's process, which may lie; "
          "parameters are not: they are counted from the tensors that come back", (),
          "the capstone's budget",
          code=PROBE + "x = object\nprobe.LocalProbe.costs = lambda self, recipe: "
                       "{'parameters': 0, 'multiply_adds': 0}",
          ask=counted, won=lambda came: came == {"parameters": 0, "multiply_adds": 0}),
    Claim("says that it left its input alone", "memory of the student's process cannot be seen, so "
          "the law on changed inputs believes what the process says; a block that lies about it "
          "could as well have copied its input", (), "the law on changed inputs",
          code=PROBE + """class x(torch.nn.Module):
    def forward(self, x): return x.mul_(2)
def forward(self, *inputs, train=False):
    return probe.Forward(self.block(inputs[0].clone()), inputs)
probe.LocalBlock.forward = forward
""", ask=left_alone, won=lambda came: came is True),
    Claim("switches torch's function modes off", "words that a task forbids are looked for in the "
          "student's process; who knows torch well enough to hide a call from it could write the "
          "five lines", (), "forbidden words",
          code=PROBE + """def x(q, k, v):
    with torch._C.DisableTorchFunction():
        return torch.nn.functional.scaled_dot_product_attention(q, k, v)
""", ask=called, won=lambda came: came is True),
    Claim("sees that a file is there", "Landlock hides what is in a file, not its name, size and "
          "time to someone who knows where it is", (), "files outside",
          code=f"import os\nx = os.path.getsize({str(ROOT / 'solutions' / 'se.py')!r})",
          won=lambda came: came == (ROOT / "solutions" / "se.py").stat().st_size),
    Claim("asks for a person", "an exception worded like a refusal of the kernel leaves the task "
          "without a verdict: no marks, but somebody has to look", (), "an instructor's time",
          code="def x(): raise OSError('[Errno 13] Permission denied')",
          ask=lambda session: RemoteProbe(session, "x").call(),
          won=lambda came: getattr(came, "reason", "") == "not allowed"),
    Claim("whispers through a lock", "two students who are graded at the same moment can tell each "
          "other bits, by locks on a library's file that both may read", (), "another student",
          code="import fcntl, os\nfcntl.flock(open(os.__file__), fcntl.LOCK_EX)\nx = 1",
          won=lambda came: came == 1),
)
