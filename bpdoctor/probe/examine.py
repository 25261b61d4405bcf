"""Everything that a module defines, examined in the order of the file."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from bpdoctor.probe.asked import examine_asked, find_asked
from bpdoctor.probe.derivatives import examine_derivative, find_derivatives
from bpdoctor.probe.engines import built_from, examine_engine, find_engines
from bpdoctor.probe.examined import Examined
from bpdoctor.probe.layers import examine_layer, find_layers, takes_error
from bpdoctor.probe.losses import examine_loss, find_losses
from bpdoctor.probe.module import Module
from bpdoctor.probe.networks import examine_network, find_networks
from bpdoctor.probe.outer import examine_outer, find_outer
from bpdoctor.probe.pairs import examine_pair, find_pairs
from bpdoctor.probe.trainers import examine_trainer, find_trainers


def examine_module(module: Module) -> list[Examined]:
    """Find what can be examined and examine it once, under the narrowest description that fits."""
    out: list[Examined] = []
    done: set[str] = set()
    for graph in find_engines(module):
        out += _primitives_first(examine_engine(module, graph), module)
        done.add(graph.name)
    layered = {layer.name: layer for layer in find_layers(module)}
    told = {name for name, layer in layered.items() if takes_error(layer)}
    for network in find_networks(module):
        if network.name in done:
            continue
        examined = examine_network(module, network)
        if examined.outcome != "unclear" or network.train:
            layer = layered[network.name] if network.name in told else None
            out.append(replace(examined, otherwise=examine_layer(module, layer)[0]) if layer is not None else examined)
            done.add(network.name)
    for name, examine in _by_themselves(module).items():
        if name not in done:
            out.append(examine())
            done.add(name)
    for loss in find_losses(module):
        if loss.owner in done:
            continue
        out += examine_loss(module, loss)
        done |= {loss.name, loss.owner} - {""}
    for fore, back in find_pairs(module):
        if back not in done:
            out += examine_pair(module, fore, back)
            done.add(back)
    layers = {e.name.split(".")[0] for e in out if e.kind != "network"}
    for layer in layered.values():
        if layer.name not in done:
            out += examine_layer(module, layer)
            done |= {f"{layer.name}.{layer.backward}", layer.name}
            layers.add(layer.name)
    for pair in find_derivatives(module):
        if pair.name not in done and pair.name.split(".")[0] not in layers:
            out.append(examine_derivative(module, pair))
    return sorted(_one_sign(out), key=lambda e: e.line)


def _by_themselves(module: Module) -> dict[str, Callable[[], Examined]]:
    """Functions that go forward and back in one call: with the program's own data, training, or on its arrays."""
    outer = {f.name: partial(examine_outer, module, f) for f in find_outer(module)}
    trainers = {name: partial(examine_trainer, module, name) for name in find_trainers(module)}
    return {**outer, **trainers, **{f.name: partial(examine_asked, module, f) for f in find_asked(module)}}


def _one_sign(examined: list[Examined]) -> list[Examined]:
    """A loss whose gradient has the other sign than the file's other losses is wrong; a file may choose either."""
    losses = [e for e in examined if e.kind == "loss" and e.outcome == "right"]
    against = [e for e in losses if any(c.status == "scaled" and c.scale < 0 for c in e.compared)]
    if not against or len(against) * 2 >= len(losses):
        return examined
    return [replace(e, outcome="wrong") if e in against else e for e in examined]


def _primitives_first(examined: list[Examined], module: Module) -> list[Examined]:
    """Where an operator is wrong by itself, what is built from it says nothing more; the sweep is blamed once."""
    closed = [e for e in examined if e.outcome == "wrong" and "," not in e.name and _has_closure(module, e.line)]
    derived = [e for e in examined if e.outcome == "wrong" and e not in closed]
    shared = [e for e in derived if "," in e.name]
    broken = {e.name.rpartition(".")[2] for e in closed}
    # Of operators that are right by themselves, a node that is used twice is another matter than a wrong function.
    blamed = [e for e in shared if not built_from(e.name) & broken] if closed else shared or derived
    silent = [e for e in derived if e not in blamed[:1]]
    why = "built from operations that are reported"
    return [replace(e, outcome="unclear", reason=why) if e in silent else e for e in examined]


def _has_closure(module: Module, line: int) -> bool:
    nodes = [n for n in module.definitions.values() if n.lineno == line]
    return any(isinstance(n, ast.FunctionDef) for node in nodes for s in node.body for n in ast.walk(s))
