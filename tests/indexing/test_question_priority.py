"""A sync in the background gives way to questions."""

from __future__ import annotations

import threading
import time

import pytest

from ragtree.indexing import question_priority
from ragtree.indexing.question_priority import QuestionPriority
from ragtree.types import Progress

STEP = Progress("embed", 1, 2)
PATIENCE = 60


def test_a_sync_waits_until_no_question_is_answered():
    priority = QuestionPriority()
    done = threading.Event()
    step = priority.waiting_for_questions(lambda _: None)
    step(STEP)

    def sync():
        step(STEP)
        done.set()

    with priority.answering():
        with priority.answering():
            threading.Thread(target=sync, daemon=True).start()
        assert not done.wait(0.3)
    assert done.wait(PATIENCE)


def test_it_can_be_ended_while_it_waits():
    priority = QuestionPriority()
    calls = []

    def progress(step):
        calls.append(step)
        if len(calls) == 2:
            raise KeyboardInterrupt

    with priority.answering(), pytest.raises(KeyboardInterrupt):
        priority.waiting_for_questions(progress)(STEP)


def test_it_does_not_wait_while_the_mirrors_are_behind():
    priority = QuestionPriority()
    with priority.answering():
        priority.waiting_for_questions(lambda _: None)(Progress("store", 1, 2))


def test_an_answer_that_was_left_half_read_does_not_hold_it_up(monkeypatch):
    monkeypatch.setattr(question_priority, "_LONGEST", 0.1)
    priority = QuestionPriority()
    begun = time.monotonic()
    with priority.answering():
        priority.waiting_for_questions(lambda _: None)(STEP)
    assert time.monotonic() - begun < PATIENCE


def test_questions_without_a_pause_do_not_hold_it_up_for_ever(monkeypatch):
    monkeypatch.setattr(question_priority, "_LONGEST", 0.5)
    priority = QuestionPriority()
    ended = threading.Event()

    def ask(begins: threading.Event):
        while not ended.is_set():
            with priority.answering():
                begins.set()
                time.sleep(0.1)

    begun = [threading.Event(), threading.Event()]
    for one in begun:
        threading.Thread(target=ask, args=(one,), daemon=True).start()
        assert one.wait(PATIENCE)
        time.sleep(0.05)  # so that they overlap
    try:
        sync = threading.Thread(target=lambda: [priority.waiting_for_questions(lambda _: None)(STEP)], daemon=True)
        sync.start()
        sync.join(PATIENCE)
        assert not sync.is_alive()
    finally:
        ended.set()
