"""More programs that do observed what they do unobserved: calls, scopes, and what Python lets a class decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_semantics import HEAD, same_to_the_bit

PROGRAMS = {
    "reduce start": """
from functools import reduce
from itertools import accumulate, zip_longest, islice
out = [reduce(lambda d, M: M @ d, [A, A], B), reduce(lambda a, w: np.tanh(a @ w), (A, A), A[:2]), reduce(np.add, A,
    B)]
run = lambda x: reduce(lambda a, w: np.tanh(a @ w), [A, A], x)
out += [run(A), list(accumulate(A, lambda a, b: a * b, initial=B)), list(zip_longest(B, [1.0], fillvalue=B)),
    list(islice(B, 2))]
""",
    "short circuit": """
from itertools import count
def f(x): log.append(x); return x > 2
out = [any(f(x) for x in range(10)), all(not f(x) for x in range(10)), any(x > 5 for x in count()),
    all(x < 5 for x in count())]
""",
    "frames": """
import inspect, sys
def who(): return inspect.currentframe().f_code.co_name, sys._getframe(1).f_code.co_name
def g(): return who()
out = g()
""",
    "namedtuple": """
from collections import namedtuple
from typing import NamedTuple
import pickle, dataclasses
E = namedtuple("E", "a b"); F = NamedTuple("F", [("x", float)])
D = dataclasses.make_dataclass("D", ["w"])
out = [E.__module__, F.__module__, D.__module__, E(1.0, 2.0)._replace(a=3.0), F(2.0)]
""",
    "self keyword": """
out = [str.format("{self}", self=2.0), dict(self=1), "{site} {function}".format(site=1.0, function=2)]
f = lambda **k: sorted(k)
import functools
g = functools.wraps(f)(lambda **k: sorted(k))
out += [f(self=1), g(site=2, function=3, args=4, kwargs=5), np.dot(a=A, b=B)]
""",
    "unhashable callables": """
p = np.poly1d([1.0, 2.0, 3.0])
q = np.polynomial.Polynomial([1.0, 2.0])
out = [p(2.0), p(B), q(B), (p * p)(1.5)]
class L(list):
    def __call__(self, x): return x * len(self)
out += [L([1, 2])(B), np.vectorize(lambda x: x * 2)(B)]
""",
    "resize": """
a = np.arange(4.0) * 2
a.resize((2, 3))
b = B * 2
b.resize(5, refcheck=False)
out = [a, b]
""",
    "deepcopies": """
import copy
class Slim:
    def __init__(self, w): self.w = w; self.log = [1.0, 2.0]; self.d = {"a": B}
    def __deepcopy__(self, memo):
        new = Slim(self.w.copy()); new.log = []; new.d = None; return new
class Odd:
    def __init__(self): self.w = A
    def __copy__(self): return 5.0
class Sl:
    __slots__ = ("w",)
s = Sl(); s.w = A
out = [copy.deepcopy(Slim(A)).log, copy.copy(Odd()), copy.deepcopy(s).w, copy.deepcopy([Slim(A), {"k": B}])[1],
    copy.deepcopy(x=A)]
""",
    "getattr owners": """
class Slots:
    __slots__ = ("data",)
    def __init__(self): object.__setattr__(self, "data", {})
    def __getattr__(self, k): log.append(k); return self.data[k]
    def __setattr__(self, k, v): self.data[k] = v
class Bag(dict):
    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__
o = Slots(); o.w = 2.0; o.w += 1.0
b = Bag(); b.W = A * 1.0; b.W -= 0.5; b.z = b.W @ B
out = [o.w, b.W, b.z]
""",
    "globals in loops": """
for i in range(3):
    global total
    total = i * 2.0
class C:
    global made
    made = 2.5
    for j in range(3):
        w = j * 1.5
def f():
    for i in range(3):
        global other
        other = i * 1.0
    class D:
        nonlocal_ = 3
    return other
def g():
    n = 1.0
    def h():
        for k in range(2):
            nonlocal n
            n = n * 2
        with open(__import__("os").devnull) as fh:
            n += 1
        return n
    return h(), n
out = [total, made, C.w, C.j, f(), other, g()]
""",
    "super nested": """
