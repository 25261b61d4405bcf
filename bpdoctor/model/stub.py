"""What stands for data that a program reads and that is not there."""

from __future__ import annotations

from bpdoctor.model.record import record


@record
class Stub:
    """Synthetic data in place of a file, or of one array of an archive.

    Attributes
    ----------
    name : str
        The file as the program names it; ``file:key`` for an array of an archive.
    shape : tuple of int
        Of the array, or rows and columns of a table.
    samples : int
        The axis along which the samples lie.
    classes : int
        Labels below this number instead of real numbers; 0 for real numbers.
    label : int or None
        The column of a table that holds labels.
    top : float
        The largest of the real numbers: 255 for bytes of a picture.
    header : tuple of str
        Names of the columns, in a first line of the table.
    """

    name: str
    shape: tuple[int, ...]
    samples: int = 0
    classes: int = 0
    label: int | None = None
    top: float = 1.0
    header: tuple[str, ...] = ()

    def told(self) -> str:
        """One sentence for a report."""
        size = " x ".join(map(str, self.shape))
        classes = f"labels 0 to {self.classes - 1}"
        numbers = f"numbers from 0 to {self.top:g}"
        if self.label is not None:
            what = f"{numbers}, in column {self.label + 1} {classes}"
        else:
            what = classes if self.classes else numbers
        return f"`{self.name}` is not there; synthetic data stands for it: {size}, {what}"
