"""Names and helper functions for generated networks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Activation:
    """A function of z and its derivative, from the output where that is possible and from the input."""

    forward: str
    of_output: str
    of_input: str


ACTIVATIONS = {
    "sigmoid": Activation("1 / (1 + np.exp(-z))", "{a} * (1 - {a})",
                          "(np.exp(-{z}) / (1 + np.exp(-{z})) ** 2)"),
    "tanh": Activation("np.tanh(z)", "(1 - {a} ** 2)", "(1 - np.tanh({z}) ** 2)"),
    "relu": Activation("np.maximum(z, 0)", "({a} > 0)", "({z} > 0)"),
    "leaky": Activation("np.where(z > 0, z, 0.1 * z)", "", "np.where({z} > 0, 1, 0.1)"),
    "elu": Activation("np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1)", "",
                      "np.where({z} > 0, 1, np.exp(np.minimum({z}, 0)))"),
    "softplus": Activation("np.log1p(np.exp(z))", "", "(1 / (1 + np.exp(-{z})))"),
    "swish": Activation("z / (1 + np.exp(-z))", "",
                        "((1 + np.exp(-{z}) * (1 + {z})) / (1 + np.exp(-{z})) ** 2)"),
}  # fmt: skip

HEADS = {"sigmoid": "sigmoid", "tanh": "tanh", "linear": "", "softmax": ""}

_FUNCTIONS = {name: name for name in ACTIVATIONS} | {"softmax": "softmax", "prime": "_prime"}


def _words(**own: str) -> dict[str, str]:
    plain = {"W": "W", "b": "b", "Z": "z", "A": "a", "D": "delta", "X": "X", "Y": "Y", "params": "params",
             "loss": "loss", "rate": "lr", "epoch": "epoch", "class": "Network", "train": "train",
             "title": "# a small network"}  # fmt: skip
    return _FUNCTIONS | plain | own


WORDS = {
    "english": _words(prime="_derivative"),
    "terse": _words(W="w", D="d", A="h", Z="s", X="inputs", Y="targets", rate="eta", prime="_grad"),
    "portuguese": _words(
        W="pesos", b="vies", Z="soma", A="saida", D="erro", X="entradas", Y="alvos", params="parametros",
        loss="custo", rate="taxa", epoch="epoca", sigmoid="sigmoide", tanh="tangente", prime="_derivada",
        **{"class": "Rede"}, train="treinar", title="# uma rede pequena",
    ),
    "spanish": _words(
        W="pesos", b="sesgo", Z="suma", A="salida", D="delta", X="datos", Y="objetivo", params="parametros",
        loss="perdida", rate="tasa", epoch="epoca", sigmoid="sigmoide", prime="_derivada",
        **{"class": "Red"}, train="entrenar", title="# una red pequeña",
    ),
    "german": _words(
        W="gewichte", b="schwelle", Z="netz", A="ausgabe", D="fehler", X="eingaben", Y="ziele",
        params="parameter", loss="verlust", rate="lernrate", epoch="durchlauf", prime="_ableitung",
        **{"class": "Netz"}, train="trainiere", title="# ein kleines Netz",
    ),
    "chinese": _words(
        W="权重", b="偏置", Z="净输入", A="输出", D="误差", X="数据", Y="标签", params="参数", loss="损失",
        rate="学习率", epoch="轮次", prime="_导数", **{"class": "网络"}, train="训练", title="# 一个小网络",
    ),
    "russian": _words(
        W="веса", b="смещение", Z="сумма", A="выход", D="дельта", X="данные", Y="ответы", params="параметры",
        loss="ошибка", rate="скорость", epoch="эпоха", sigmoid="сигмоида", prime="_производная",
        **{"class": "Сеть"}, train="обучить", title="# маленькая сеть",
    ),
}  # fmt: skip


def _softmax(name: str, axis: int) -> list[str]:
    return [
        f"def {name}(z):",
        f"    e = np.exp(z - z.max(axis={axis}, keepdims=True))",
        f"    return e / e.sum(axis={axis}, keepdims=True)",
        "",
        "",
    ]


def helpers(wanted: set[str], words: dict[str, str], rows: bool, from_output: bool) -> list[str]:
    """The definitions of activations and their derivatives."""
    lines: list[str] = []
    for name in sorted(wanted - {"linear"}):
        if name == "softmax":
            lines += _softmax(words[name], 1 if rows else 0)
            continue
        kind = ACTIVATIONS[name]
        lines += [f"def {words[name]}(z):", f"    return {kind.forward}", "", ""]
        by_output = from_output and kind.of_output
        slope = kind.of_output.format(a="y") if by_output else kind.of_input.format(z="z")
        lines += [
            f"def {words[name]}{words['prime']}({'y' if by_output else 'z'}):",
            f"    return {slope}",
            "",
            "",
        ]
    return lines
