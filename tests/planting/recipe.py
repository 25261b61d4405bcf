"""The random choices behind a generated network."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.planting.vocabulary import ACTIVATIONS, WORDS


@dataclass(frozen=True)
class Recipe:
    """All that is random about a program."""

    seed: int
    sizes: tuple[int, ...]
    activation: str
    head: str
    loss: str
    store: str
    shell: str
    update: str
    language: str
    rows: bool
    online: bool
    single: bool
    from_output: bool
    inline: bool
    shows_loss: bool
    bias: bool
    named: bool
    samples: int

    @property
    def reversed(self) -> bool:
        """Whether the error is target minus output and the update adds."""
        return self.update == "plus"


def recipe(seed: int) -> Recipe:
    """A recipe from a seed."""
    rnd = random.Random(f"network {seed}")
    loss = rnd.choice(["mse", "half-mean", "half-sum", "bce", "ce"])
    head = {"bce": "sigmoid", "ce": "softmax"}.get(loss) or rnd.choice(["linear", "linear", "sigmoid", "tanh"])
    depth = rnd.randint(1, 4)
    outputs = rnd.randint(2, 4) if loss == "ce" else rnd.randint(1, 3)
    sizes = (rnd.randint(2, 4), *(rnd.randint(3, 8) for _ in range(depth - 1)), outputs)
    activation = rnd.choice(sorted(ACTIVATIONS))
    online = rnd.random() < 0.25
    update = rnd.choice(["inplace", "rebind", "negative", "plus", "momentum"])
    return Recipe(
        seed=seed,
        sizes=sizes,
        activation=activation,
        head=head,
        loss=loss,
        store=rnd.choice(["names", "dict", "list"]),
        shell=rnd.choice(["script", "function", "class"]),
        update=update,
        language=rnd.choice(sorted(WORDS)),
        rows=rnd.random() < 0.6,
        online=online,
        single=rnd.random() < 0.1,
        from_output=rnd.random() < 0.5 and activation in ("sigmoid", "tanh", "relu"),
        inline=rnd.random() < 0.3,
        shows_loss=rnd.random() < 0.7 or loss == "half-mean",
        bias=rnd.random() < 0.85,
        named=rnd.random() < 0.6 or update == "momentum",
        samples=rnd.randint(12, 40),
    )
