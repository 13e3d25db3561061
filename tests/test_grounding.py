from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragtree.grounding import Support, check_support

SOURCES = [
    "The lighthouse at Brannay was lit on 3 March 1921 by Keeper Strake.",
    "The board met twice a year in Kirkwall and paid 3.5% to its owners.",
    "Mrs Aldous received a pension of £1,200 from the company.",
]
NEAR_FIRST = [0.9, 0.2, 0.1]


def support(sentence: str, similarity: list[float], sources: list[str] = SOURCES, threshold: float = 0.5) -> Support:
    return check_support(sentence, sources, np.array(similarity), threshold)


@pytest.mark.parametrize(
    ("sentence", "similarity", "sources"),
    [
        (SOURCES[0], NEAR_FIRST, (0,)),
        ("On 3 March 1921, Strake lit the lighthouse of Brannay.", NEAR_FIRST, (0,)),
        ("The company's pension for Mrs Aldous was £1200.", [0.1, 0.2, 0.8], (2,)),
        ("Lighting began in Brannay when Keeper Strake lit the lighthouse.", NEAR_FIRST, (0,)),
        ("The lighthouse was lit, and the board met twice a year.", [0.70, 0.68, 0.1], (0, 1)),
        ("The lighthouse was lit, and the board met twice a year.", [0.68, 0.70, 0.1], (1, 0)),
    ],
)
def test_a_paraphrase_is_supported_by_its_sources_best_first(
    sentence: str, similarity: list[float], sources: tuple[int, ...]
) -> None:
    found = support(sentence, similarity)
    assert found.sources == sources
    assert found.score == pytest.approx(max(similarity))


@pytest.mark.parametrize(
    "sentence",
    [
        "Keeper Strake lit the lighthouse on 4 March 1921.",
        "Keeper Strake lit the lighthouse on 3 March 1912.",
        "Keeper Vane lit the lighthouse on 3 March 1921.",
        "The lighthouse at Kirkwall was lit on 3 March 1921 by Keeper Strake.",
        "Aldous lit the lighthouse at Brannay on 3 March 1921.",
        "Strake lit the lighthouse because sailors drowned near dangerous rocks.",
        "Whales eat krill.",
    ],
)
def test_a_wrong_number_name_or_claim_is_not_supported(sentence: str) -> None:
    assert support(sentence, NEAR_FIRST) == Support((), 0.0)


@pytest.mark.parametrize("share", ["35%", "3.4%", "3.55%", "3%", "3,5%"])
def test_a_number_is_the_whole_number(share: str) -> None:
    assert support("The board paid 3.5% to its owners.", [0.1, 0.9, 0.1]).sources == (1,)
    assert support(f"The board paid {share} to its owners.", [0.1, 0.9, 0.1]).sources == ()


def test_thousands_may_be_written_with_a_comma_and_decimals_are_no_thousands() -> None:
    assert support("He paid 1,200,000.", [0.9], ["He paid 1200000."]).sources == (0,)
    assert support("He paid 3,5.", [0.9], ["He paid 35."]).sources == ()


def test_a_sentence_from_elsewhere_is_not_supported() -> None:
    """Its source is in the list, but others are far more similar: words alone do not decide."""
    assert support(SOURCES[2], NEAR_FIRST).sources == ()


def test_below_the_threshold_nothing_is_supported() -> None:
    assert support(SOURCES[0], [0.49, 0.1, 0.1]) == Support((), pytest.approx(0.49))
    assert support(SOURCES[0], [0.50, 0.1, 0.1]).sources == (0,)
    assert support(SOURCES[0], [-0.3, -0.4, -0.5]) == Support((), 0.0)


def test_without_sources_nothing_is_supported() -> None:
    assert support("Anything.", [], []) == Support((), 0.0)


def test_a_source_that_brings_nothing_is_not_named() -> None:
    again = [SOURCES[0], SOURCES[0], SOURCES[1]]
    assert support("Strake lit the lighthouse.", [0.90, 0.89, 0.88], again).sources == (0,)


def test_three_sources_at_most_are_put_together() -> None:
    parts = ["The cat slept.", "The dog barked.", "The cow drank.", "The pig danced."]
    assert support("The cat slept, the dog barked, the cow drank.", [0.9] * 4, parts).sources == (0, 1, 2)
    assert support("The cat slept in 1921.", [0.9] * 4, [*parts[:3], "It was 1921."]).sources == ()


@given(st.text(max_size=40), st.lists(st.tuples(st.text(max_size=30), st.floats(-1, 1)), max_size=5))
def test_any_text_gets_a_score_and_sources_that_exist(sentence: str, pairs: list[tuple[str, float]]) -> None:
    found = support(sentence, [number for _, number in pairs], [text for text, _ in pairs])
    assert 0 <= found.score <= 1
    assert len(set(found.sources)) == len(found.sources) <= 3
    assert all(0 <= index < len(pairs) for index in found.sources)