class Base:
    def w(self, x=1.0): return x * 2
    def __init_subclass__(cls, k=1.0, **kw): cls.k = k * 2; super().__init_subclass__(**kw)
class Net(Base, k=3.0):
    def w(self, x=1.0):
        f = lambda v: super(Net, self).w(v)
        g = lambda v: super(Net, self).w(v) if v > 0 else __class__.__name__
        def h(v): return super(Net, self).w(v) + 1
        return [f(x), g(x), g(-x), h(x), [super(Net, self).w(i) for i in (1.0, 2.0)]]
out = [Net().w(2.0), Net.k]
""",
    "lambdas": """
fs = [lambda x, i=i, s=1.5 * 2: x * i + s for i in range(3)]
gs = [lambda x: x * i for i in range(3)]
pick = (lambda x: x * 2) if B[0] > 100 else (lambda x: (lambda y: y + x)(x * 3))
compose = lambda *f: lambda x: compose(*f[1:])(f[0](x)) if f else x
fix = (lambda f: (lambda x: x(x))(lambda x: f(lambda *a: x(x)(*a))))
fact = fix(lambda r: lambda n: 1.0 if n == 0 else n * r(n - 1))
out = [[f(2.0) for f in fs], [g(2.0) for g in gs], pick(1.5), compose(np.sin, np.cos, lambda v: v * 2)(B), fact(5),
  sorted([3.0, 1.0, 2.0], key=lambda v: -v), sorted(A.tolist(), key=lambda r: r[0]), min(A, key=lambda r: r.sum()),
    max(enumerate(B), key=lambda t: t[1]),
  (lambda *a, k=2.0, **kw: (a, k, kw))(*B, z=1), {k: (lambda: k) for k in "ab"}["a"](), list(map(lambda a, b: a * b,
    A, B)),
  list(filter(None, B)), [*map(np.sum, A)], dict(map(lambda k: (k, 1.0), "ab")), (lambda: (yield_ := 3.0) + yield_)()]
B2 = B.tolist(); B2.sort(key=lambda v: v * v); out.append(B2)
""",
    "async": """
import asyncio
async def gen():
    for v in B: yield v * 2
async def go():
    total = 0.0
    async for v in gen(): total += v
    for k in range(3): total *= 1.5
    return total, [v async for v in gen()], await asyncio.sleep(0, 2.0)
out = asyncio.run(go())
""",
    "generators as arguments": """
import math, statistics
out = [sum((v * v for v in B), 1.0), max((v for v in B), default=0), min(v for v in []) if False else 0,
    math.fsum(v for v in B), math.prod(v for v in B),
  statistics.fmean(v for v in B), np.fromiter((v for v in B), float), "".join(str(round(v, 2)) for v in B),
    list(zip(*(r for r in A))), tuple(v for v in B),
  np.array([v for v in B]), np.array(list(v for v in A)), set(int(v) for v in B), np.stack([*(r for r in A)]),
    np.vstack(list(map(np.abs, A))), dict((k, v) for k, v in enumerate(B))]
it = iter(B); out += [next(it), list(it), next(it, 7.0)]
it = iter([1.0, 2.0, 3.0]); out += [sum(zip(it, it), ()), list(it), next(iter(B * 2)), type(iter([1])).__name__]
z = zip(B, A); out += [next(z), len(list(z))]
e = enumerate(B); next(e); out.append(list(e))
""",
    "class bodies": """
from enum import Enum, IntEnum, auto
class E(Enum):
    A, B2 = 1.0, 2.0
    C = D = 3.0
class M(type):
    def __new__(m, n, b, d): d["seen"] = sorted(k for k in d if not k.startswith("_")); return super().__new__(m, n,
    b, d)
class K(metaclass=M):
    x, y = 1.0, 2.0
    x += y
    sizes = [2, 3]
    Ws = {k: v * 2.0 for k, v in zip("ab", sizes)}
    if x > 2:
        z = x * 2
    for q in (1.0, 2.0): z += q
    while z < 50: z *= 2
    act = lambda self, v: v * self.x
    try: bad = 1.0 / 0
    except ZeroDivisionError: bad = -1.0
    with np.errstate(all="ignore"): w = np.log(np.zeros(2))
