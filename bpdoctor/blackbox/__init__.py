"""Checks of functions without their source: a loss and its gradient, a layer, a derivative."""
