"""What a check costs, beside what the project allows: `python -m tests.benchmarks [a|b|c]`."""