out = [list(E), [e.value for e in E], E.D is E.C, K.seen, K.x, K.Ws, K.z, K().act(2.0), K.bad, K.w]
""",
    "try star and match": """
def f(x):
    match x:
        case {"a": float(a), **rest} if (b := a * 2) > 1: return a, b, rest
        case [x, *others] | (x, others): return x * 2.0, others
        case str() as s: return s * 2
        case complex(real=r, imag=i): return r * i
        case None: return 0.0
out = [f({"a": 1.0, "c": 2}), f([1.0, 2.0]), f("s"), f(1 + 2j), f(None)]
try:
    raise ExceptionGroup("g", [ValueError(1.0), KeyError("k")])
except* ValueError as g: log.append(len(g.exceptions)); t = 2.0 * 3
except* KeyError: log.append("key")
out.append(t)
""",
    "context managers": """
from contextlib import contextmanager, ExitStack, suppress
@contextmanager
def scaled(k):
    log.append("in")
    try: yield A * k
    finally: log.append("out")
with scaled(2.0) as (r1, *r2), suppress(ValueError): out = [r1, r2]
class H:
    def __init__(self): self.w = {}
    def __enter__(self): return self
    def __exit__(self, *a): self.w["closed"] = True
h = H()
with h as h.w["x"]: h.w["y"] = 1.0
out += [sorted(h.w)]
with ExitStack() as st: out.append(st.enter_context(scaled(3.0)))
""",
    "numpy objects": """
M = np.matrix([[1.0, 2.0], [3.0, 4.0]])
s = np.zeros(3, dtype=[("a", float), ("b", int)]); s["a"] += 2.0; s["b"][1] = 4
m = np.ma.masked_array(B, mask=[0, 1, 0])
c = B + 1j; c *= 2; c[0] = 1
o = np.empty(2, dtype=object); o[0] = A; o[1] = [1.0]; o[0] -= 1.0
bools = B > 0; bools |= True; bools[0] &= False
i8 = np.arange(3); i8 //= 2; i8[i8 > 0] = 5
A3 = A.copy(); A3[[0, 0, 1]] += 1.0; A3[:, None, 1] *= 2; A3[A3 > 1] = 0; A3[...] -= 1; A3.T[0] = 9.0
A3.flat[2] = 3.0; A3[(0, 1)] = 7; A3[np.ix_([0, 1], [1, 2])] += 1
np.add.at(A3, [0, 0], 1.0); np.copyto(A3[1], B); A3[0], A3[1] = A3[1].copy(), A3[0].copy()
A3[2], A3[0] = A3[0], A3[2]
x = np.float64(2.0); x += 1; y = np.float32(1); y **= 2
z = np.zeros(()); z += 1; z[()] = 4.0; z[...] *= 2
np.put(A3, [0], 8.0); np.fill_diagonal(A3, 2.0); np.random.default_rng(0).shuffle(A3);
out = [np.asarray(M * M), s["a"], s["b"], np.asarray(m * 2), c, o[0], bools, i8, A3, x, y, z, np.linalg.svd(A)[1],
    A3.sort(), A3, divmod(A, 2), np.where(B > 0), A.tolist(), *np.meshgrid(B, B), np.add.outer(B, B),
    np.add.reduce(A), np.einsum("ij,j", A, B)]
out.append(np.lib.stride_tricks.sliding_window_view(B,
    2)); out.append(A.view(np.int64)); out.append(np.squeeze(A[None]))
B4 = A.ravel(); B4 += 1; out.append(A); A.shape = 9; out.append(A); B5 = A.reshape(3, 3); B5[0] *= 2; out += [A, B4]
""",
    "descriptors and properties": """
class Prop:
    def __init__(self): self._v = B.copy(); self.n = 0
    @property
    def v(self): self.n += 1; return self._v
    @v.setter
    def v(self, x): self.n += 10; self._v = x
    def __call__(self, x): return x @ self._v
    def __getitem__(self, k): return self._v[k]
    def __setitem__(self, k, x): self.n += 100; self._v[k] = x
    def __len__(self): return 3
    def __iter__(self): yield from self._v
    def __contains__(self, x): return True
    def __matmul__(self, o): return A @ o
    def __rmatmul__(self, o): return o @ A
    def __array__(self, dtype=None, copy=None): return self._v
