"""Processor time and memory of one piece of work in a process of its own, and tables of the results."""

import json
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path


def apart(module: str, name: str, *args: str) -> dict:
    """What `module`'s function `name` printed as JSON in a fresh process, and that process's peak memory in MiB."""
    done = subprocess.run([sys.executable, "-m", module, name, *args], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def report(**values) -> None:
    """The other end of `apart`: called in the fresh process. (ru_maxrss would remember the parent before exec.)"""
    status = Path("/proc/self/status").read_text()
    peak = next(int(row.split()[1]) / 1024 for row in status.splitlines() if row.startswith("VmHWM"))
    print(json.dumps(values | {"peak": peak}))


def cpu(work, times: int = 5, whose: int = resource.RUSAGE_SELF) -> float:
    """The median of the processor seconds of doing it; done once before, so that it is warm."""
    work()
    taken = []
    for _ in range(times):
        before = resource.getrusage(whose)
        work()
        after = resource.getrusage(whose)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(taken)


def of_process(pid: int) -> float:
    """Processor seconds a process and its living children have used so far (Linux)."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0.0
    for member in [pid, *descendants(pid)]:
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rsplit(")", 1)[1].split()
            total += (int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14])) / ticks
        except OSError:
            continue
    return total


def memory_of(pid: int) -> float:
    """MiB that a process and its living children hold, shared pages counted once (Linux, Pss)."""
    total = 0
    for member in [pid, *descendants(pid)]:
        try:
            rows = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
            total += next(int(row.split()[1]) for row in rows if row.startswith("Pss:"))
        except (OSError, StopIteration):
            continue
    return total / 1024


def descendants(pid: int) -> list[int]:
    """All living processes below this one, whichever of its threads started them."""
    children = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children += [int(child) for child in listed.read_text().split()]
        except OSError:
            continue
    return children + [below for child in children for below in descendants(child)]


def line(what: str, value: str, ratio: float | None = None, goal: float | None = None) -> None:
    """One line of a table: what, the figure, its ratio to the baseline, and the goal for that ratio."""
    against = "" if ratio is None else f"{ratio:8.3f} x"
    wanted = "" if goal is None else f"   goal <= {goal} {'reached' if ratio <= goal else 'NOT reached'}"
    print(f"{what:58s} {value:>16s}{against}{wanted}")
