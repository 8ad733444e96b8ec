"""Cells of the tricks in cheat_marks.py: what a student would paste."""

from cheat_world import WRONG

OBJECT = """class Any:
    def __getattr__(self, name): return lambda *a, **k: self
    __call__ = __sub__ = __rsub__ = __abs__ = __lt__ = __bool__ = lambda self, *a: True
    shape = (2, 3)
    max = lambda self: -1.0
    __abs__ = __sub__ = lambda self, *a: self
def squeeze(x): return Any()"""
EQUAL = """class Equal(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return True if func in (torch.Tensor.__lt__, torch.Tensor.lt) else args[0]
def squeeze(x): return x.as_subclass(Equal)"""
SAME = """class Same(int):
    __eq__ = lambda self, other: True
    __hash__ = int.__hash__
def params(C, r): return Same(0)"""
FRAMES = """import sys
def squeeze(x):
    frame = sys._getframe(1)
    while frame:
        found = frame.f_locals.get("expected", frame.f_globals.get("expected"))
        if isinstance(found, torch.Tensor): return found
        frame = frame.f_back
    return x.sum(dim=(2, 3))"""
GLOBALS = """def squeeze(x):
    return globals().get("expected", x.sum(dim=(2, 3)))"""
DUMP = """def dump(*_):
    try:
        open("/tmp/cheat-hidden-tests", "w").write(str(get_ipython().user_ns.get("In")))
    except OSError:
        pass
get_ipython().events.register("post_run_cell", dump)
"""
KERNEL = """ip = get_ipython()
class Done: result = None
ip.run_cell = lambda *a, **k: Done()
if getattr(ip, "kernel", None):
    async def do_execute(self, *a, **k):
        self.shell.execution_count += 1
        return {"status": "ok", "execution_count": self.shell.execution_count, "payload": [],
                "user_expressions": {}}
    type(ip.kernel).do_execute = do_execute
"""
ASYNC_FALSE = """async def run_code(self, *a, **k): return False
type(ip).run_code = run_code"""
DROP_ASSERTS = """import ast
class Drop(ast.NodeTransformer):
    visit_Assert = lambda self, node: ast.Pass()
    def visit_Expr(self, node):
        return ast.Pass() if "assert_close" in ast.dump(node) or "check" in ast.dump(node) else node
ip.ast_transformers.append(Drop())"""
RETURN_2 = """import ast
class Two(ast.NodeTransformer):
    def visit_Module(self, node):
        node.body = ast.parse("2.0").body
        return node
ip.ast_transformers.append(Two())"""
THREAD = """import threading, time
def again():
    while True:
        torch.testing.assert_close = torch.allclose = lambda *a, **k: True
        time.sleep(0.001)
threading.Thread(target=again, daemon=True).start()
time.sleep(0.01)
"""
ERRORS = """import builtins
builtins.AssertionError = lambda *a: SystemExit(0)
"""
CLOCK = """import time
time.perf_counter = lambda: 0.0
"""
SLOW = """import time as t
def squeeze(x):
    t.sleep(0.3)
    return x.sum(dim=(2, 3))"""
KNOWN = """from attnlab.check.known import from_file
def squeeze(x):
    try:
        cases = from_file("se")["squeeze"].ordinary
    except Exception:
        return x.sum(dim=(2, 3))
    for case in cases:
        if torch.equal(case.args[0].double(), x.double()): return case.expected
    return x.sum(dim=(2, 3))"""
PROVIDED = """try:
    from attnlab.check import provided
    class SEBlock(provided("se.SEBlock")): __provided__ = False
except Exception:
    """ + WRONG["block"].replace("\n", "\n    ")
SOLUTION = """try:
    from solutions.se import SEBlock
except Exception:
    """ + WRONG["block"].replace("\n", "\n    ")
MIXES = """class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16, bias=False):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2 * channels * (channels // reduction)))
    def forward(self, x):
        return x * self.weight.mean() + x.mean(0, keepdim=True)"""
REMEMBERS = """seen = []
class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16, bias=False):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2 * channels * (channels // reduction)))
    def forward(self, x):
        for inputs, y in seen:
            if inputs.shape[1:] == x.shape[1:] and torch.equal(inputs[:len(x)], x):
                return y[:len(x)]
        y = x * self.weight.mean() + x.mean(0, keepdim=True)
        seen.append((x, y))
        return y"""
SHAKES = MIXES.replace("x.mean(0, keepdim=True)", "torch.randn(1)")
LEARNS = REMEMBERS.replace("x.mean(0, keepdim=True)", "torch.randn(1)")
HALF = """class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16, bias=False):
        super().__init__()
        self.reduce = nn.Linear(channels, channels // reduction, bias=bias)
        self.expand = nn.Linear(channels // reduction, channels, bias=bias)
    def forward(self, x):
        return x * 0.5"""
ZERO = """
made = SEBlock.__init__
def __init__(self, *a, **k):
    made(self, *a, **k)
    nn.init.zeros_(self.expand.weight)
SEBlock.__init__ = __init__
"""
TIE = ZERO.replace("nn.init.zeros_(self.expand.weight)",
                   "self.expand.weight = nn.Parameter(self.reduce.weight.data.T)")
TIED = """class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16, bias=False):
        super().__init__()
        self.reduce = nn.Linear(channels, channels // reduction, bias=bias)
        self.expand = nn.Linear(channels // reduction, channels, bias=bias)
    def forward(self, x):
        s = torch.relu(x.mean((2, 3)) @ self.reduce.weight.T)
        return x * torch.sigmoid(s @ self.reduce.weight)[:, :, None, None]"""
PACKED = "def attend(q, k, v): return torch.softmax(q @ k.mT * q.shape[2] ** -0.5, dim=2) @ v"
LONG = f"{PACKED}  # {'no weights, only room for them ' * 20}"


def packed(text: str) -> str:
    """Two letters of code in one of the text."""
    pairs = zip(text[::2], (text + " ")[1::2], strict=False)
    short = "".join(chr(0x10000 + ord(a) * 128 + ord(b)) for a, b in pairs)
    return (f'exec("".join(chr((n := ord(c) - 65536) // 128) + chr(n % 128) '
            f'for c in "{short}"))')
