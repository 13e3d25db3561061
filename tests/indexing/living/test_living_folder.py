"""Random changes of a folder, one after the other: the tree stays sound, and follows for little."""

from __future__ import annotations

from folder_machine import FolderMachine, Spent
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test


def test_a_tree_follows_whatever_happens_to_its_folder() -> None:
    class Machine(FolderMachine):
        spent = Spent()
        subjects = "[a-l]*"

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=3,
            stateful_step_count=6,
            deadline=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Machine.spent.steps > 8
    assert Machine.spent.share < 0.3  # of so few steps; tests/benchmarks/test_living.py does a thousand
