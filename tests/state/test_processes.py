"""Which process is the one that a row was written by."""

import dataclasses
import os
import subprocess
import sys
import time

from localswarm.state.processes import _ask_psutil, look, started_in_stat, this_process

LINE = "4242 (a (strange) name) {} 1 4242 4242 0 -1 4194304 100 0 0 0 5 1 0 0 20 0 4 0 123456 1000 200 18446744073709"


def test_the_start_of_a_process_with_a_strange_name() -> None:
    assert started_in_stat(LINE.format("S"), 100) == 1234.56


def test_a_process_that_waits_to_be_buried_is_none() -> None:
    assert started_in_stat(LINE.format("Z"), 100) is None


def test_this_process_lives_and_is_told_from_one_that_had_its_number() -> None:
    me = this_process()
    assert me.pid == os.getpid() and me.alive()
    assert not dataclasses.replace(me, started=me.started - 10).alive()
    assert not dataclasses.replace(me, boot=me.boot + "x").alive()


def test_where_there_is_no_proc() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = _ask_psutil(child.pid)
    assert process and process.pid == child.pid and abs(process.started - time.time()) < 60
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert _ask_psutil(child.pid) is None
    child.communicate()
    assert _ask_psutil(child.pid) is None


def test_another_process_until_it_ends() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = look(child.pid)
    assert process and process.alive() and process.started >= this_process().started
    child.communicate()
    assert not process.alive()
