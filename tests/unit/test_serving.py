"""The process beside the web: started again whenever it dies, ended with the one that serves."""

import os
import subprocess
import sys
import tempfile
import time

from audit_app import serving

FORKS = """
import os, threading
from audit_app.serving import Hand

hand = Hand()
done = threading.Event()

def fork():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    done.set()

hand.starting.acquire()  # as while Popen waits for the worker to have started
threading.Thread(target=fork, daemon=True).start()
print(done.wait(0.5))
hand.starting.release()
print(done.wait(20))
"""


def test_no_web_process_is_forked_while_the_worker_is_being_started():
    """It would hold the pipe that says that the worker has started, and nobody would start one again."""
    told = subprocess.run([sys.executable, "-c", FORKS], capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout.split() == ["False", "True"]

FOLLOWS = """
import os, signal
from audit_app.actions import jobs

held, given = os.pipe()
parent = os.fork()
if parent == 0:
    os.register_at_fork(after_in_child=jobs._end_with_parent)
    if os.fork() == 0:
        signal.alarm(40)
        os.write(given, b".")
        signal.pause()
    os.close(given)
    signal.pause()
os.close(given)
os.read(held, 1)
os.kill(parent, signal.SIGKILL)
os.waitpid(parent, 0)
print(os.read(held, 1))  # nothing more to come: whoever held the other end is gone
"""


def test_a_worker_whose_parent_was_killed_does_not_work_on():
    told = subprocess.run([sys.executable, "-c", FOLLOWS], capture_output=True, text=True, timeout=20, check=True)
    assert told.stdout.split() == ["b''"]


def test_temporary_files_lie_in_the_data_folder_and_what_was_left_there_goes(tmp_path, monkeypatch):
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", None)
    folder = tmp_path / "tmp"
    for name, age in (("old", 2 * serving.DAY), ("new", 60)):
        (folder / name).mkdir(parents=True)
        os.utime(folder / name, (time.time() - age,) * 2)
    serving.scratch(tmp_path)
    assert [left.name for left in folder.iterdir()] == ["new"]
    with tempfile.NamedTemporaryFile() as file:
        assert file.name.startswith(f"{folder}/")
    monkeypatch.setattr(tempfile, "tempdir", None)
    serving.scratch(tmp_path / "other")
    assert tempfile.gettempdir() == str(folder), "what the environment says stands"
