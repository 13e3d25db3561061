"""One model a stage; `Settings` joins them. Reading files and variables is in `configuration.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from .model_settings import EmbedSettings as EmbedSettings
from .model_settings import LlmSettings as LlmSettings
from .model_settings import Stage, checked_model
from .registry import CHUNKERS, CLUSTERERS, RETRIEVERS, SUMMARIZERS


class LoadSettings(Stage):
    """Files -> documents."""

    max_megabytes: float = Field(
        default=50.0, gt=0, description="The largest file that is read, in megabytes. Raise it for long scans."
    )
    max_pages: int = Field(
        default=5000,
        ge=1,
        description="The most pages, or slides, of a file; a longer one is skipped. Raise it for whole archives in "
        "one PDF.",
    )
    max_rows: int = Field(
        default=200_000,
        ge=1,
        description="The most rows of a spreadsheet, CSV or JSONL file, or messages of a mailbox; a longer one is "
        "skipped. Raise it for large tables. Each row becomes a passage.",
    )
    max_seconds: float = Field(
        default=120.0,
        gt=0,
        description="Seconds that a file, or a member of an archive, may take to read; a slower one is skipped. Raise "
        "it for books.",
    )
    ocr: bool = Field(
        default=True,
        description="Recognize the text of scans and pictures, if ragtree[ocr] is installed. Turn it off to save "
        "time: a page takes about 3 seconds.",
    )
    vision_model: str = Field(
        default="none",
        pattern=r"^(none|https?://.+#.+|openai:.+)$",
        description="A model behind a server that describes figures and photographs, as http(s)://host/v1#model or "
        "openai:model; none describes none. Each picture is sent to the server once. Set it if answers are in charts "
        "and photographs.",
    )
    workers: int = Field(
        default=0,
        ge=0,
        le=64,
        description="How many processes read files; 0 is one per core, at most 8. Lower it if memory is short.",
    )
    _without_secrets = field_validator("vision_model")(checked_model)


class ChunkSettings(Stage):
    """Documents -> chunks."""

    kind: Annotated[str, AfterValidator(CHUNKERS.checked)] = Field(
        default="sentences",
        description="Where documents are cut. sentences: between sentences. tokens: after a fixed number of tokens. "
        "recursive: between paragraphs, then lines. structure: by sections, with tables and code kept whole; for "
        "manuals. semantic: where the subject changes; embeds every sentence. layout: by position on the pages of a "
        "PDF; other files as structure.",
    )
    tokens: int = Field(
        default=100,
        ge=16,
        le=4096,
        description="The most tokens of a chunk (cl100k). Raise it for long arguments, lower it for lists of facts.",
    )
    language: str = Field(
        default="auto",
        description="The language whose rules split sentences, as a code such as de or ja; auto detects it for each "
        "text. Set it if short texts are taken for another language.",
    )
    context: Literal["auto", "none", "title", "heading", "llm"] = Field(
        default="auto",
        description="Text that is embedded before a chunk and never quoted. title: the document's title. heading: "
        "title, headings, and the header of a table. llm: the same, and a sentence that the language model writes for "
        "every chunk; that takes hours on a CPU and needs a better model than the bundled one, none of whose "
        "sentences passed the check. auto: heading for structure and layout, else none. Set it if chunks do not say "
        "what they are about. embed.kind=late ignores it, because it reads the document.",
    )


class TreeSettings(Stage):
    """Chunks -> a tree for every document, and a tree over the documents."""

    shape: Literal["documents", "clusters", "raptor"] = Field(
        default="documents",
        description="documents: a tree for every document, whose chunks are grouped with their neighbours, by headings "
        "and where the subject changes; and themes over the documents. clusters: the same, but chunks are grouped by "
        "meaning, wherever they stand (tree.cluster). raptor: one tree over the chunks of all documents, as in the "
        "RAPTOR paper; rebuilt whole after every change. The first finds as much or more on all sets that were "
        "measured. Set another one to compare.",
    )
    cluster: Annotated[str, AfterValidator(CLUSTERERS.checked)] = Field(
        default="kmeans",
        description="How documents are clustered, and chunks with tree.shape=clusters or raptor. kmeans: fast at any "
        "size. gmm: soft clustering as in the RAPTOR paper, on principal components. gmm-umap: the same on UMAP, as in "
        "the paper; slow, needs `ragtree[umap]`. llm: by tree.goal. none: no tree, only chunks; set it if `ragtree "
        "compare` says that a tree does not help.",
    )
    goal: str = Field(
        default="",
        description="With tree.cluster=llm: what documents are grouped by, such as `by legal obligation`. The "
        "language model names the groups, unless you list them after a colon: `by field: medicine, law or trade`.",
    )
    labels: Literal["terms", "llm"] = Field(
        default="terms",
        description="How groups are named. terms: by the words that set them apart. llm: by the language model, if "
        "its words occur in the group's texts. Set llm with a model that writes well.",
    )
    group_tokens: int = Field(
        default=1000,
        ge=64,
        description="The most tokens of a group. Lower it for a deeper tree with more exact summaries.",
    )
    stale_share: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="The share of the text below a theme that may change before its summary is written again. A "
        "summary that cites removed text always is. Lower it for a cheap model, raise it for an expensive one.",
    )

    @model_validator(mode="after")
    def _a_goal_to_group_by(self) -> TreeSettings:
        if self.cluster == "llm" and not self.goal.strip():
            raise ValueError("tree.cluster=llm groups by a goal: say it in tree.goal, such as `by legal obligation`")
        return self


class SummarizeSettings(Stage):
    """Groups -> summaries."""

    kind: Annotated[str, AfterValidator(SUMMARIZERS.checked)] = Field(
        default="auto",
        description="How summaries are made. extractive: from the most central sentences, word for word. abstractive: "
        "the language model reads the whole group. hybrid: it reads only the most central sentences; for a model on "
        "the CPU, which reads slowly. auto: abstractive with a model that you chose, extractive with the bundled one, "
        "which invents things.",
    )
    tokens: int = Field(default=120, ge=16, description="The most tokens of a summary. Raise it for broad questions.")
    entailment_model: str = Field(
        default="none",
        description="A cross-encoder for natural language inference, as a folder or a Hugging Face id, or none. "
        "Besides the rules, it checks whether a written sentence follows from its sources. Name one if a wrong "
        "summary is costly; it reads every sentence.",
    )


class RetrieveSettings(Stage):
    """Question -> hits."""

    mode: Annotated[str, AfterValidator(RETRIEVERS.checked)] = Field(
        default="auto",
        description="How passages are found. hybrid: chunks by similarity, words and surroundings. leaves: chunks by "
        "similarity alone. lexical: chunks by words alone. collapsed, traverse: over the tree, as in the RAPTOR "
        "paper. guided: the language model chooses branches by their names, for questions that share no words with "
        "the documents; needs a good model. auto: hybrid for facts; for overviews, the nodes of the tree that cover "
        "the most. Set it to compare.",
    )
    max_tokens: int = Field(
        default=1200,
        ge=16,
        description="The most tokens of the passages that are found. Raise it with a stronger model.",
    )
    word_weight: float = Field(
        default=0.5,
        ge=0,
        description="With retrieve.mode=hybrid or auto: weight of the words that question and chunk share; similarity "
        "weighs 1. Raise it if people ask by names, numbers and codes.",
    )
    name_weight: float = Field(
        default=8.0,
        ge=0,
        description="With retrieve.mode=hybrid or auto: weight of the documents that the question names, by number, "
        "title, file or date. Set it to 0 if the titles are the subjects that people ask about.",
    )
    rerank: str = Field(
        default="none",
        min_length=1,
        description="What sorts the first chunks again, with retrieve.mode=auto, hybrid or leaves. late: the "
        "embedder's token vectors. llm: the language model. A folder or a Hugging Face id: a cross-encoder. "
        "colbert:NAME: a late interaction model. Name a cross-encoder if it may be downloaded and answers may take a "
        "second longer.",
    )
    candidates: int = Field(
        default=50, ge=2, description="Chunks that are reranked. Lower it for a slow reranker, raise it for a good one."
    )
    expand: Literal["none", "feedback", "hyde", "several", "steps"] = Field(
        default="none",
        description="What is searched with besides the question, with retrieve.mode=auto, hybrid or leaves. feedback: "
        "the chunks that the question finds first. hyde: passages that the language model makes up. several: its "
        "rewordings of the question. steps: what it says is missing, for questions whose answer is in several places. "
        "All but feedback need a good language model.",
    )


class AnswerSettings(Stage):
    """Hits -> answer."""

    style: Literal["auto", "written", "quoted"] = Field(
        default="auto",
        description="written: sentences of the model, each of them checked. quoted: sentences of the documents. auto: "
        "written with a model that you chose, quoted with the bundled one, which invents things. Set quoted if "
        "nothing may be reworded.",
    )
    strictness: Literal["low", "normal", "high"] = Field(
        default="normal",
        description="How sure it has to be that the passages contain the answer, before one is given, and that a "
        "passage says a sentence, before the sentence counts as supported. Set low if answers are missed, or for "
        "papers; high if an answer has to be sure.",
    )
    unsupported: Literal["auto", "drop", "mark"] = Field(
        default="auto",
        description="What to do with a sentence, or a field of a form, that no passage supports. drop: leave it out. "
        "mark: keep it; the sentence gets a mark, the field is named. auto: mark sentences, drop fields. Set drop if "
        "only supported text may be shown.",
    )
    quotes: int = Field(
        default=3,
        ge=1,
        description="The most sentences of an answer that only quotes; an overview and a list have twice as many. "
        "Raise it for longer answers.",
    )


class StoreSettings(Stage):
    """Where Chroma is."""

    url: str = Field(
        default="",
        pattern=r"^(https?://[^\s#]+(#([\w.-]{3,}/)?[\w.-]{3,})?)?$",
        description="The address of a Chroma server, such as `http://127.0.0.1:8000` (`ragtree serve-store`), or "
        "`http://host:8000#name` for a database of that name, if one server holds several indexes, or "
        "`https://api.trychroma.com#tenant/name` for one of a tenant, with the key in the variable CHROMA_API_KEY; "
        "empty is a Chroma of the index's own, for one process. Set it if several processes share the index.",
    )

    @property
    def address(self) -> str:
        """The server's address without the names of the tenant and the database."""
        return self.url.partition("#")[0]

    @property
    def tenant(self) -> str:
        """The name of the tenant; empty is the server's default one."""
        return self.url.partition("#")[2].rpartition("/")[0]

    @property
    def database(self) -> str:
        """The name of the database; empty is the server's default one."""
        return self.url.partition("#")[2].rpartition("/")[2]


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
    prompts: Path | None = Field(
        default=None,
        description="A folder with templates of your own; the others stay as they are. Set it to change a prompt.",
    )

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
