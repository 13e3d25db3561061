"""Where a text says who or what something is."""

from __future__ import annotations

import pytest

from ragtree.text.definitions import introduces


@pytest.mark.parametrize(
    ("text", "name", "does"),
    [
        ("Captain Brock, harbour-master, attends.", "Captain Brock", True),
        ("Kept by Captain T. Brock, harbour-master.", "Captain Brock", True),
        ("Ownership is a set of rules.", "ownership", True),
        ("_Ownership_ is a set of rules.", "ownership", True),
        ("Der Wellenbrecher ist ein Damm.", "Wellenbrecher", True),
        ("Un trait est une définition.", "trait", True),
        ("Demurrage means a charge.", "demurrage", True),
        ("Captain Brock was asked to remove them.", "Captain Brock", False),
        ("Captain Brock, Captain Ferrand and the Clerk", "Captain Brock", False),
        ("He met Captain Brockley, a farmer.", "Captain Brock", False),
        ("anything", "", False),
        ("a (b) [c", "(", False),
    ],
)
def test_a_name_with_what_it_is(text, name, does):
    assert introduces(text, name) is does
