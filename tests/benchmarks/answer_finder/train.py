"""Train the answer finder from the weights of the bundled embedder, and write it as ONNX.

    python tests/benchmarks/answer_finder/train.py ragtree/answer/answer_finder.onnx

It took 45 minutes of two cores with AMX. First the passage of each question is read, and for most questions a similar
one: the sentences and "none" compete in each. Then the passage and three similar ones are read together, and their
sentences compete with each other, as they do when they are chosen from all that a search has found.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import numpy as np
import torch
from network import BASE, NONE, Network, batch_of, scores_of, tokens_of, write
from questions import Example, Passage, invented, of_people, over_data
from sentence_transformers import SentenceTransformer

BATCH = 32
SIMILAR = 20
"""Passages of other documents that are most similar to a question; others are read with its own."""
APART = (1.2e-4, 800, 2073)
"""Learning rate, steps, and the step at which the rate would reach 0, of the first part."""
TOGETHER = (8e-5, 1200, 1200)
QUESTIONS = 8
"""Questions of a batch of the second part, with four passages each."""
BLOCK = 16
"""Batches that are made at once, of passages of similar length."""
FORGOTTEN, NO_HEADING, REMOVED = 0.5, 0.25, 0.15
"""Parts of the passages that are read whole, read without a heading, and from which the answer is taken."""


def similar_passages(examples: list[Example]) -> list[list[Passage]]:
    embedder = SentenceTransformer(str(BASE))
    passages = list(dict.fromkeys(example.passage for example in examples))
    documents = np.array([passage.document for passage in passages])
    texts = [". ".join([passage.heading, " ".join(passage.sentences)]) for passage in passages]
    known = embedder.encode(texts, batch_size=64, normalize_embeddings=True)
    asked = embedder.encode([example.question for example in examples], batch_size=128, normalize_embeddings=True)
    found = []
    for example, vector in zip(examples, asked, strict=True):
        near = known @ vector
        near[documents == example.passage.document] = -1
        found.append([passages[row] for row in np.argsort(-near)[:SIMILAR]])
    return found


class Reading:
    """What is read for a question: sometimes a part of a passage, without its heading, or without the answer."""

    def __init__(self, examples: list[Example], rng: random.Random) -> None:
        self.examples = examples
        self.similar = similar_passages(examples)
        self._rng = rng

    def group(self, row: int, others: int):
        """The passage of an example and some similar ones, as (tokens, answers)."""
        example = self.examples[row]
        own, answers = example.passage, example.answers
        if len(answers) == 1 and len(own.sentences) > 2 and self._rng.random() < REMOVED:
            left = tuple(text for place, text in enumerate(own.sentences) if place not in answers)
            read = [(Passage(own.document, own.heading, left), ())]
        else:
            read = [self._part(own, answers) if answers else (own, ())]
        read += [self._part(other, ()) for other in self._rng.sample(self.similar[row], others)]
        with_heading = self._rng.random() >= NO_HEADING
        return [
            (tokens_of(example.question, one if with_heading else Passage(one.document, "", one.sentences)), found)
            for one, found in read
        ]

    def _part(self, passage: Passage, answers: tuple[int, ...]):
        """Some sentences in a row, with the answering ones."""
        sentences = passage.sentences
        if len(sentences) <= 3 or self._rng.random() < FORGOTTEN:
            return passage, answers
        middle = len(sentences) // 2
        first = self._rng.randint(0, min(answers, default=middle))
        last = self._rng.randint(max(answers, default=middle) + 1, len(sentences))
        if last - first < 2:
            return passage, answers
        part = Passage(passage.document, passage.heading, sentences[first:last])
        return part, tuple(place - first for place in answers)


def batches(reading: Reading, rng: random.Random, together: bool):
    """Yield batches of (tokens, answers) without end; together, four passages of a question follow each other."""
    size, others = (QUESTIONS, 3) if together else (BATCH, 0)
    while True:
        order = list(range(len(reading.examples)))
        rng.shuffle(order)
        for start in range(0, len(order) - size * BLOCK, size * BLOCK):
            groups = [
                reading.group(row, others if together else rng.random() < 0.6) for row in order[start:][: size * BLOCK]
            ]
            if not together:
                groups = [[one] for group in groups for one in group]
            groups.sort(key=lambda group: max(len(ids) for (ids, _, _), _ in group))
            made = [groups[at : at + size] for at in range(0, len(groups) - size + 1, size)]
            rng.shuffle(made)
            yield from ([one for group in batch for one in group] for batch in made)


def loss_of(scores: torch.Tensor, answers, together: bool) -> torch.Tensor:
    """Minus the logarithm of the share that the answering sentences have, or "none" where there are none."""
    right = torch.zeros_like(scores, dtype=torch.bool)
    for row, places in enumerate(answers):
        read = [place + 1 for place in places if place + 1 < scores.shape[1] and scores[row, place + 1] > NONE]
        right[row, read or [0]] = True
    apart = _missed(scores, right)
    if not together:
        return apart
    sentences = (scores[:, 1:] - scores[:, :1]).masked_fill(scores[:, 1:] <= NONE, NONE).view(QUESTIONS, -1)
    answering = right[:, 1:].reshape(QUESTIONS, -1)
    all_scores = torch.cat([torch.zeros(QUESTIONS, 1), sentences], 1)
    return _missed(all_scores, torch.cat([~answering.any(1, keepdim=True), answering], 1)) + 0.5 * apart


def _missed(scores: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    return -torch.logsumexp(torch.log_softmax(scores, 1).masked_fill(~right, NONE), 1).mean()


def train(network: Network, reading: Reading, rng: random.Random, together: bool) -> None:
    rate, steps, end = TOGETHER if together else APART
    learnt = [weight for weight in network.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(learnt, lr=rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / 40) * max(0.02, 1 - step / end)
    )
    network.train()
    started, mean = time.monotonic(), None
    for step, batch in zip(range(1, steps + 1), batches(reading, rng, together), strict=False):
        ids, types, mask, owner = batch_of([tokens for tokens, _ in batch])
        with torch.autocast("cpu", torch.bfloat16):
            out = network(ids, types, mask)
        loss = loss_of(scores_of(out, owner), [answers for _, answers in batch], together)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learnt, 1.0)
        optimizer.step()
        schedule.step()
        mean = loss.item() if mean is None else 0.97 * mean + 0.03 * loss.item()
        if step % 50 == 0:
            print(f"{step} of {steps}: {mean:.3f}, {(time.monotonic() - started) / step:.2f} s a step", flush=True)


def main() -> None:
    rng = random.Random(0)
    torch.manual_seed(0)
    examples = invented() + over_data() + of_people(rng)
    reading = Reading(examples, rng)
    print(f"{len(examples)} questions", flush=True)
    network = Network()
    for together in (False, True):
        train(network, reading, rng, together)
    write(network, Path(sys.argv[1]))


if __name__ == "__main__":
    main()
