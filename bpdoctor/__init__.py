"""Finds, explains and repairs bugs in hand-written backpropagation. Importing it imports nothing else."""

__version__ = "0.1.0"
