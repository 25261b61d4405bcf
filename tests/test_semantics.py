"""An observed program does what it does unobserved: same values bit for bit, same order, same exceptions."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from bpdoctor.model.source import Source
from bpdoctor.observe.loops import UNLIMITED
from bpdoctor.observe.program import Session

HEAD = (
    "import numpy as np\nrng = np.random.default_rng(3)\nA, B = rng.normal(size=(3, 3)), rng.normal(size=3)\nlog = []\n"
)

PROGRAMS = {
    "walrus": "out = [y for x in (1.5, 2.5) if (y := x * 2) > 3]\nwhile (n := len(log)) < 3: log.append(n)",
    "match": """
def kind(x):
    match x:
        case [a, b] if a > b: return ("pair", a - b)
        case {"W": W, **rest}: return ("dict", W * 2, rest)
        case float() | int(): return ("number", x * 0.5)
        case np.ndarray(): return ("array", x.sum())
        case _: return "other"
out = [kind(v) for v in ([2.0, 1.0], [1, 2], {"W": 3.0, "b": 1}, 2, B, "s")]
""",
    "comprehension scope": """
x = 5.0
out = ([x for x in (1.0, 2.0)], x, {k: [j * k for j in range(k)] for k in range(3)})
""",
    "class body": """
scale = 2.0
class Net:
    n = 3
    sizes = [n * 2 for _ in range(2)] if False else [n]
    W = A * scale
    scale = scale * 3
    def __init__(self, k=n * 2): self.k = k * scale
out = (Net.W, Net.scale, Net().k, Net.sizes, scale)
""",
    "global and nonlocal": """
total = 1.0
def outer():
    count = 0.5
    def inner(v):
        nonlocal count
        global total
        count += v
        total = total * v
        return count
    return [inner(v) for v in (2.0, 3.0)], count
out = (outer(), total)
""",
    "slots and descriptors": """
class Positive:
    def __set_name__(self, owner, name): self.name = "_" + name
    def __get__(self, obj, kind=None):
        log.append("get"); return getattr(obj, self.name)
    def __set__(self, obj, value):
        log.append("set"); setattr(obj, self.name, abs(value))
class Layer:
    __slots__ = ("_w", "b")
    w = Positive()
    def __init__(self, w): self.w = w; self.b = 0.0
    @property
    def twice(self): return self.w * 2
    @twice.setter
    def twice(self, v): self.w = v / 2
net = Layer(-3.0)
net.w -= 5.0
net.b += net.w * 2
net.twice += 1.0
out = (net.w, net.b, net.twice)
""",
    "overloading": """
class V:
    def __init__(self, x): self.x = x
    def __add__(self, o): log.append("add"); return V(self.x + getattr(o, "x", o))
    def __radd__(self, o): log.append("radd"); return V(o + self.x)
    def __iadd__(self, o): log.append("iadd"); self.x += o; return self
    def __matmul__(self, o): log.append("matmul"); return self.x @ o
    def __neg__(self): log.append("neg"); return V(-self.x)
    def __lt__(self, o): log.append("lt"); return "less"
    def __eq__(self, o): log.append("eq"); return NotImplemented
    __hash__ = None
    def __getitem__(self, k): log.append(("get", k)); return self.x
    def __setitem__(self, k, v): log.append(("set", k, v))
    def __bool__(self): log.append("bool"); return False
v = V(A); w = v
v += 1.0
v[1:2, ...] = 3.0
v[0] += 2.0 * A
out = ((v + 1.0).x, (1.0 + v).x, v @ B, (-v).x, v < 3, v == 4, w is v, v or 5, not v, v[::2] is v.x)
""",
    "chained comparison": """
def f(x): log.append(x); return x
out = (f(1.0) < f(2.0) < f(1.5) < f(9.0), 0 < B[0] < 1, f(3.0) == f(3.0) != f(4.0), f(2) in (1, 2) is True)
""",
    "a minus before the first operand": """
class Noisy:
    __array_ufunc__ = None
    def __rmatmul__(self, other): log.append("matmul"); return other.sum()
    def __rmul__(self, other): log.append("mul"); return 2.0
Z, n, k = np.zeros((3, 3)), 3, 0.1
out = (-A @ B - 1.5, -A * B / 3, -Z @ Z, 1 / (-Z * B), -n * k - 2 - n, -n * 2, -A @ Noisy(), -k * Noisy(), -A[0] @ B)
out += (-np.matrix(A) * np.matrix(A).T - 1, -A.astype("f4") * 3, -np.array([1, 2], dtype=np.uint8) * 3, -k * B - A)
try:
    -A @ np.zeros(7)
except ValueError as error:
    log.append(str(error))