p = Prop(); p.v += 1.0; p.v[0] *= 2.0; p[1] += 5.0; p[0:2] = 0.0
a, *b = p
out = [p.n, p(A), p[0], [*p], 3 in p, p @ B, B @ p, np.sum(p), a, b, len(p), [x * 2 for x in p], sum(p), max(p),
    list(zip(p, p)), np.asarray(p) * 2, np.dot(A, p), B + p.v]
class Arr(np.ndarray):
    def __iadd__(self, o): log.append("iadd"); return super().__iadd__(o)
    def __array_finalize__(self, o): pass
s = A.view(Arr); s += 1.0; s[0] += 1.0; t = s * 2
out += [type(s).__name__, type(t).__name__, type(s[0]).__name__, np.asarray(t)]
""",
    "recursion and caches": """
import functools
@functools.lru_cache(None)
def fib(n): log.append(n); return float(n) if n < 2 else fib(n - 1) + fib(n - 2)
@functools.singledispatch
def g(x): return "any"
@g.register
def _(x: float): return x * 2
@g.register(np.ndarray)
def _(x): return x.sum()
def walk(tree): return sum(map(walk, tree)) if isinstance(tree, (list, tuple)) else tree * 2.0
def topo(n, seen=set(), order=[]):
    if n not in seen:
        seen.add(n)
        for m in range(n): topo(m)
        order.append(n)
    return order
out = [fib(10), fib.cache_info(), g(2.0), g(B), g("s"), walk([1.0, [2.0, (3.0,)]]), topo(4),
    functools.partial(lambda a, b: a - b, b=2.0)(5.0), functools.cmp_to_key(lambda a,
    b: b - a)(3.0) < functools.cmp_to_key(lambda a, b: b - a)(2.0), sorted([1.0, 3.0],
    key=functools.cmp_to_key(lambda a, b: b - a))]
class Cell:
    count = 0.0
    def __new__(cls, *a): cls.count += 1; return super().__new__(cls)
    def __init__(self, v=2.0): self.v = v
c = Cell(3.0)
out.append(Cell.count)
""",
    "itertools": """
import itertools as it, operator as op
out = [list(it.chain.from_iterable(A)), list(it.product(B, [1.0])), list(it.pairwise(B)), list(it.batched(B,
    2)) if hasattr(it, "batched") else 0, list(it.takewhile(lambda v: v < 9, B)),
 [list(g) for k, g in it.groupby(B, key=lambda v: v > 0)], list(it.accumulate(A, op.add)),
    list(it.islice(it.cycle(B), 5)), list(it.repeat(B, 2)), list(it.compress(B, [1, 0, 1])),
    list(it.starmap(lambda a, b, c: a * b, A)), op.itemgetter(1)(B), op.attrgetter("T")(A),
    op.methodcaller("sum")(A), list(it.combinations(B, 2)),
 list(reversed(B)), list(reversed(list(zip(B, A)))), list(it.tee(B)[0]), list(enumerate(A, 1))[0], list(zip(B,
    B[1:])), sum(A), sum(B, 1.0), sum([A, A], A), min(B), max(*B), abs(B[0]), pow(B[0], 2), round(B[0], 2), sorted(B,
    reverse=True), divmod(B[0], 1.0)]
""",
    "an optimiser": """
import random
from scipy.optimize import minimize
def noisy(w): return float(w @ w) + 1e-9 * np.random.rand() + 1e-9 * random.random(), 2 * w
def bounded(w):
    if w.min() < 1: raise ValueError("outside")
    return float(w @ w), 2 * w
np.random.seed(3); random.seed(3)
out = [minimize(noisy, B * 1.0, jac=True, options={"maxiter": 2}).x, np.random.rand(), random.random(),
    minimize(bounded, np.ones(2), jac=True, method="L-BFGS-B", bounds=[(1, 5)] * 2).x]
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_same_to_the_bit(name: str, tmp_path: Path) -> None:
    same_to_the_bit(HEAD + PROGRAMS[name], tmp_path)