ENGLISH = [
    "Keeper Strake lit the lamp at Brannay.",
    "He had kept three cats and a dog there for twenty years.",
    "The board did not pay him a pension, because he had failed to sign the book.",
    "Aldous sold Vane the ferry.",
    "The harbour was closed in winter.",
]


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("For 20 years there were 3 cats and a dog.", 1),
        ("Strake had kept three cats there.", 1),
        ("The board paid him no pension.", 2),
        ("He did not sign the book.", 2),
        ("Vane was sold the ferry by Aldous.", 3),
        ("Lighting of the lamp at Brannay was done by Keeper Strake.", 0),
    ],
)
def test_light_paraphrases_are_supported(sentence: str, source: int) -> None:
    assert source in in_light_of(sentence, source, ENGLISH)


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("He had kept five cats and a dog there.", 1),
        ("He had kept twenty cats and a dog there.", 1),
        ("He had kept three cats there for three years.", 1),
        ("Vane had kept three cats there.", 1),
        ("Bob lit the lamp at Brannay.", 0),
        ("Queequeg lit the lamp at Brannay.", 0),
        ("Aldous lit the lamp at Brannay.", 0),
        ("The board paid him a pension.", 2),
        ("Keeper Strake never lit the lamp at Brannay.", 0),
        ("Vane sold Aldous the ferry.", 3),
        ("The harbour was not closed in winter.", 4),
    ],
)
def test_what_was_changed_is_not_supported(sentence: str, source: int) -> None:
    assert in_light_of(sentence, source, ENGLISH) == ()


def test_the_source_of_a_name_that_a_pronoun_stands_for_is_named() -> None:
    assert in_light_of("Strake had kept three cats there.", 1, ENGLISH) == (1, 0)


def in_light_of(sentence: str, source: int, sources: list[str]) -> tuple[int, ...]:
    similarity = [0.2] * len(sources)
    similarity[source] = 0.8
    return support(sentence, similarity, sources).sources


