"""Words that refer to what was said before, by language; the English ones are in the modules that use them."""

from __future__ import annotations

PRONOUNS = {
    code: frozenset(pointing.split())
    for code, pointing in {
        "de": "er ihn ihm sein seine seinen seinem seiner sie ihr ihre ihren ihrem ihrer es dieser diese dieses diesem "
        "diesen jener jene damit dafür davon darin daran darüber danach dabei dazu dort denen deren dessen",
        "fr": "il elle ils elles lui leur leurs son sa ses celui celle ceux celles cela ça ceci ce cet cette ces y en",
        "es": "él ella ellos ellas lo le les su sus suyo este esta estos estas ese esa esos esas eso esto aquel allí",
        "it": "lui lei loro gli suo sua suoi sue questo questa questi queste quello quella quelli ci ne lì esso essa",
        "pt": "ele ela eles elas lhe lhes seu sua seus suas este esta isso isto esse essa aquele aquela dele dela lá",
        "nl": "hij hem zijn zij haar hun hen ze het dit dat deze die daar daarmee daarvan ervan erin er",
        "ru": "он она оно они его её ее их ему ей им ним ней них нём этот эта это эти того тот там тогда",
        "zh": "他 她 它 这 那 其 该",
        "ja": "彼 それ これ その この あの そこ ここ あれ",
    }.items()
}
"""Words that stand for what was said before."""
CONJUNCTIONS = {
    "de": ("und", "aber", "oder"), "fr": ("et", "mais", "ou"), "es": ("y", "e", "pero", "o"), "it": ("e", "ma", "o"),
    "pt": ("e", "mas", "ou"), "nl": ("en", "maar", "of"), "ru": ("и", "а", "но", "или"),
}  # fmt: skip
"""Words that begin a sentence which continues the one before."""
