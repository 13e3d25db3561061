"""One model a stage; `Settings` joins them. Reading files and variables is in `configuration.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from .model_settings import EmbedSettings as EmbedSettings
from .model_settings import LlmSettings as LlmSettings
from .model_settings import Stage


class LoadSettings(Stage):
    """Files -> documents."""

    max_megabytes: float = Field(default=50.0, gt=0, description="Leave larger files out. Raise it for long scans.")
    max_pages: int = Field(
        default=5000, ge=1, description="Leave PDFs with more pages out. Raise it for whole archives in one file."
    )
    max_rows: int = Field(
        default=200_000,
        ge=1,
        description="Leave sheets, CSV and JSONL with more rows out. Raise it for large tables: a row is a passage.",
    )
    max_seconds: float = Field(
        default=120.0, gt=0, description="Give a file, or a member of an archive, up after so long. Raise it for books."
    )
    max_memory_megabytes: int = Field(
        default=2048,
        ge=256,
        description="Most memory of a process that reads files (Linux only). Raise it for very large ones.",
    )
    max_depth: int = Field(
        default=3, ge=0, description="Archives in archives that are opened; 0 opens none. Raise it for nested backups."
    )
    max_members: int = Field(
        default=10_000, ge=1, description="Leave archives with more files out. Raise it for archives that you trust."
    )
    max_unpacked_megabytes: float = Field(
        default=500.0, gt=0, description="Leave archives out that unpack to more. Raise it for archives that you trust."
    )
    max_ratio: int = Field(
        default=200,
        ge=1,
        description="Leave archives out that unpack to so many times their size. Raise it for logs, which pack well.",
    )
    ocr: bool = Field(
        default=True,
        description="Recognize the text of scans and pictures, if ragtree[ocr] is installed. Turn it off to save the "
        "time: about 3 seconds a page.",
    )
    workers: int = Field(
        default=0,
        ge=0,
        le=64,
        description="Processes that read files; 0 is one a core, 8 at most. Lower it where memory is short.",
    )

    @property
    def fingerprint(self) -> str:
        """Changes when a file that was refused might be read."""
        return self.model_dump_json(exclude={"workers"})


class ChunkSettings(Stage):
    """Documents -> chunks."""

    kind: Literal["sentences", "tokens", "recursive", "structure", "semantic", "layout"] = Field(
        default="sentences",
        description="sentences: whole ones; tokens: windows of one length; recursive: paragraphs, then lines; "
        "structure: sections, tables and code whole, for manuals; semantic: where the subject changes, embeds every "
        "sentence; layout: by where things stand on the pages of a PDF, else as structure.",
    )
    tokens: int = Field(
        default=100,
        ge=16,
        le=4096,
        description="Most tokens of a chunk (cl100k). Raise it for long arguments, lower it for lists of facts.",
    )
    language: str = Field(
        default="auto",
        description="Language of the sentence rules, as a code such as de or ja; auto goes by each text. Set it where "
        "short texts are taken for another.",
    )
    context: Literal["auto", "none", "title", "heading", "llm"] = Field(
        default="auto",
        description="What is embedded before a chunk, and never quoted: the title; title and headings, and the header "
        "of a table; or those and a sentence that the language model writes for every chunk, which takes hours on a "
        "CPU, and a better model than the bundled one, none of whose sentences passed the check. auto: heading for "
        "structure and layout, else none. embed.kind=late reads the document instead.",
    )


class TreeSettings(Stage):
    """Chunks -> a tree for every document, and a tree over the documents."""

    shape: Literal["documents", "raptor"] = Field(
        default="documents",
        description="documents: a tree for every document, and themes over the documents. raptor: one tree over the "
        "chunks of all documents, as in the RAPTOR paper, rebuilt whole after every change. Choose it to compare.",
    )
    inside: Literal["auto", "sections", "clusters"] = Field(
        default="auto",
        description="How the chunks of a document are grouped. sections: neighbours, by headings and where the subject "
        "changes; clusters: by meaning, wherever they stand (tree.cluster). auto: sections, which find as much or "
        "more on all sets that were measured. Set it to compare.",
    )
    cluster: Literal["kmeans", "gmm", "llm", "none"] = Field(
        default="kmeans",
        description="How documents, and with tree.inside=clusters chunks, are clustered. kmeans is fast at any size; "
        "gmm is the RAPTOR paper's soft clustering; llm groups documents by tree.goal; none builds no tree: chunks "
        "alone, where `ragtree compare` says that a tree does not help.",
    )
    goal: str = Field(
        default="",
        description="llm: what documents are grouped by, such as `by legal obligation`. The language model names the "
        "groups, unless they stand behind a colon: `by field: medicine, law or trade`.",
    )
    goal_calls: int = Field(
        default=200,
        ge=0,
        description="llm: most documents about which the language model is asked, the doubtful ones first. "
        "Raise it with a strong model; with 0 the embedder decides alone.",
    )
    labels: Literal["terms", "llm"] = Field(
        default="terms",
        description="How groups are named: by the words that set them apart, or by the language model, where its words "
        "stand in the group's texts. Choose llm with a model that writes well.",
    )
    group_tokens: int = Field(
        default=1000,
        ge=64,
        description="Most tokens of a group. Lower it for a deeper tree with more exact summaries.",
    )
    second_parent: float = Field(
        default=0.97,
        ge=0,
        le=1,
        description="kmeans: a chunk gets a second parent whose similarity is at least this share of the first's; 1 is "
        "never. A document has one parent.",
    )
    reduce: Literal["auto", "none", "pca", "whiten", "umap"] = Field(
        default="auto",
        description="Vectors are shortened before they are clustered, on each level anew. pca: principal components; "
        "whiten: the same with equal variance; umap: as in the RAPTOR paper, slow, wants `ragtree[umap]`. auto: none "
        "for kmeans, which stays as it is where a folder changes a little, pca for gmm.",
    )
    dimensions: int = Field(
        default=10, ge=2, description="Numbers that tree.reduce leaves of a vector. The paper's value."
    )
    membership: float = Field(
        default=0.1,
        gt=0,
        le=1,
        description="gmm: a node joins every group above this probability. The paper's value.",
    )
    seed: int = Field(default=0, ge=0, description="Change it to see how much the tree depends on chance.")
    stale: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="Share of the documents below a theme that may change before its summary is written again. One "
        "that cites removed text always is. Lower it for a cheap model, raise it for an expensive one.",
    )

    @model_validator(mode="after")
    def _a_goal_to_group_by(self) -> TreeSettings:
        if self.cluster == "llm" and not self.goal.strip():
            raise ValueError("tree.cluster=llm groups by a goal: say it in tree.goal, such as `by legal obligation`")
        return self

    @property
    def fingerprint(self) -> str:
        """Changes when the groups would."""
        return self.model_dump_json()


class SummarizeSettings(Stage):
    """Groups -> summaries."""

    kind: Literal["auto", "extractive", "abstractive", "hybrid"] = Field(
        default="auto",
        description="extractive: the most central sentences; abstractive: the language model reads the whole group; "
        "hybrid: it reads the most central sentences, for a model on the CPU, which reads slowly. auto: abstractive "
        "with a model that you chose, extractive with the bundled one, which invents things.",
    )
    tokens: int = Field(default=120, ge=16, description="Most tokens of a summary. Raise it for broad questions.")
    read_tokens: int = Field(
        default=240,
        ge=64,
        description="hybrid: most tokens of the sentences that the model reads of a group. Raise it for summaries that "
        "miss too much, at a cost in time.",
    )
    support: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Similarity to a source sentence below which a generated one is dropped. Lower it where true ones "
        "are missed that say much in a few words of their own; raise it for a model that invents.",
    )
    nli: str = Field(
        default="none",
        description="none, or a cross-encoder for natural language inference, as a folder or a Hugging Face id, that "
        "decides beside the rules whether a generated sentence follows from its sources. Name one where a wrong "
        "summary is costly; it reads every sentence.",
    )


class RetrieveSettings(Stage):
    """Question -> hits."""

    mode: Literal["auto", "hybrid", "leaves", "lexical", "collapsed", "traverse", "guided"] = Field(
        default="auto",
        description="auto is hybrid for facts, and for overviews the nodes of the tree that cover the most; hybrid "
        "finds chunks by similarity, words and surroundings, leaves by similarity alone, lexical by words alone; "
        "collapsed and traverse are RAPTOR's. guided has the language model choose branches by their names, for "
        "questions whose words stand nowhere, and wants a good one. Name one to compare methods.",
    )
    max_tokens: int = Field(
        default=1200, ge=16, description="Most tokens of the passages that are found. Raise it with a stronger model."
    )
    beam: int = Field(default=5, ge=1, description="traverse and guided: nodes kept at each level. The paper's top-k.")
    guide_calls: int = Field(
        default=8,
        ge=1,
        description="guided: most calls of the language model for a question. Raise it for large folders.",
    )
    words: float = Field(
        default=0.5,
        ge=0,
        description="hybrid: weight of the words that question and chunk share; similarity has 1. Raise it where "
        "people ask by names, numbers and codes.",
    )
    neighbours: float = Field(
        default=0.5,
        ge=0,
        description="hybrid: weight of the chunks before and after. Set it to 0 where every chunk stands for itself.",
    )
    names: float = Field(
        default=8.0,
        ge=0,
        description="hybrid: weight of a document that the question names, by its number, title, file or date. Set it "
        "to 0 where titles are what people ask about.",
    )
    rerank: str = Field(
        default="none",
        min_length=1,
        description="hybrid and leaves: what looks at the first chunks again. late: the embedder's token vectors; llm: "
        "the language model sorts them; a cross-encoder, as a folder or a Hugging Face id; colbert:NAME: a late "
        "interaction model. Name a cross-encoder where it may be downloaded and answers may take a second longer.",
    )
    candidates: int = Field(
        default=50, ge=2, description="Chunks that are reranked. Lower it for a slow reranker, raise it for a good one."
    )
    rerank_share: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="How much of the order the reranker decides; the rest is what it was. None is 0.4 for late and 1 "
        "for the others. Lower it where names and numbers matter that the reranker overlooks.",
    )
    pool_factor: int = Field(
        default=1,
        ge=1,
        description="late and colbert: about so many token vectors of a chunk are joined into one, by clustering. "
        "Raise it to 2 or 3 where memory is short.",
    )
    expand: Literal["none", "feedback", "hyde", "several", "steps"] = Field(
        default="none",
        description="hybrid and leaves: what is searched with beside the question. feedback: the chunks that it finds "
        "first; hyde: passages that the language model makes up; several: rewordings by it; steps: it asks what is "
        "missing, for questions whose answer stands in several places. Wants a good language model, feedback none.",
    )
    expand_count: int = Field(
        default=3,
        ge=1,
        le=20,
        description="Chunks of feedback, passages of hyde, rewordings of several, questions of steps in all. Raise it "
        "for steps where one thing leads to another.",
    )


class AnswerSettings(Stage):
    """Hits -> answer."""

    style: Literal["auto", "written", "quoted"] = Field(
        default="auto",
        description="written: the model's checked sentences; quoted: the documents' own sentences. auto: written with "
        "a model that you chose; quoted with the bundled one, which invents things.",
    )
    support: float = Field(
        default=0.55,
        ge=0,
        le=1,
        description="Similarity to a passage below which a sentence of an answer counts as unsupported.",
    )
    relevance: float = Field(
        default=0.445,
        ge=-1,
        le=1,
        description="Evidence (from how near question and passages are, less where no sentence near has the sum, time, "
        "number or name that is wanted, or where it is of another month) below which the answer is that the "
        "documents do not say. Lower it where answers are missed; raise it where an answer has to be sure.",
    )
    answerable: float = Field(
        default=-0.3,
        description="How much likelier the language model has to find it that the passages have the answer than that "
        "they do not (log-odds), before it answers. Lower it where answers are missed; raise it where an answer has to "
        "be sure. The bundled model is not asked.",
    )
    searches: int = Field(
        default=2,
        ge=1,
        description="Most searches for a question: where the language model does not find the answer, it says what is "
        "missing, and that is looked for as well. Raise it where one thing leads to another; 1 never looks again. The "
        "bundled model is not asked.",
    )
    entailed: float = Field(
        default=0.0,
        description="How much likelier the language model has to hold a sentence for true by the passage that says "
        "most of it than for untrue (log-odds), before the sentence counts as supported; .3 less if the rules find it "
        "supported. Raise it where a citation has to be sure; lower it where true sentences are marked. The bundled "
        "model is not asked.",
    )
    unsupported: Literal["auto", "drop", "mark"] = Field(
        default="auto",
        description="What to do with what no passage supports: drop leaves it out, mark keeps it, a sentence with a "
        "mark and a field of a form by its name. auto: sentences are marked, fields of a form left out.",
    )
    read_tokens: int = Field(
        default=0,
        ge=0,
        description="Most tokens of passages that the model reads; 0 is all that were found, and 500 for the bundled "
        "one, which loses itself in more.",
    )
    list_calls: int = Field(
        default=4,
        ge=1,
        description="Most calls of the language model for a list or a count, which reads the nearest passages. Raise "
        "it where lists have to be longer; `ragtree list` reads all.",
    )
    quotes: int = Field(
        default=3, ge=1, description="Most sentences of an answer that only quotes; of an overview twice as many."
    )
    history_tokens: int = Field(
        default=600,
        ge=64,
        description="Tokens of a conversation that follow-ups are understood from: the last turns whole, older ones in "
        "a summary. Raise it for long conversations, at a cost in time.",
    )


class StoreSettings(Stage):
    """Where Chroma is."""

    url: str = Field(
        default="",
        pattern=r"^(https?://\S+)?$",
        description="A Chroma server that several processes share (`ragtree serve-store`), such as "
        "`http://127.0.0.1:8000`; empty is a Chroma of the index's own, for one process.",
    )
    database: str = Field(
        default="default_database",
        pattern=r"^[\w.-]{3,}$",
        description="Chroma's database on that server. Another name for every index lets one server hold several.",
    )


class Settings(Stage):
    """All settings. Every field can be set as `stage.field` in ragtree.toml, RAGTREE_STAGE_FIELD and --set."""

    load: LoadSettings = LoadSettings()
    chunk: ChunkSettings = ChunkSettings()
    embed: EmbedSettings = EmbedSettings()
    tree: TreeSettings = TreeSettings()
    summarize: SummarizeSettings = SummarizeSettings()
    llm: LlmSettings = LlmSettings()
    retrieve: RetrieveSettings = RetrieveSettings()
    answer: AnswerSettings = AnswerSettings()
    store: StoreSettings = StoreSettings()
    prompts: Path | None = Field(default=None, description="A folder with templates of your own; the rest stay ours.")

    @model_validator(mode="after")
    def _two_nodes_fit_a_group(self) -> Settings:
        """Without this a level could not shrink, and the tree would have no root."""
        if self.tree.cluster == "none":
            return self
        least = 2 * max(self.chunk.tokens, self.summarize.tokens)
        if self.tree.group_tokens < least:
            raise ValueError(
                f"tree.group_tokens is {self.tree.group_tokens}, but two nodes have to fit into a group: "
                f"at least {least} (twice the larger of chunk.tokens and summarize.tokens)"
            )
        return self
