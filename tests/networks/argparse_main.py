#!/usr/bin/env python
import argparse

import numpy as np


def initialise(sizes, rng):
    return [(rng.normal(0, np.sqrt(1 / i), (i, o)), np.zeros(o)) for i, o in zip(sizes, sizes[1:])]  #@ init


def forward(layers, x):
    values = [x]
    for k, (w, b) in enumerate(layers):
        x = x @ w + b
        if k + 1 < len(layers):
            x = np.tanh(x)
        values.append(x)
    return values


def train(args):
    rng = np.random.default_rng(args.seed)
    x = rng.uniform(-1, 1, (args.samples, 2))
    y = (x ** 2).sum(axis=1, keepdims=True)
    layers = initialise([2, *args.hidden, 1], rng)
    for epoch in range(args.epochs):
        values = forward(layers, x)  #@ theta layers
        loss = np.mean((values[-1] - y) ** 2)  #@ loss loss
        delta = 2 * (values[-1] - y) / len(x)  #@ scale n=len(x) u=1 ; swap slug=gradient-ascent old=values[-1]-y new=y-values[-1]
        grads = []
        for k in reversed(range(len(layers))):
            w, _ = layers[k]
            grads.append((values[k].T @ delta, delta.sum(axis=0)))  #@ bg
            delta = (delta @ w.T) * (1 - values[k] ** 2)  #@ act f=tanh d=(1-values[k]**2) a=values[k] ; err w=w.T
        grads.reverse()  #@ grad grads
        layers = [(w - args.lr * gw, b - args.lr * gb) for (w, b), (gw, gb) in zip(layers, grads)]  #@ swap slug=gradient-ascent old=w-args.lr*gw new=w+args.lr*gw ; swap slug=gradient-ascent old=b-args.lr*gb new=b+args.lr*gb ; swap slug=parameter-never-updated old=b-args.lr*gb new=b ; swap slug=parameter-never-updated old=w-args.lr*gw new=w ; swap slug=bias-update old=b-args.lr*gb new=b-args.lr*b
        if epoch % 100 == 0:
            print(f"epoch {epoch:4d}  loss {loss:.5f}")
    return loss


def main():
    parser = argparse.ArgumentParser(description="fit x^2 + y^2")
    parser.add_argument("--hidden", type=int, nargs="*", default=[6, 6])
    parser.add_argument("--epochs", type=int, default=400)
    parser.add_argument("--samples", type=int, default=64)
    parser.add_argument("--lr", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=7)
    print("final loss", train(parser.parse_args()))


if __name__ == "__main__":
    main()
