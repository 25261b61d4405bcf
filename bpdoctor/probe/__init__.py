"""Examine what a module only defines: find layers, cells, losses and derivatives, call them, compare.

A *probe* is a small program in pieces of text (setup, forward, cotangent, backward). The same text is
evaluated here, against central differences, and given to the recording engine as a driver.
"""
