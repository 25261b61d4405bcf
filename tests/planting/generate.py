"""Random healthy networks from a seed: every style times every other, gradients right by derivation.

A program is chosen as a `Recipe` and written out by `Writer`; it carries the same hints as the hand-written
networks, so that `verify` can hold it against central differences.
"""

from __future__ import annotations

from tests.planting.markers import Network, parse, strip
from tests.planting.recipe import Recipe, recipe
from tests.planting.vocabulary import ACTIVATIONS, HEADS, WORDS, helpers


class Writer:
    """Writes the program of a recipe."""

    def __init__(self, r: Recipe) -> None:
        self.r = r
        self.words = WORDS[r.language]
        self.depth = len(r.sizes) - 1
        self.lines: list[str] = []
        self.own = "self." if r.shell == "class" else ""

    def ref(self, kind: str, layer: int) -> str:
        """How the program calls a parameter (`W`, `b`) or a velocity (`vW`, `vb`) of a layer."""
        name = kind[0] + self.words[kind[1:]] if kind in ("vW", "vb") else self.words[kind]
        if self.r.store == "dict":
            return f'{self.own}{self.words["params"]}["{name}{layer}"]'
        if self.r.store == "list":
            return f"{self.own}{name}[{layer - 1}]"
        return f"{self.own}{name}{layer}"

    def value(self, kind: str, layer: int) -> str:
        """How the program calls an intermediate value."""
        return f"{self.words[kind]}{layer}"

    def kinds(self) -> list[str]:
        """The parameters of a layer."""
        return ["W", "b"] if self.r.bias else ["W"]

    def emit(self, indent: int, *lines: str) -> None:
        """Add lines."""
        self.lines += [("    " * indent + line) if line else "" for line in lines]

    def data(self) -> None:
        """Inputs and targets."""
        r, w = self.r, self.words
        n, d, k = r.samples, r.sizes[0], r.sizes[-1]
        self.emit(0, f"rng = np.random.default_rng({r.seed % 97})", f"{w['X']} = rng.normal(size=({n}, {d}))")
        mix = f"{w['X']} @ rng.normal(size=({d}, {k}))"
        if r.loss == "ce":
            self.emit(0, f"{w['Y']} = np.eye({k})[np.argmax({mix}, axis=1)]")
        elif r.loss == "bce":
            self.emit(0, f"{w['Y']} = ({mix} > 0).astype(float)")
        else:
            self.emit(0, f"{w['Y']} = 0.5 + 0.4 * np.sin({mix})")
        if not r.rows:
            self.emit(0, f"{w['X']}, {w['Y']} = {w['X']}.T.copy(), {w['Y']}.T.copy()")
        if r.single:
            self.emit(0, *(f"{w[v]} = {w[v]}.astype(np.float32)" for v in "XY"))

    def _initial(self, kind: str, layer: int) -> str:
        m, n = self.r.sizes[layer - 1 : layer + 1]
        if kind[-1] == "W":
            shape = f"({m}, {n})" if self.r.rows else f"({n}, {m})"
            new = f"rng.normal(size={shape}) * {round(1.2 / m**0.5, 2)}"
        else:
            shape = f"(1, {n})" if self.r.rows else f"({n}, 1)"
            new = f"rng.normal(size={shape}) * 0.1"
        if kind[0] == "v":
            return f"np.zeros({shape}{', dtype=np.float32' if self.r.single else ''})"
        return f"({new}).astype(np.float32)" if self.r.single else new

    def parameters(self, indent: int) -> None:
        """The initialisation of everything that is learned."""
        kinds = self.kinds() + (["v" + k for k in self.kinds()] if self.r.update == "momentum" else [])
        if self.r.store == "dict":
            self.emit(indent, f"{self.own}{self.words['params']} = {{}}")
        for kind in kinds:
            if self.r.store == "list":
                name = self.ref(kind, 1)[: -len("[0]")]
                parts = ", ".join(self._initial(kind, i) for i in range(1, self.depth + 1))
                self.emit(indent, f"{name} = [{parts}]")
            else:
                for i in range(1, self.depth + 1):
                    self.emit(indent, f"{self.ref(kind, i)} = {self._initial(kind, i)}")

    def theta(self) -> str:
        """The parameters, in the order of `claims`."""
        return ",".join(self.ref(k, i) for i in range(1, self.depth + 1) for k in self.kinds())

    def forward(self, indent: int, source: str) -> None:
        """The forward pass."""
        for i in range(1, self.depth + 1):
            previous = source if i == 1 else self.value("A", i - 1)
            product = f"{previous} @ {self.ref('W', i)}" if self.r.rows else f"{self.ref('W', i)} @ {previous}"
            bias = f" + {self.ref('b', i)}" if self.r.bias else ""
            silent = "" if self.r.shows_loss else " ; silent"
            mark = f"  #@ theta {self.theta()}{silent}" if i == 1 else ""
            self.emit(indent, f"{self.value('Z', i)} = {product}{bias}{mark}")
            name = self.r.activation if i < self.depth else self.r.head
            z = self.value("Z", i)
            self.emit(indent, f"{self.value('A', i)} = {z if name == 'linear' else f'{self.words[name]}({z})'}")

    def _losses(self, target: str) -> tuple[str, str]:
        """The loss, and the factor of `output - target` in its gradient."""
        out = self.value("A", self.depth)
        count = f"{target}.shape[{0 if self.r.rows else 1}]"
        forms = {
            "mse": (f"np.mean(({out} - {target}) ** 2)", f"2 * {{}} / {target}.size"),
            "half-mean": (f"np.sum(({out} - {target}) ** 2) / (2 * {count})", f"{{}} / {count}"),
            "half-sum": (f"0.5 * np.sum(({out} - {target}) ** 2)", "{}"),
            "bce": (
                f"-np.sum({target} * np.log({out}) + (1 - {target}) * np.log(1 - {out})) / {count}",
                f"{{}} / {count}",
            ),
            "ce": (f"-np.sum({target} * np.log({out})) / {count}", f"{{}} / {count}"),
        }
        return forms[self.r.loss]

    def _slope(self, name: str, layer: int) -> str:
        slope = ACTIVATIONS[name]
        a, z = self.value("A", layer), self.value("Z", layer)
        use_output = self.r.from_output or "{z}" not in slope.of_input
        if self.r.inline:
            return (slope.of_output if use_output and slope.of_output else slope.of_input).format(a=a, z=z)
        argument = a if use_output and slope.of_output else z
        return f"{self.words[name]}{self.words['prime']}({argument})"

    def backward(self, indent: int, source: str, target: str) -> None:
        """The backward pass."""
        r, n = self.r, self.depth
        loss, factor = self._losses(target)
        if r.shows_loss:
            self.emit(indent, f"{self.words['loss']} = {loss}")
        out = self.value("A", n)
        error = f"({target} - {out})" if r.reversed else f"({out} - {target})"
        start = HEADS[r.head] if r.loss in ("mse", "half-mean", "half-sum") else ""
        slope = f" * {self._slope(start, n)}" if start else ""
        text = factor.format(error) + slope
        text = text[1:-1] if text == error else text
        hints = [f"loss {loss}", *self._output_hints(start, slope, out)]
        self.emit(indent, f"{self.value('D', n)} = {text}  #@ {' ; '.join(hints)}")
        for i in range(n, 0, -1):
            if r.named:
                last = f"  #@ grad {self.claims()}" if i == 1 else ""
                self._gradients(indent, i, source, last)
            if i > 1:
                d, w = self.value("D", i), self.ref("W", i)
                back = f"({d} @ {w}.T)" if r.rows else f"({w}.T @ {d})"
                slope = self._slope(r.activation, i - 1)
                hints = f"{self._act_hint(r.activation, slope, i - 1)} ; err w={w}.T"
                self.emit(indent, f"{self.value('D', i - 1)} = {back} * {slope}  #@ {hints}")

    def _act_hint(self, name: str, slope: str, layer: int) -> str:
        kind = name if name in ("sigmoid", "tanh", "relu", "leaky") else "smooth"
        a, z = self.value("A", layer), self.value("Z", layer)
        return f"act f={kind} d={slope.replace(' ', '')} a={a} z={z}"

    def _output_hints(self, start: str, slope: str, out: str) -> list[str]:
        hints = []
        if start:
            hints.append(self._act_hint(start, slope.removeprefix(" * "), self.depth) + " out=1")
        if self.r.loss in ("bce", "ce"):
            hints.append(f"delta out={out}")
        return hints

    def claims(self) -> str:
        """The gradients, in the order of `theta`."""
        sign = "-" if self.r.reversed else ""
        return ",".join(f"{sign}d{self.value(k, i)}" for i in range(1, self.depth + 1) for k in self.kinds())

    def _gradient(self, kind: str, layer: int, source: str) -> str:
        d = self.value("D", layer)
        if kind == "b":
            return f"{d}.sum(axis={0 if self.r.rows else 1}, keepdims=True)"
        previous = source if layer == 1 else self.value("A", layer - 1)
        return f"{previous}.T @ {d}" if self.r.rows else f"{d} @ {previous}.T"

    def _gradients(self, indent: int, layer: int, source: str, last: str) -> None:
        for kind in self.kinds():
            mark = last if kind == self.kinds()[-1] else ""
            hint = "bg" if kind == "b" else self._weight_hint(layer)
            mark = f"{mark} ; {hint}" if mark and hint else mark or (f"  #@ {hint}" if hint else "")
            self.emit(indent, f"d{self.value(kind, layer)} = {self._gradient(kind, layer, source)}{mark}")

    def _weight_hint(self, layer: int) -> str:
        if layer == 1:
            return ""
        return f"wg x={self.value('A', layer - 1)} bad={self.value('Z', layer - 1)}"

    def updates(self, indent: int, source: str) -> None:
        """One step of every parameter."""
        rate = self.words["rate"]
        todo = [(i, k) for i in range(1, self.depth + 1) for k in self.kinds()]
        for i, kind in todo:
            p, g = self.ref(kind, i), f"d{self.value(kind, i)}"
            if not self.r.named:
                g = self._gradient(kind, i, source)
                g = f"({g})" if " @ " in g else g
            velocity = self.ref("v" + kind, i) if self.r.update == "momentum" else ""
            forms = {
                "inplace": [f"{p} -= {rate} * {g}"],
                "rebind": [f"{p} = {p} - {rate} * {g}"],
                "negative": [f"{p} += -{rate} * {g}"],
                "plus": [f"{p} += {rate} * {g}"],
                "momentum": [f"{velocity} = 0.8 * {velocity} - {rate} * {g}", f"{p} += {velocity}"],
            }
            lines = forms[self.r.update]
            lines[-1] += "  #@ upd" + (" ; bg" if kind == "b" and not self.r.named else "")
            if (i, kind) == todo[-1] and not self.r.named:
                lines[-1] += f" ; implied {rate}"
            self.emit(indent, *lines)

    def loop(self, indent: int) -> None:
        """The training loop."""
        r, w = self.r, self.words
        summed = r.loss == "half-sum" and not r.online
        # What is kept of the steps before makes each five times as long.
        longer = 5 if r.update == "momentum" else 1
        self.emit(indent, f"{w['rate']} = {(0.3 / r.samples if summed else 0.05) / longer:.3g}")
        epochs = 30 if r.online else 200
        self.emit(indent, f"for {w['epoch']} in range({epochs}):")
        deeper, source, target = indent + 1, w["X"], w["Y"]
        if r.online:
            deeper, source, target = indent + 2, w["X"].lower() + "_i", w["Y"].lower() + "_i"
            cut = "[i:i + 1]" if r.rows else "[:, i:i + 1]"
            self.emit(indent + 1, f"for i in range({w['X']}.shape[{0 if r.rows else 1}]):")
            self.emit(deeper, f"{source}, {target} = {w['X']}{cut}, {w['Y']}{cut}")
        self.forward(deeper, source)
        self.backward(deeper, source, target)
        self.updates(deeper, source)
        shown = w["loss"] if r.shows_loss else f"np.abs({self.value('A', self.depth)} - {target}).mean()"
        self.emit(indent + 1, f"if {w['epoch']} % 50 == 0:", f"    print({w['epoch']}, {shown})")

    def program(self) -> str:
        """The whole program, with hints."""
        r, w = self.r, self.words
        self.emit(0, w["title"], "import numpy as np", "", "")
        self.emit(0, *helpers({r.activation, r.head} if self.depth > 1 else {r.head}, w, r.rows, r.from_output))
        self.data()
        if r.shell == "class":
            self.emit(0, "", "", f"class {w['class']}:", "    def __init__(self):")
            self.parameters(2)
            self.emit(0, "", f"    def {w['train']}(self, {w['X']}, {w['Y']}):")
            self.loop(2)
            self.emit(0, "", "", f"{w['class']}().{w['train']}({w['X']}, {w['Y']})")
        elif r.shell == "function":
            self.emit(0, "", "", f"def {w['train']}({w['X']}, {w['Y']}):")
            self.parameters(1)
            self.loop(1)
            self.emit(0, "", "", 'if __name__ == "__main__":', f"    {w['train']}({w['X']}, {w['Y']})")
        else:
            self.parameters(0)
            self.loop(0)
        return "\n".join(self.lines) + "\n"


def program(seed: int) -> Network:
    """A healthy network from a seed."""
    text = Writer(recipe(seed)).program()
    return Network(f"generated-{seed}", strip(text), parse(text))
