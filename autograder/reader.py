"""Reads a test cell from top to bottom, runs nothing, and collects what is to be rewritten."""

import ast

from autograder.complaints import Complaint
from autograder.origins import IMPORTED, OBJECT, READ, STUDENT, UNKNOWN, Flags, Origins, arguments
from autograder.source import PlanCell

ALLOWED = "# lint: allow"
COMPARERS = {"allclose", "equal", "assert_close", "isclose", "array_equal", "assert_allclose",
             "assert_array_equal", "assert_equal", "assert_almost_equal", "assertEqual",
             "assertAlmostEqual", "assertListEqual", "assertTupleEqual", "assertDictEqual",
             "mse_loss", "l1_loss", "dist"}
LOOKS_IN = {"type", "vars", "dir", "id", "issubclass", "help", "copy.copy", "copy.deepcopy",
            "deepcopy", "pickle.dumps", "torch.save"}
OF_GRADIENTS = {"grad", "grad_fn", "requires_grad", "is_leaf", "retain_grad"}
DIFFERENTIATE = ("torch.autograd.", "autograd.", "torch.func.", "gradcheck", "gradgradcheck")
ADDS = {"append", "add", "extend", "update", "insert"}
PUBLIC = ("__name__", "__doc__")


class Reader(ast.NodeVisitor):
    """Reads one test cell from top to bottom and collects complaints."""

    def __init__(self, cell: PlanCell, origins: Origins):
        self.cell, self.origins = cell, origins
        self.lines = cell.text.splitlines()
        self.found: list[Complaint] = []
        self.laws: list[ast.AST] = []  # comparisons of the student's values with each other
        self.independent = False  # whether anything else is compared
        self.depends = Flags()  # origins of what decides whether the statement is reached

    def complain(self, node: ast.AST, rule: str, what: str = "") -> None:
        code = self.lines[node.lineno - 1].strip() if self.lines else "(an empty cell)"
        complaint = Complaint(self.cell.name, node.lineno, rule, code, what)
        if ALLOWED not in code and complaint not in self.found:
            self.found.append(complaint)

    def finish(self) -> list[Complaint]:
        if self.laws and not self.independent:
            self.complain(self.laws[0], "student only")
        return self.found

    def of(self, node: ast.AST) -> Flags:
        return self.origins.of(node)

    # Statements: what they bind, and whether that reaches the student.

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.origins.define(node)

    visit_ImportFrom = visit_Import

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.ClassDef) -> None:
        self._keeps_names(node, [node.name])
        self.origins.define(node)
        for argument in getattr(getattr(node, "args", None), "args", []):
            self.origins.names[argument.arg] = Flags({UNKNOWN})
        self.generic_visit(node)

    visit_ClassDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for argument in node.args.args:
            self.origins.names[argument.arg] = Flags({UNKNOWN})
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._stores(target)
            self.origins.bind(target, node.value, self.depends)

    def visit_AnnAssign(self, node: ast.AnnAssign | ast.NamedExpr) -> None:
        if node.value:
            self.visit(node.value)
            self._stores(node.target)
            self.origins.bind(node.target, node.value, self.depends)

    visit_NamedExpr = visit_AnnAssign

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        self._stores(node.target)
        self.origins.add(node.target, self.of(node.value) | self.depends)

    def visit_For(self, node: ast.For) -> None:
        self._stores(node.target)
        self.origins.bind(node.target, node.iter)
        self._inside(node, self.of(node.iter))

    def visit_If(self, node: ast.If | ast.While) -> None:
        self._inside(node, self.of(node.test))

    visit_While = visit_If

    def visit_Try(self, node: ast.Try) -> None:
        self._inside(node, Flags().union(*map(self.of, node.body)))

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.origins.names[node.name] = self.depends
        self.generic_visit(node)

    def _inside(self, node: ast.AST, decides: Flags) -> None:
        """What is bound in there depends on what decides whether it is reached."""
        before, self.depends = self.depends, self.depends | (decides & {STUDENT, UNKNOWN})
        self.generic_visit(node)
        self.depends = before

    def visit_ListComp(self, node: ast.ListComp) -> None:
        for generator in node.generators:
            self.origins.bind(generator.target, generator.iter)
        self.generic_visit(node)

    visit_GeneratorExp = visit_SetComp = visit_DictComp = visit_ListComp

    def visit_With(self, node: ast.With) -> None:
        for item in node.items:
            if item.optional_vars:
                self.origins.bind(item.optional_vars, item.context_expr)
        self.generic_visit(node)

    def visit_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self._stores(target)

    def _stores(self, target: ast.AST) -> None:
        """Setting or deleting: neither reaches an object or a name of the student's."""
        if isinstance(target, ast.Tuple | ast.List):
            for entry in target.elts:
                self._stores(entry)
        elif isinstance(target, ast.Name):
            self._keeps_names(target, [target.id])
        elif isinstance(target, ast.Attribute | ast.Subscript) and OBJECT in self.of(target.value):
            self.complain(target, "no way back", f"setting {ast.unparse(target)}")

    def _keeps_names(self, node: ast.AST, names: list[str]) -> None:
        for name in self.origins.students.keys() & set(names):
            self.complain(node, "no way back", f"binding {name} anew")

    # Expressions.

    def visit_Assert(self, node: ast.Assert) -> None:
        if node.msg is None:
            self.complain(node, "no message")
        if not self.of(node.test) & {STUDENT, UNKNOWN}:
            self.complain(node, "holds for all")
        compared = any(isinstance(part, ast.Compare) or _comparer(part)
                       for part in ast.walk(node.test))
        self.independent |= not compared
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        sides = [node.left, *node.comparators]
        for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
            if not isinstance(operator, ast.Is | ast.IsNot):
                self._compare(node, left, right)
            elif all(OBJECT in self.of(side) for side in (left, right)):
                self.complain(node, "inside", f"{ast.unparse(node)} asks for identity, which")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name, function = ast.unparse(node.func), self.of(node.func)
        given = [self.of(argument) for argument in arguments(node)]
        if OBJECT in function:
            self._passes(node)
        if _comparer(node):
            method = isinstance(node.func, ast.Attribute) and self.of(node.func.value) & {
                STUDENT, UNKNOWN}
            sides = [node.func.value, *node.args] if method else node.args
            if len(sides) > 1:
                self._compare(node, *sides[:2])
        elif OBJECT not in function and any(OBJECT in flags for flags in given):
            self.independent = True  # check(...) and functions like it look for themselves
        if any(OBJECT in flags for flags in given) and (
                name in LOOKS_IN or name.startswith("inspect.")):
            self.complain(node, "inside", f"{name}(…)")
        if name == "isinstance" and len(given) == 2 and STUDENT in given[1]:
            self.complain(node, "inside", "isinstance with a class of the student's")
        if name.startswith(DIFFERENTIATE) and any(STUDENT in flags for flags in given):
            self.complain(node, "gradient", f"{name}(…)")
        self._in_place(node, name)
        if isinstance(node.func, ast.Attribute) and node.func.attr in ADDS:
            self.origins.add(node.func.value, Flags().union(*given) | self.depends)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        flags = self.of(node.value)
        if STUDENT in flags and (node.attr in OF_GRADIENTS or node.attr == "backward"):
            self.complain(node, "gradient", f".{node.attr}")
        elif OBJECT in flags and node.attr.startswith("_") and node.attr not in PUBLIC:
            self.complain(node, "inside", f".{node.attr}")
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if OBJECT in self.of(node.value) and isinstance(node.slice, ast.Slice):
            self.complain(node, "argument", f"the slice in {ast.unparse(node)}")
        self.generic_visit(node)

    def _passes(self, node: ast.Call) -> None:
        for argument in arguments(node):
            kind = self.origins.uncrossable(argument)
            if kind:
                self.complain(node, "argument", f"{ast.unparse(argument)} ({kind})")

    def _in_place(self, node: ast.Call, name: str) -> None:
        """Methods and functions that end in _ change what they are given."""
        if not name.endswith("_") or name.endswith("__"):
            return
        owner = self.of(node.func.value) if isinstance(node.func, ast.Attribute) else Flags()
        changed = [owner] if IMPORTED not in owner and READ in owner else map(self.of, node.args)
        if any(OBJECT in flags for flags in changed):
            self.complain(node, "no way back", f"{name}(…)")

    def _compare(self, node: ast.AST, left: ast.AST, right: ast.AST) -> None:
        sides = [self.of(left), self.of(right)]
        theirs = [STUDENT in flags and UNKNOWN not in flags for flags in sides]
        apart = [self._difference(one) for one, other in ((left, right), (right, left))
                 if _is_small(other)]
        if any(apart):
            self._compare(node, *next(filter(None, apart)))
        elif not all(theirs):
            self.independent |= any(flags & {STUDENT, UNKNOWN} for flags in sides)
        elif (READ in sides[0]) != (READ in sides[1]):
            self.complain(node, "reads the answer", ast.unparse(node))
        else:
            self.laws.append(node)


    def _difference(self, node: ast.AST) -> list[ast.AST]:
        """The two values of the student's whose difference an expression takes, where it does."""
        for part in ast.walk(node):
            subtracts = isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub)
            sides = [part.left, part.right] if subtracts else (
                part.args[:2] if _comparer(part) else [])
            if len(sides) == 2 and all(STUDENT in self.of(side) for side in sides):
                return sides
        return []


def _is_small(node: ast.AST) -> bool:
    """Whether it is a number that only a difference is compared with, or is called so."""
    if isinstance(node, ast.Constant):
        value = node.value
        return type(value) is bool or (type(value) in (int, float) and value < 1)
    return isinstance(node, ast.Name) and ("tol" in node.id or node.id == "eps")


def _comparer(node: ast.AST) -> bool:
    """Whether it is a call like torch.allclose(a, b) or a.equal(b)."""
    return isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in COMPARERS
