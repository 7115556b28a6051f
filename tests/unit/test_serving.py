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


WORKS = """
import logging, os, sys
from types import SimpleNamespace
from audit_app.actions import jobs
from audit_app.records import migrations, models
from audit_app.records.db import Database

folder, said, go_on = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
logging.basicConfig(level=logging.INFO, stream=sys.stderr)
database, queue = Database(f"sqlite:///{folder}/audit.db"), jobs.Queue(f"sqlite:///{folder}/queue.db")
migrations.upgrade(database)

@jobs.handler("slow")
def slow(tools, job, progress):
    os.write(said, b"begun")
    os.read(go_on, 1)
    os.write(said, b"ended")

database.send = queue.send
with database.transaction() as db:
    jobs.submit(db, "slow", key="slow")
database.engine.dispose()
queue.work(SimpleNamespace(database=database), workers=1)
"""


def test_a_worker_that_is_asked_to_end_ends_its_work_first(tmp_path):
    """A new version, a restarted machine: nobody's paper is begun anew for it."""
    (heard, said), (go_on, go) = os.pipe(), os.pipe()
    with subprocess.Popen([sys.executable, "-c", WORKS, str(tmp_path), str(said), str(go_on)], pass_fds=(said, go_on),
                          stderr=subprocess.PIPE, text=True) as worker:
        os.close(said)
        os.close(go_on)
        assert os.read(heard, 5) == b"begun"
        worker.terminate()
        assert any("Shutting down" in line for line in worker.stderr)
        os.write(go, b".")
        assert os.read(heard, 5) == b"ended"
        worker.stderr.read()
    assert worker.returncode == 0
    os.close(heard)
    os.close(go)


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