""",
    "augmented order": """
def f(x): log.append(x); return x
cells = [1.0, 2.0, 3.0]
cells[f(0)] += f(10.0)
cells[f(1)], cells[f(2)] = f(7.0), f(8.0)
class O: pass
o = O(); o.a = O(); o.a.b = A.copy()
def get(): log.append("get"); return o
get().a.b -= f(0.5) * A
get().a.b[f(0), f(1)] *= f(3.0)
i = 0
i, cells[i] = 1, 9.0
a = b = c = f(4.0)
x = [[1.0], [2.0]]; y = x
x[0] += [f(5.0)]
out = (cells, o.a.b, i, a, b, c, x, y, x is y)
""",
    "star arguments": """
def f(a, /, b, *rest, c=1.0, **more): return a * b, rest, c, sorted(more)
rows = [*A, *[1.0, 2.0]]
first, *middle, last = A[0] * 2
(p, (q, *r)), s = (1.0, (2.0, 3.0, 4.0)), 5.0
out = (f(*B[:2], *[4.0], c=2.0, **{"z": 1, "y": 2}), len(rows), first, middle, last, p, q, r, s)
""",
    "decorators": """
import functools
def scaled(k):
    log.append("made")
    def wrap(f):
        @functools.wraps(f)
        def inner(*a, **kw): return k * f(*a, **kw)
        return inner
    return wrap
@scaled(2.0)
@functools.lru_cache(maxsize=None)
def f(x): "doc"; log.append(x); return x * 1.5
class C:
    @staticmethod
    def s(x): return x + 1.0
    @classmethod
    def c(cls, x): return cls.s(x) * 2
    @functools.cached_property
    def p(self): log.append("p"); return A.sum()
c = C()
out = (f(3.0), f(3.0), f.__name__, f.__doc__, C.c(2.0), c.p, c.p)
""",
    "partial and reduce": """
from functools import partial, reduce
from itertools import accumulate, starmap, chain
import operator
out = (partial(np.dot, A)(B), reduce(lambda a, b: a @ b, [A, A, B]), reduce(operator.mul, [1.5, 2.0], 3.0),
    list(accumulate(B)), list(map(lambda r: r.sum(), A)), list(filter(lambda v: v > 0, B)),
    list(starmap(pow, [(2.0, 3), (3.0, 2)])), sum(chain(A[0], B)), sorted(B, key=lambda v: -v), max(A[0], key=abs))
""",
    "format": """
out = (f'{B[0]:.3f} {A.sum()!r:>20} {1.5 * 2 = } {B[1]:{5 + 3}.{2}f}', '%s %d' % (B[0], 3), '{:.2e}'.format(B[2]))
out += ("a" "b" * 2,)
""",
    "exec and eval": """
space = {'B': B}
exec('q = B * 2\\nfor i in range(3): q = q + 1', space)
out = (space['q'], eval('B.sum() * 2'))
""",
    "zip strict": """
try:
    list(zip(B, [1.0], strict=True))
except ValueError as e:
    log.append(str(e))
out = ([a * b for a, b in zip(A, B, strict=True)], list(enumerate(B, start=2)), list(zip(*A)), dict(zip("ab", B)))
""",
    "nditer": """
it = np.nditer(A.copy(), flags=["multi_index"], op_flags=["readwrite"])
for v in it:
    v[...] = v * 2 if it.multi_index[0] else v
    log.append(it.multi_index)
out = (it.operands[0], [i for i, _ in np.ndenumerate(B)], [float(v) for v in A.flat])
""",
    "loops with else": """
for i in range(3):
    if i == 5: break
else: log.append("no break")
n = 0
while n < 5:
    n += 1
    if n == 2: continue
    if n == 4: break
else: log.append("never")
def find(v):
    for k, b in enumerate(B):
        try:
            if b == v: return k
        finally: log.append("tried")
    else: return -1
out = (i, n, find(B[1]), find(7.0), b if (b := 3.0) else None)
""",
    "dataclass": """
from dataclasses import dataclass, field, replace, astuple
from typing import ClassVar, NamedTuple
from enum import Enum
@dataclass
class P:
    w: float = 1.5 * 2
    b: list = field(default_factory=lambda: [0.5])
    rate: ClassVar[float] = 0.1 * 3
    def __post_init__(self): self.w = self.w * 2
class T(NamedTuple):
    x: float
    y: float = 2.0 * 3
class E(Enum):
    A = 1.0
    B = 1.0 + 1.0
p = P()
out = (p, replace(p, w=4.0), astuple(p), P.rate, T(1.0), E.B.value, list(E), P.__annotations__["w"])
""",
    "exceptions": """
