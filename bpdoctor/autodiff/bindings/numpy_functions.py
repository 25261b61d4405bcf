"""NumPy's functions, by signature: one line for each (marks are explained in calls.Signature)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..calls import Binder, Signature

# dotted name below numpy, primitive ("" for the same name), parameters in positional order
REDUCTION = "*a axis dtype~ out> keepdims initial! where!"
MEAN = "*a axis dtype~ out> keepdims where!"
SPREAD = "*a axis dtype~ out> ddof keepdims where! mean! correction=ddof"
EXTREME = "*a axis out> keepdims initial! where!"
MEDIAN = "*a axis out> overwrite_input- keepdims"
INDEX = "*a axis out> keepdims"

FUNCTIONS = f"""
sum              |                | {REDUCTION}
prod             |                | {REDUCTION}
nansum           |                | {REDUCTION}
mean             |                | {MEAN}
nanmean          |                | {MEAN}
var              |                | {SPREAD}
std              |                | {SPREAD}
max              |                | {EXTREME}
min              |                | {EXTREME}
amax             | max            | {EXTREME}
amin             | min            | {EXTREME}
nanmax           |                | {EXTREME}
nanmin           |                | {EXTREME}
ptp              |                | *a axis out> keepdims
median           |                | {MEDIAN}
quantile         |                | *a q axis out> overwrite_input- method! keepdims weights! interpolation!
cumsum           |                | *a axis dtype~ out>
cumprod          |                | *a axis dtype~ out>
diff             |                | *a n axis prepend! append!
argmax           |                | {INDEX}
argmin           |                | {INDEX}
nanargmax        |                | {INDEX}
nanargmin        |                | {INDEX}
argsort          |                | *a axis kind- order!
all              |                | *a axis out> keepdims where!
any              |                | *a axis out> keepdims where!
count_nonzero    |                | *a axis keepdims
argwhere         |                | *a
flatnonzero      |                | *a
bincount         |                | *x weights! minlength
searchsorted     |                | *a *v side sorter
digitize         |                | *x *bins right
isin             |                | *element *test_elements assume_unique invert kind
array_equiv      | array_equal    | *a1 *a2
isneginf         |                | *x out>
isposinf         |                | *x out>
isclose          |                | *a *b rtol atol equal_nan
allclose         |                | *a *b rtol atol equal_nan
array_equal      |                | *a1 *a2 equal_nan
round            |                | *a decimals out>
around           | round          | *a decimals out>
fix              | trunc          | *x out>
sort             |                | *a axis kind- order! stable-
partition        |                | *a kth axis kind- order!
unique           |                | *ar return_index! return_inverse! return_counts! axis! equal_nan-
real             |                | *val
real_if_close    | real           | *a tol-
sinc             |                | *x
dot              |                | *a *b out>
inner            |                | *a *b
outer            |                | *a *b out>
vdot             |                | *a *b
kron             |                | *a *b
tensordot        |                | *a *b axes
cross            |                | *a *b axisa axisb axisc axis
trace            |                | *a offset axis1 axis2 dtype~ out>
diag             |                | *v k
diagflat         |                | *v k
diagonal         |                | *a offset axis1 axis2
tril             |                | *m k
triu             |                | *m k
linalg.norm      |                | *x ord axis keepdims
linalg.inv       |                | *a
linalg.pinv      |                | *a rcond- hermitian- rtol-
linalg.solve     |                | *a *b
linalg.det       |                | *a
linalg.matrix_power |             | *a n
linalg.matmul    | matmul         | *x1 *x2
linalg.outer     | outer          | *x1 *x2
linalg.tensordot | tensordot      | *a *b axes
linalg.cross     | cross          | *a *b axis
linalg.trace     | array-trace    | *x offset dtype~
linalg.diagonal  | array-diagonal | *x offset
linalg.matrix_transpose | matrix_transpose | *x
linalg.vecdot    | vecdot         | *x1 *x2 axis
linalg.vector_norm | vector-norm  | *x axis keepdims ord
transpose        |                | *a axes
permute_dims     | transpose      | *a axes
matrix_transpose |                | *x
swapaxes         |                | *a axis1 axis2
moveaxis         |                | *a source destination
rollaxis         |                | *a axis start
reshape          |                | *a shape order newshape=shape copy-
ravel            |                | *a order
squeeze          |                | *a axis
expand_dims      |                | *a axis
broadcast_to     |                | *array shape subok-
roll             |                | *a shift axis
flip             |                | *m axis
fliplr           |                | *m
flipud           |                | *m
rot90            |                | *m k axes
repeat           |                | *a repeats axis
tile             |                | *A reps
delete           |                | *arr obj axis
resize           |                | *a new_shape
pad              |                | *array pad_width mode stat_length constant_values end_values reflect_type
lib.stride_tricks.sliding_window_view | sliding_window_view | *x window_shape axis subok- writeable-
take             |                | *a indices axis out> mode
take_along_axis  |                | *arr indices axis
append           |                | *arr *values axis
compress         |                | condition *a axis out>
extract          |                | condition *arr
copy             |                | *a order- subok-
ascontiguousarray |               | *a dtype~ like-
asfortranarray   | ascontiguousarray | *a dtype~ like-
"""


def numpy_binders() -> dict[Any, Binder]:
    """Return a binder for each function of the list that this NumPy has."""
    table: dict[Any, Binder] = {}
    for line in FUNCTIONS.strip().splitlines():
        spelled, name, parameters = (part.strip() for part in line.split("|"))
        found: Any = np
        for part in spelled.split("."):
            found = getattr(found, part, None)
        if found is not None:
            table.setdefault(found, Signature(name or spelled, parameters))
    return table
