"""Measurements on demand: `.venv/bin/python -m tests.bench.paper`; ratios within one run, no asserted times."""