def f():
    try: return 1.0 / 0
    except ZeroDivisionError as e:
        log.append(e.__traceback__.tb_lineno)
        raise ValueError("x") from e
    finally: log.append("finally")
try: f()
except ValueError as e: out = (str(e), type(e.__cause__).__name__, e.__context__ is e.__cause__)
class Ctx:
    def __enter__(self): log.append("in"); return 2.5
    def __exit__(self, *a): log.append(a[0]); return True
with Ctx() as a, Ctx() as b: log.append(a * b); raise KeyError(1)
try:
    A[5]
except (IndexError, KeyError) as e: log.append(str(e))
try: out2 = "a" - 1.0
except TypeError as e: log.append(str(e))
""",
    "generators": """
def g(n):
    got = yield 1.0
    while n > 0:
        got = yield (got or 0.0) * n
        n -= 1
    yield from (v * 2 for v in B)
    return 5.0
it = g(2); out = [next(it), it.send(3.0), next(it)]
out += list(it)
out.append(sum(v * v for v in B))
out.append(any(v > 100 for v in B))
""",
    "identity and aliases": """
a = A; a -= 1.0
v = A[0]; v *= 2.0
w = A.T; w[0, 1] += 5.0
one = 1.0; two = one
out = (A, a is A, v.base is A, w.base is A, two is one, np.shares_memory(v, A), A.flags.owndata, type(B[0]))
lst = [A, A]; lst[0] = lst[0] + 1.0
out += (lst[0] is lst[1], lst[1] is A)
""",
    "floats to the bit": """
out = [0.1 + 0.2, -0.0 * 1.0, float("nan"), 1e308 * 10, -0.0, 5e-324 / 2, 7 // 2.0, -7 % 3.0, 2 ** 0.5, 10 ** 400 // 3,
    (0.1).as_integer_ratio(), divmod(-7.5, 2), round(2.5), round(-1.25, 1), True + 1.5, 3 & 5, ~6, 1 << 70, 1j * 2.0]
out.append([np.float32(0.1) * 3, np.float32(1) + np.float64(2), np.int8(100) + np.int8(27), A.astype("f4").sum()])
""",
    "delete and unbound": """
x = 3.0
del x
try: x
except NameError as e: log.append(str(e))
def f():
    try: return y
    except UnboundLocalError as e: log.append(type(e).__name__)
    y = 1.0
    del y
    d = {"a": 1.0, "b": 2.0}; del d["a"]
    return d
out = f()
lst = [1.0, 2.0, 3.0]; del lst[1:]
""",
    "introspection": """
import inspect, sys
def f(x, k=2.0): return x * k, sorted(n for n in locals() if not n.startswith("__bp"))
out = (f(2.0), str(inspect.signature(f)), f.__defaults__, f.__code__.co_argcount, f.__qualname__, __name__, callable(f))
class N:
    def __private(self): return 4.0
    def go(self): self.__w = 2.0; self.__w *= 3.0; return self.__private() * self.__w
out += (N().go(), sorted(vars(N())) , isinstance(A, np.ndarray), super(N, N()).__init__ is not None)
class M(N):
    def go(self): return super().go() + 1.0
out += (M().go(), __class__ if "__class__" in dir() else None)
""",
}


def plainly(text: str) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, "program.py", "exec", dont_inherit=True), space)
    return space


def observed(text: str, folder: Path) -> dict[str, Any]:
    """Everything on the record."""
    session = Session(str(folder / "program.py"), UNLIMITED)
    outcome = session.run(text)
    assert outcome.error is None, outcome.error
    return session.namespace


def unrecorded(text: str) -> dict[str, Any]:
    """The plain variant of every body, as in the steps that are not recorded."""
    session = Session("program.py", UNLIMITED)
    module = ModuleType("__main__")
    session.execute("program.py", Source("program.py", text), module)
    return module.__dict__


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_same_to_the_bit(name: str, tmp_path: Path) -> None:
    same_to_the_bit(HEAD + PROGRAMS[name], tmp_path)


def same_to_the_bit(text: str, folder: Path) -> None:
    """What a program computes, plainly, on the record, and beside it."""
    expected = plainly(text)
    for got in (observed(text, folder), unrecorded(text)):
        assert shown(got["out"]) == shown(expected["out"])
        assert shown(got["log"]) == shown(expected["log"])


def shown(value: Any) -> str:
    """Exact text of a value: floats and arrays by their bits, objects by their class and contents."""
    if isinstance(value, np.ndarray | np.generic):
        return f"{type(value).__name__} {value.dtype} {value.shape} {value.tobytes().hex()}"
    if isinstance(value, float):
        return value.hex()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {shown(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__}({', '.join(map(shown, value))})"
    return repr(value)
