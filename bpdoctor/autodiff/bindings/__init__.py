"""How the spellings of Python, NumPy and SciPy map to the table, one file for each of them."""
