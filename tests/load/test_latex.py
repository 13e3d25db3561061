from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import read, where

from ragtree.errors import LoadError
from ragtree.load.parsing import parse
from ragtree.settings import LoadSettings

PAPER = r"""\documentclass[11pt]{article}
\usepackage{graphicx}
\newcommand{\model}{\textsc{Raptor}}
\newcommand*{\two}[2]{#1 and #2}
\title{The \emph{tides}\thanks{none}}
\author{A. Vane}
\begin{document}
\maketitle
% a comment
\begin{abstract}
They turn.  % twice
\end{abstract}

\section[short]{Spring \& neap}\label{sec:spring}
Higher, as \model{} says~\cite[p.~3]{vane22}; see Section~\ref{sec:spring}.

\subsection*{The moon}
It pulls\footnote{Gently.} at 50\% of $F = \frac{a}{b}$ --- ``always''.

\begin{itemize}
  \item one
  \item[second] two
\end{itemize}

\begin{equation}\label{eq:1}
  E = mc^2 % not text
\end{equation}

\begin{table}[h]
\caption{Ports}
\begin{tabular}{|l|r|}
\hline
Port & Tide \\ \hline
Leith \& old & 5 \\
\end{tabular}
\end{table}

\begin{verbatim}
\section{not one}
\end{verbatim}

\section{Neap}
Fall. \input{/etc/passwd}
\end{document}
after the end
"""


def tex(body: str) -> str:
    return read(body, "a.tex").text


def test_a_paper() -> None:
    assert tex(PAPER).split("\n\n") == [
        "The tidesnone",
        "A. Vane",
        "They turn.",
        "Spring & neap",
        "Higher, as Raptor says [vane22]; see Section [sec:spring].",
        "The moon",
        "It pulls (Gently.) at 50% of $F = \\frac{a}{b}$ — “always”.",
        "- one\n- second two",
        "$$E = mc^2$$",
        "Ports",
        "| Port | Tide |\n| --- | --- |\n| Leith & old | 5 |",
        "```\n\\section{not one}\n```",
        "Neap",
        "Fall.",
    ]


@pytest.mark.parametrize(
    ("quote", "line", "heading"),
    [
        ("Higher", 15, ("Spring & neap",)),
        ("Gently", 18, ("Spring & neap", "The moon")),
        ("Leith", 33, ("Spring & neap", "The moon")),
        ("Fall", 48, ("Neap",)),
    ],
)
def test_a_passage_knows_its_section_and_line(quote: str, line: int, heading: tuple[str, ...]) -> None:
    place = where(read(PAPER, "a.tex"), quote)
    assert place.heading == heading
    assert place.line is not None and abs(place.line - line) <= 5


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            r"caf\'e, na\"{\i}ve, gar\c{c}on, \v{S}koda, Stra\ss e, \AA ngstr\"om",
            "café, naïve, garçon, Škoda, Straße, Ångström",
        ),
        (r"\href{http://x.y}{a link} and \url{http://x.y}", "a link and http://x.y"),
        (r"\textbf{bold {\em and} more}", "bold and more"),
        (r"a\\b\\[2mm]c", "a\nb\nc"),
        (r"\textcolor{red}{kept} \vspace{2mm}too", "kept too"),
        (r"\(x\) and \[y\]", "$x$ and $$y$$"),
        (r"\unknown[option]{its words}", "its words"),
        (r"5\,\% of \$7 \{x\} \_y \#1", "5 % of $7 {x} _y #1"),
    ],
)
def test_commands(body: str, text: str) -> None:
    assert tex(body) == text


def test_definitions_that_swell_are_cut() -> None:
    names = "abcdefghijklmnopqrst"
    lines = [r"\newcommand{\a}{haha}"]
    lines += ["\\newcommand{\\" + name + "}{" + f"\\{before} " * 3 + "}" for before, name in pairwise(names)]
    text = tex("\n".join(lines) + "\n" + r"\t words")
    assert "words" in text
    assert len(text) < 100


def test_many_uses_of_a_long_command_end() -> None:
    text = tex(r"\newcommand{\a}{" + "x " * 5000 + "}" + r"\a " * 50_000)
    assert len(text) < 5_000_000


PIECES = "a \\ { } $ \\[ & % \\' \\section{ \\begin{tabular} \\end{tabular} \\item[ \\newcommand{\\a}{ \\a".split(" ")


@given(st.lists(st.sampled_from([*PIECES, "\n\n"]), max_size=30))
def test_broken_latex_is_read_or_refused(pieces: list[str]) -> None:
    try:
        parse("".join(["a", *pieces]).encode(), "a.tex", LoadSettings())
    except LoadError as error:
        assert "no text" in error.reason
