"""The command line, with an embedder that needs no model and that prints, as libraries do."""

from __future__ import annotations

import os
import subprocess
import sys

from ragtree import model_names, models
from ragtree.cli.main import main
from ragtree.embed.hashing import HashingEmbedder


class Noisy(HashingEmbedder):
    """Writes to standard output, by Python and past it."""

    def embed(self, texts, *rest):
        print("Loading weights: 100%", flush=True)
        os.write(1, b"a library in C says hello\n")
        subprocess.run(["echo", "a child says hello"], check=True)  # os.system would ignore SIGINT meanwhile
        return super().embed(texts, *rest)


models.make_embedder = lambda *settings: Noisy()  # type: ignore[assignment]
model_names.embedder_name = lambda settings: HashingEmbedder().name  # type: ignore[assignment]
if __name__ == "__main__":
    sys.exit(main())
