"""Gradients written by hand for other frameworks, each in a process of its own.

These frameworks keep threads and hundreds of megabytes, which every fork of a process that has imported them copies.
"""
