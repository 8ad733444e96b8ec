"""Where the values of a test cell come from: read off its text, nothing is run.

A value is the STUDENT's when anything in it came from a name that a solution cell binds, an OBJECT
when it stays in the student process, and READ when it was read off such an object (its weights, its
attributes) and not returned by it. What a helper function is given is UNKNOWN.
"""

import ast
import re

STUDENT, OBJECT, CLASS, READ, UNKNOWN = "student", "object", "class", "read", "unknown"
FUNCTION, IMPORTED = "function", "imported"
READERS = {"parameters", "named_parameters", "buffers", "named_buffers", "state_dict", "modules",
           "named_modules", "children", "named_children", "get_parameter", "get_buffer"}
NUMBERS = {"pi", "e", "tau", "inf", "nan"}  # attributes of modules that are plain numbers
MADE = {"set": "a set", "frozenset": "a set", "range": "a range", "slice": "a slice",
        "complex": "a complex number", "bytes": "bytes", "open": "a file", "map": "a generator",
        "zip": "a generator", "iter": "a generator", "enumerate": "a generator"}
ANY_TEXT = (ast.BinOp, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.JoinedStr)

Flags = frozenset
NOTHING = Flags()


class Origins:
    """What each name of a test cell holds, as far as the text tells."""

    def __init__(self, solutions: list[str], provided: list[str]):
        """`solutions` and `provided` are the texts of the solution and set-up cells before it."""
        self.names: dict[str, Flags] = {}
        self.kinds: dict[str, str] = {}  # names of what cannot be passed, and what that is
        for tree in map(ast.parse, provided):
            for node in tree.body:
                self.define(node)
        self.students = {name: flags for tree in map(ast.parse, solutions) for node in tree.body
                         for name, flags in _bound(node).items()}
        self.names |= self.students

    def define(self, node: ast.AST) -> None:
        """An import, or a function or class, of the instructor's own."""
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                self.names[(alias.asname or alias.name).split(".")[0]] = Flags({IMPORTED})
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            asks = any(STUDENT in self.of(part) for part in ast.walk(node)
                       if isinstance(part, ast.Name))
            self.names[node.name] = Flags({FUNCTION, STUDENT} if asks else {FUNCTION})
            self.kinds[node.name] = "a function" if isinstance(node, ast.FunctionDef) else "a class"

    def bind(self, target: ast.AST, value: ast.AST, depends: Flags = NOTHING) -> None:
        """`target = value`, or a loop's variable over what `value` gives."""
        flags, kind = self.of(value) - {CLASS} | depends, self.uncrossable(value)
        for leaf in ast.walk(target):
            if isinstance(leaf, ast.Name) and isinstance(leaf.ctx, ast.Store):
                self.names[leaf.id] = flags
                self.kinds.pop(leaf.id, None)
                if kind:
                    self.kinds[leaf.id] = kind

    def add(self, target: ast.AST, flags: Flags) -> None:
        """`target` grows by a value of these origins."""
        if isinstance(target, ast.Name):
            self.names[target.id] = self.names.get(target.id, Flags()) | flags

    def of(self, node: ast.AST) -> Flags:
        """The origins of an expression."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, Flags())
        if isinstance(node, ast.Attribute):
            flags = self.of(node.value)
            return flags | {READ} if OBJECT in flags else flags - {IMPORTED}
        if isinstance(node, ast.Call):
            return self._called(node)
        if isinstance(node, ast.comprehension):
            return Flags().union(self.of(node.iter), *map(self.of, node.ifs))
        found = Flags().union(*(self.of(child) for child in ast.iter_child_nodes(node)))
        return found - {OBJECT, CLASS} if isinstance(node, ANY_TEXT) else found - {CLASS}

    def _called(self, node: ast.Call) -> Flags:
        function = self.of(node.func)
        given = Flags().union(*(self.of(argument) for argument in arguments(node)))
        if CLASS in function:
            return Flags({STUDENT, OBJECT})
        if isinstance(node.func, ast.Attribute) and STUDENT in function:
            owner = self.of(node.func.value)
            if OBJECT in owner and node.func.attr in READERS:
                return Flags({STUDENT, OBJECT, READ})
            return Flags({STUDENT}) | (owner & {READ}) | (given & {STUDENT, UNKNOWN})
        if OBJECT in function:
            return Flags({STUDENT})
        return (function | given) - {IMPORTED, FUNCTION, CLASS}

    def uncrossable(self, node: ast.AST) -> str:
        """What an argument is that cannot cross the wire, in words; empty where it may."""
        if isinstance(node, ast.List | ast.Tuple):
            return next(filter(None, map(self.uncrossable, node.elts)), "")
        if isinstance(node, ast.Dict):
            odd = [key for key in node.keys if isinstance(key, ast.Constant)
                   and not isinstance(key.value, str)]
            return "a dict whose keys are no texts" if odd else next(
                filter(None, map(self.uncrossable, node.values)), "")
        if isinstance(node, ast.Constant):
            odd = isinstance(node.value, bytes | complex) or node.value is ...
            return f"a value of type {type(node.value).__name__}" if odd else ""
        if isinstance(node, ast.Name):
            return self.kinds.get(node.id, "")
        if isinstance(node, ast.Attribute):
            imported = IMPORTED in self.of(node.value) and node.attr not in NUMBERS
            return f"{ast.unparse(node)}, a type or a function" if imported else ""
        return self._made(node)

    def _made(self, node: ast.AST) -> str:
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if re.fullmatch(r"(torch\.)?nn\.(?!Parameter)[A-Z]\w*", name):
                return f"{name}, a module"
            return MADE.get(name, "an array of NumPy" if name.startswith(("np.", "numpy.")) else "")
        kinds = {ast.Lambda: "a function", ast.GeneratorExp: "a generator", ast.Set: "a set",
                 ast.SetComp: "a set", ast.Slice: "a slice"}
        return kinds.get(type(node), "")


def arguments(call: ast.Call) -> list[ast.AST]:
    """All arguments of a call, by place and by name."""
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _bound(node: ast.AST) -> dict[str, Flags]:
    """The names that one statement of a solution cell binds."""
    if isinstance(node, ast.ClassDef):
        return {node.name: Flags({STUDENT, OBJECT, CLASS})}
    if isinstance(node, ast.FunctionDef):
        return {node.name: Flags({STUDENT, OBJECT})}
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return {leaf.id: Flags({STUDENT}) for target in targets for leaf in ast.walk(target)
                if isinstance(leaf, ast.Name) and isinstance(leaf.ctx, ast.Store)}
    return {}