LANGUAGES = {
    "de": (
        [
            "Der Leuchtturm von Brannay wurde am 3. März 1921 von Wärter Strake angezündet.",
            "Der Vorstand traf sich zweimal im Jahr in Kirkwall und zahlte den Eignern zwanzig Pfund.",
            "Die Gesellschaft gab Frau Aldous keine Pension.",
            "Die alte Fähre fuhr drei Jahre lang jeden Morgen nach Hask.",
        ],
        [
            (0, "Wärter Strake zündete am 3. März 1921 den Leuchtturm von Brannay an."),
            (3, "Drei Jahre lang ging jeden Morgen ein Schiff, die alte Fähre, nach Hask."),
            (1, "Den Eignern zahlte der Vorstand 20 Pfund."),
            (2, "Frau Aldous bekam von der Gesellschaft keine Pension."),
        ],
        [
            (0, "Wärter Vane zündete am 3. März 1921 den Leuchtturm von Brannay an."),
            (0, "Der Leuchtturm von Kirkwall wurde am 3. März 1921 angezündet."),
            (3, "Die alte Fähre fuhr fünf Jahre lang jeden Morgen nach Hask."),
            (2, "Die Gesellschaft gab Frau Aldous eine Pension."),
            (3, "Die alte Fähre fuhr nicht jeden Morgen nach Hask."),
            (1, "Den Eignern zahlte der Vorstand 21 Pfund."),
        ],
    ),
    "ru": (
        [
            "Маяк на острове Браннай зажёг смотритель Стрейк третьего марта 1921 года.",
            "Паром ходил в порт двадцать три года каждое утро.",
            "Компания не платила вдове пенсию.",
            "Смотритель кормил кошку каждый вечер.",
        ],
        [
            (0, "Смотритель Стрейк зажёг маяк Браннай в марте 1921 года."),
            (1, "23 года паром каждое утро ходил в порт."),
            (2, "Вдове компания пенсию не платила."),
        ],
        [
            (0, "Смотритель Вейн зажёг маяк Браннай в марте 1921 года."),
            (0, "Смотритель Стрейк зажёг маяк Браннай в мае 1921 года."),
            (1, "Двадцать пять лет паром ходил в порт каждое утро."),
            (2, "Компания платила вдове пенсию."),
            (3, "Смотритель не кормил кошку каждый вечер."),
        ],
    ),
    "zh": (
        [
            "布兰内岛的灯塔于一九二一年三月三日由看守人斯特雷克点亮。",
            "渡船每天早上开往港口，开了二十三年。",
            "公司没有给寡妇发放养老金。",
            "看守人每天晚上喂猫。",
        ],
        [
            (0, "1921年，看守人斯特雷克点亮了布兰内岛的灯塔。"),
            (1, "渡船开了23年，每天早上去港口。"),
            (2, "寡妇没有得到公司的养老金。"),
            (3, "每天晚上，看守人都会喂猫。"),
        ],
        [
            (0, "1922年，看守人斯特雷克点亮了布兰内岛的灯塔。"),
            (1, "渡船开了二十五年，每天早上去港口。"),
            (2, "公司给寡妇发放了养老金。"),
            (3, "看守人每天晚上不喂猫。"),
            (3, "鲸鱼以磷虾为食。"),
        ],
    ),
    "ja": (
        [
            "ブランネイ島の灯台は一九二一年三月三日に灯台守のストレイクが点灯した。",
            "渡し船は毎朝港へ行き、二十三年間続いた。",
            "会社は未亡人に年金を払わなかった。",
            "灯台守は毎晩猫に餌をやった。",
        ],
        [
            (0, "灯台守のストレイクは1921年にブランネイ島の灯台を点灯した。"),
            (1, "渡し船は23年間、毎朝港へ行った。"),
            (2, "未亡人に会社は年金を払わなかった。"),
            (3, "猫に毎晩餌をやったのは灯台守だ。"),
        ],
        [
            (0, "灯台守のストレイクは1922年にブランネイ島の灯台を点灯した。"),
            (1, "渡し船は二十五年間、毎朝港へ行った。"),
            (2, "会社は未亡人に年金を払った。"),
            (3, "灯台守は毎晩猫に餌をやらなかった。"),
            (0, "灯台守のオルダスは1921年にブランネイ島の灯台を点灯した。"),
        ],
    ),
    "hi": (
        [
            "ब्रन्ने द्वीप का दीपघर १९२१ में रखवाले स्ट्रेक ने जलाया।",
            "नाव तीन साल तक हर सुबह बंदरगाह जाती थी।",
            "कंपनी ने विधवा को पेंशन नहीं दी।",
            "रखवाला हर शाम बिल्ली को खाना देता था।",
        ],
        [
            (0, "रखवाले स्ट्रेक ने 1921 में ब्रन्ने द्वीप का दीपघर जलाया।"),
            (1, "3 साल तक नाव हर सुबह बंदरगाह जाती थी।"),
            (2, "विधवा को कंपनी ने पेंशन नहीं दी।"),
        ],
        [
            (0, "रखवाले स्ट्रेक ने 1922 में ब्रन्ने द्वीप का दीपघर जलाया।"),
            (1, "नाव पाँच साल तक हर सुबह बंदरगाह जाती थी।"),
            (2, "कंपनी ने विधवा को पेंशन दी।"),
            (3, "रखवाला हर शाम बिल्ली को खाना नहीं देता था।"),
        ],
    ),
    "ar": (
        [
            "أضاء الحارس ستريك منارة جزيرة براناي في عام ١٩٢١.",
            "كانت العبارة تذهب إلى الميناء كل صباح منذ ثلاثة أعوام.",
            "لم تدفع الشركة معاشا للأرملة.",
            "كان الحارس يطعم القطة كل مساء.",
        ],
        [
            (0, "في عام 1921 أضاء الحارس ستريك منارة براناي."),
            (1, "منذ 3 أعوام كانت العبارة تذهب كل صباح إلى الميناء."),
            (2, "الشركة لم تدفع للأرملة معاشا."),
        ],
        [
            (0, "في عام 1922 أضاء الحارس ستريك منارة براناي."),
            (1, "كانت العبارة تذهب إلى الميناء كل صباح منذ خمسة أعوام."),
            (2, "دفعت الشركة معاشا للأرملة."),
            (3, "كان الحارس لا يطعم القطة كل مساء."),
        ],
    ),
    "fr": (
        [
            "Le phare de Brannay fut allumé le 3 mars 1921 par le gardien Strake.",
            "Le bac allait au port chaque matin pendant vingt-trois ans.",
            "La compagnie ne paya pas de pension à la veuve.",
        ],
        [
            (0, "Le gardien Strake alluma le phare de Brannay le 3 mars 1921."),
            (1, "Pendant 23 ans, le bac allait chaque matin au port."),
            (2, "La veuve n'eut pas de pension de la compagnie."),
        ],
        [
            (0, "Le gardien Strake alluma le phare de Brannay le 3 mai 1921."),
            (0, "Le gardien Vane alluma le phare de Brannay le 3 mars 1921."),
            (1, "Le bac allait au port chaque matin pendant vingt-cinq ans."),
            (2, "La compagnie paya une pension à la veuve."),
        ],
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_languages(language: str) -> None:
    sources, true, false = LANGUAGES[language]
    assert [text for number, text in true if number not in in_light_of(text, number, sources)] == []
    assert [text for number, text in false if in_light_of(text, number, sources)] == []
