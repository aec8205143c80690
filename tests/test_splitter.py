"""The headline splitter: what it promises of any text, how it is trained, and the shipped one."""

import io
import itertools
import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.artefact import (
    load_splitter,
    models_folder,
    save_splitter,
    split_headlines,
    verify,
)
from classifier.errors import (
    ArtefactDamagedError,
    ArtefactTooNewError,
    ArtefactTooOldError,
    OutputExistsError,
)
from classifier.splitter import HeadlineSplitter
from classifier.splitter.features import VERSION, Features
from classifier.splitter.pieces import Pieces, Tokens, cut_line, word_id
from classifier.splitter.segments import MOST_PIECES, best_cuts
from classifier.splitter.sides import Sides
from classifier.splitter.words import Words
from classifier.tokens import Segmenter
from training.front_pages import (
    AS_FOUND,
    Source,
    Variety,
    make_pages,
    make_short_lines,
    set_with_spaces,
)
from training.segmentation import Settings, _Problem, fit, lines_of
from training.splitter_scores import Score, best_width, cut_by_width, score

PLAIN = [
    "县医院新楼本周启用", "干渠提前三天开闸放水", "老旧小区加装电梯", "夜校开课首日座无虚席",
    "青石小学通了校车", "护林员老吴退休不离山", "社区食堂推出八元套餐", "城南水厂二期通水",
    "冬枣合作社分红大会召开", "村口修好了卫生厕所", "图书馆延长开放时间", "流浪老人三十年后回家",
    "渔港夜市重新开张", "戏台搬进村票友成主角", "残联送来就业岗位", "反诈民警进厂宣讲",
    "医保新规元旦起施行", "快递小哥当上网格员", "古桥体检期间不封路", "法庭开进葡萄园",
    "乡村教师返聘计划启动", "南河路夜间施工暂停", "春季招聘会本周六举行", "村医背包里装着心电图机",
    "种粮补贴全部发放到户", "湿地迎来首批候鸟", "城区新增五百个车位", "家庭医生上门问诊",
    "牧区流动邮局准时出发", "民宿集群带火小山村",
]  # fmt: skip
SPACED = [
    "直播课堂进村 老人学会网上卖货", "三条公交同日发车 赶集不再坐三轮",
    "荒坡变球场 孩子们有了足球课",
    "一亩桃园三种活法 果农多挣四千", "电梯通了 心气顺了", "水到田头 粮满仓",
    "隧洞贯通 三万群众告别苦咸水", "冰雹突袭果园 保险三天赔到位", "白天放羊 夜里直播",
    "荒山绿了 口袋鼓了", "干部下沉 问题上交", "一张网格图 千家平安事",
    "先看病后付费 山区患者少跑路", "老闸门退役 新闸门上岗", "路修到哪 车开到哪",
    "丰收节里话丰收 金秋大地好风景",
]  # fmt: skip
NO_WORDS = Words(
    np.zeros(0, dtype=np.uint32),
    np.zeros((0, 4), dtype=np.int8),
    np.zeros(0, dtype=np.float16),
    np.zeros(0, dtype=np.uint8),
)
SMALL = Settings(bits=14, min_pages=1, max_iterations=40)


@pytest.fixture(scope="module")
def source() -> Source:
    return Source([*PLAIN, *SPACED])


@pytest.fixture(scope="module")
def splitter(source: Source) -> HeadlineSplitter:
    draw = random.Random(0)
    pages = list(make_pages(source, 30, share=(0.1, 0.6), variety=AS_FOUND, draw=draw))
    pages += make_short_lines(source, 60, draw)
    return fit(lines_of(pages), NO_WORDS, SMALL)


def front_page(seed: int, n_headlines: int = 40) -> list[str]:
    draw = random.Random(seed)
    return [draw.choice(draw.choice([PLAIN, PLAIN, SPACED])) for _ in range(n_headlines)]


# ---- splitting ----


def test_a_front_page_on_one_line_comes_apart_into_its_headlines(
    splitter: HeadlineSplitter,
) -> None:
    page = front_page(seed=7)
    found = splitter.split(" ".join(page))
    assert len(set(found) & set(page)) >= 0.9 * len(set(page))
    assert any(" " in headline for headline in found)


def test_headlines_are_the_text_as_written_in_order(splitter: HeadlineSplitter) -> None:
    blob = "  " + " \u3000 ".join(front_page(seed=8)) + "\t"
    found = splitter.split(blob)
    place = 0
    for headline in found:
        start = blob.index(headline, place)
        assert not blob[place:start].strip()
        place = start + len(headline)
    assert not blob[place:].strip()


def test_a_text_without_spaces_comes_back_whole(splitter: HeadlineSplitter) -> None:
    text = "".join(PLAIN)
    assert splitter.split(text) == [text]
    assert splitter.boundary_margins(text) == []


def test_a_line_of_one_headline_comes_back_whole(splitter: HeadlineSplitter) -> None:
    whole = [headline for headline in SPACED if splitter.split(headline) == [headline]]
    assert len(whole) >= 0.9 * len(SPACED)


@pytest.mark.parametrize("blank", ["", " ", "\n", " \t\r\n\u3000\u00a0\n"])
def test_a_blank_text_holds_no_headline(splitter: HeadlineSplitter, blank: str) -> None:
    assert splitter.split(blank) == []


def test_each_line_is_split_by_itself(splitter: HeadlineSplitter) -> None:
    lines = [" ".join(front_page(seed)) for seed in range(3)] + [SPACED[0], "", PLAIN[0]]
    one_by_one = [headline for line in lines for headline in splitter.split(line)]
    assert splitter.split("\n".join(lines)) == one_by_one
    assert splitter.split("\r\n".join(lines)) == one_by_one


def test_a_space_that_does_not_break_never_parts_headlines(splitter: HeadlineSplitter) -> None:
    page = random.Random(9).sample(PLAIN, 30)
    assert splitter.split("\u00a0".join(page)) == ["\u00a0".join(page)]
    mixed = splitter.split(" ".join(page[:20]) + " \u00a0 " + " ".join(page[20:]))
    assert any(f"{page[19]} \u00a0 {page[20]}" in headline for headline in mixed)


@pytest.mark.parametrize("mark", ["|", "｜", "丨"])
def test_a_column_mark_keeps_both_its_sides(splitter: HeadlineSplitter, mark: str) -> None:
    page = front_page(seed=10)
    found = splitter.split(" ".join([*page, f"民生关注 {mark} 干渠放水", *page]))
    assert any(f"民生关注 {mark} 干渠放水" in headline for headline in found)


@pytest.mark.parametrize("pair", ["“”", "《》", "【】", "（）", "()", "「」"])
def test_a_space_inside_brackets_parts_nothing(splitter: HeadlineSplitter, pair: str) -> None:
    page = front_page(seed=11)
    bracketed = f"{pair[0]}春灌 秋收{pair[1]}全县粮食增产"
    found = splitter.split(" ".join([*page, bracketed, *page]))
    assert any(bracketed in headline for headline in found)


def test_brackets_that_are_never_closed_keep_nothing_together(splitter: HeadlineSplitter) -> None:
    page = front_page(seed=12)
    assert len(splitter.split("“" + " ".join(page))) > 20
    assert len(splitter.split("”" + " ".join(page) + "（")) > 20
    far = cut_line("（" + "春灌秋收" * 20 + " 冬藏）")
    assert len(far) == 2


def test_margins_say_what_split_does(splitter: HeadlineSplitter) -> None:
    blob = " ".join(front_page(seed=13)) + "\n" + "  ".join(front_page(seed=14))
    boundaries = splitter.boundary_margins(blob)
    assert all(not blob[one.start : one.end].strip() for one in boundaries)
    assert len(boundaries) == sum(len(line.split()) - 1 for line in blob.split("\n"))
    cuts = [one for one in boundaries if one.margin > 0]
    assert len(splitter.split(blob)) == len(cuts) + 2


def test_a_line_of_a_megabyte_is_split(splitter: HeadlineSplitter) -> None:
    page = front_page(seed=15, n_headlines=100)
    blob = " ".join(page * 350)
    assert len(blob.encode("utf-8")) > 900_000
    found = splitter.split(blob)
    assert len(found) > 20_000
    assert "".join(found).replace(" ", "") == blob.replace(" ", "")


@pytest.mark.parametrize(
    "unit", ["a ", "1 亿 ", "“ ", "（ ", "。 ", "| ", "\U0001f600 ", "\ud800 "]
)
def test_a_long_line_of_one_repeated_piece_is_split(splitter: HeadlineSplitter, unit: str) -> None:
    blob = unit * 2000
    assert "".join("".join(splitter.split(blob)).split()) == "".join(blob.split())


@settings(max_examples=100, deadline=None)
@given(
    st.text(st.sampled_from(list("春灌放水县5G “”（）|：，。\u00a0\u3000\n\ud800")), max_size=80)
)
def test_no_character_of_any_text_is_lost(splitter: HeadlineSplitter, text: str) -> None:
    found = splitter.split(text)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(headline == headline.strip() and headline for headline in found)


def test_lines_without_a_space_have_no_margins(splitter: HeadlineSplitter) -> None:
    assert splitter.margins([]) == []
    assert splitter.margins([["春灌"], ["秋收"]]) == []


# ---- pieces and features ----


def test_lines_are_cut_at_every_space_that_may_part() -> None:
    line = " 春灌 秋收\u00a0冬藏 栏目 | 放水 《水 渠》 完"
    assert [line[start:end] for start, end in cut_line(line)] == [
        "春灌",
        "秋收\u00a0冬藏",
        "栏目 | 放水",
        "《水 渠》",
        "完",
    ]


def test_on_lines_set_with_spaces_around_latin_a_side_reaches_over_them() -> None:
    line = "今年 5 月 干渠 放水 9 天 AI 进村 3 个"
    spaced = [line[start:end] for start, end in cut_line(line)]
    sides = Sides(Pieces.of([spaced]))
    assert sides.soft.tolist() == [True, True, False, False, True, True, True, True, True, True]
    first, last = sides.left
    assert (first[2], last[2]) == (0, 2)
    assert sides.width(sides.left)[2] == 3.5
    tight = Sides(Pieces.of([["今年5月", "干渠放水9天", "AI进村3个"]]))
    assert not tight.soft.any()


def test_many_lines_at_once_have_the_features_of_each_by_itself() -> None:
    lines = [front_page(seed, n_headlines=12) for seed in range(4)]
    cut = lines_of(lines).lines

    def features(some: list[list[str]]) -> Features:
        pieces = Pieces.of(some)
        return Features(Sides(pieces), pieces.tokens(Segmenter()), NO_WORDS)

    together, apart = features(cut), [features([line]) for line in cut]
    for hashes, *parts in zip(together.hashed(), *(one.hashed() for one in apart), strict=True):
        assert np.array_equal(hashes, np.concatenate(parts))
    assert np.allclose(together.dense(), np.concatenate([one.dense() for one in apart]))


def test_words_that_are_not_known_have_their_shape_for_a_class() -> None:
    pieces = Pieces.of([["干渠放水12天", "AI进村"]])
    tokens = pieces.tokens(Segmenter())
    assert isinstance(tokens, Tokens)
    assert NO_WORDS.classes_of(tokens).tolist() == tokens.shapes.tolist()
    known = Words(
        np.array([word_id("放水")], dtype=np.uint32),
        np.array([[127, 0]], dtype=np.int8),
        np.array([2], dtype=np.float16),
        np.array([3], dtype=np.uint8),
    )
    classes = known.classes_of(tokens).tolist()
    assert sum(one != shape for one, shape in zip(classes, tokens.shapes, strict=True)) == 1
    assert np.allclose(known.weighted, [[2, 0], [0, 0]])


# ---- the best way to cut ----


def test_the_best_way_to_cut_is_the_best_of_all_ways() -> None:
    draw = np.random.default_rng(0)
    for n_pieces in range(1, 9):
        margins = draw.normal(size=n_pieces - 1).tolist()
        scores = draw.normal(size=(n_pieces, MOST_PIECES)).tolist()
        best_with = {True: [-np.inf] * (n_pieces - 1), False: [-np.inf] * (n_pieces - 1)}
        for cuts in itertools.product([False, True], repeat=n_pieces - 1):
            ends = [place + 1 for place, cut in enumerate(cuts) if cut] + [n_pieces]
            total = sum(margin for margin, cut in zip(margins, cuts, strict=True) if cut)
            for start, end in zip([0, *ends[:-1]], ends, strict=True):
                total += scores[end - 1][end - start - 1]
            for place, cut in enumerate(cuts):
                best_with[cut][place] = max(best_with[cut][place], total)
        wanted = np.subtract(best_with[True], best_with[False])
        assert np.allclose(best_cuts(margins, scores), wanted)


def test_a_headline_has_no_more_pieces_than_allowed() -> None:
    n_pieces = MOST_PIECES + 4
    never = [-100.0] * (n_pieces - 1)
    found = best_cuts(never, [[0.0] * MOST_PIECES] * n_pieces)
    assert sum(margin > 0 for margin in found) <= 1
    assert max(found) == 0 or sum(margin > 0 for margin in found) == 1


# ---- training ----


def test_the_gradient_is_that_of_the_loss(source: Source) -> None:
    draw = random.Random(1)
    lines = lines_of(list(make_short_lines(source, 12, draw)))
    problem = _Problem(lines, NO_WORDS, Settings(bits=10, min_pages=1))
    weights = np.random.default_rng(0).normal(scale=0.3, size=problem.n_weights)
    _, gradient = problem.loss_and_gradient(weights)
    for place in [0, 5, problem.n_weights - MOST_PIECES, problem.n_weights - 1, len(weights) // 2]:
        step = np.zeros_like(weights)
        step[place] = 1e-4
        above, below = (problem.loss_and_gradient(weights + sign * step)[0] for sign in (1, -1))
        assert gradient[place] == pytest.approx((above - below) / 2e-4, abs=1e-4)


def test_training_is_better_than_cutting_at_every_space(
    splitter: HeadlineSplitter, source: Source
) -> None:
    draw = random.Random(5)
    pages = lines_of(list(make_pages(source, 5, share=1 / 3, variety=AS_FOUND, draw=draw)))
    alone = lines_of([[headline] for headline in SPACED])
    found = score(splitter, pages, alone, width=best_width(pages))
    assert found.splitter.f1 > max(found.every_space.f1, found.by_width.f1)
    assert found.every_space.recall == 1
    assert found.alone >= 0.9
    assert "splitter" in found.lines("small")[1]
    assert found.to_dict()["alone"] == round(found.alone, 4)


def test_the_same_pages_give_the_same_splitter(source: Source) -> None:
    pages = lines_of(
        list(make_pages(source, 3, share=0.3, variety=Variety(), draw=random.Random(2)))
    )
    few = Settings(bits=10, max_iterations=3)
    states = [fit(pages, NO_WORDS, few).to_state()[1] for _ in range(2)]
    assert all(np.array_equal(states[0][name], states[1][name]) for name in states[0])


def test_scores_are_those_worked_by_hand() -> None:
    lines = lines_of([["甲 乙", "丙", "丁"]])
    assert lines.lines == [["甲", "乙", "丙", "丁"]]
    assert lines.is_cut.tolist() == [False, True, True]
    found = Score.of(lines, np.array([True, True, False]))
    assert (found.precision, found.recall, found.exact) == (0.5, 0.5, 0.0)
    assert Score.of(lines, lines.is_cut).exact == 1
    assert cut_by_width(lines, 2).tolist() == [False, True, False]


def test_pages_hold_the_stated_share_of_headlines_with_spaces(source: Source) -> None:
    for page in make_pages(source, 5, share=0.5, variety=AS_FOUND, draw=random.Random(3)):
        assert 30 <= len(page) <= 80
        assert sum(" " in headline for headline in page) == round(0.5 * len(page))
        assert set(page) <= {*PLAIN, *SPACED}


def test_variety_sets_spaces_marks_and_parts() -> None:
    comma = [f"{headline}，{headline}" for headline in PLAIN] + ["民生：干渠放水9天"] * 60
    source = Source([*comma, *SPACED])
    draw = random.Random(4)
    variety = Variety(column=0, spaced=1, comma=1, mark=1)
    page = [
        headline
        for page in make_pages(source, 4, share=0.5, variety=variety, draw=draw)
        for headline in page
    ]
    assert any(headline.startswith("民生|") for headline in page)
    assert any("放水 9 天" in headline for headline in page)
    assert any(" " in headline and headline not in SPACED for headline in page)
    assert set_with_spaces("5G进村“云端”卖枣", quotes_too=False) == "5G 进村“云端”卖枣"


# ---- state ----


def test_a_splitter_is_the_same_after_its_state_went_through_files(
    splitter: HeadlineSplitter,
) -> None:
    written, arrays = splitter.to_state()
    read = {}
    for name, array in arrays.items():
        file = io.BytesIO()
        np.save(file, array, allow_pickle=False)
        file.seek(0)
        read[name] = np.load(file, allow_pickle=False)
    again = HeadlineSplitter.from_state(json.loads(json.dumps(written)), read)
    blob = " ".join(front_page(seed=16))
    assert again.boundary_margins(blob) == splitter.boundary_margins(blob)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"features": VERSION + 1}, ArtefactTooNewError, "made for features .*; upgrade it"),
        ({"features": VERSION - 1}, ArtefactTooOldError, "train it again"),
        ({"most_pieces": 3}, ArtefactTooOldError, "headlines of 3 pieces.*train it again"),
        ({"features": "x"}, ArtefactDamagedError, "'features' is 'x', wanted a whole number"),
    ],
)
def test_settings_of_another_version_are_told_apart(
    splitter: HeadlineSplitter,
    change: dict[str, object],
    error: type[Exception],
    message: str,
) -> None:
    written, arrays = splitter.to_state()
    with pytest.raises(error, match=message):
        HeadlineSplitter.from_state({**written, **change}, arrays)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("dense", None, "array 'dense' is nothing, wanted float32 of shape"),
        ("dense", np.zeros(3, dtype=np.float32), r"'dense' is float32 of shape \(3,\)"),
        ("word_codes", np.zeros((2, 4)), "'word_codes' is float64"),
        ("hashed", np.zeros(100, dtype=np.float16), "no power of two"),
        ("word_classes", np.zeros(2, dtype=np.uint8), "differ in length; get the model again"),
    ],
)
def test_arrays_that_do_not_fit_are_damage(
    splitter: HeadlineSplitter, name: str, value: object, message: str
) -> None:
    written, arrays = splitter.to_state()
    changed = {key: array for key, array in arrays.items() if key != name}
    if value is not None:
        changed[name] = value  # type: ignore[assignment]
    with pytest.raises(ArtefactDamagedError, match=message):
        HeadlineSplitter.from_state(written, changed)


def test_a_saved_splitter_is_loaded_and_verified(
    splitter: HeadlineSplitter, tmp_path: Path
) -> None:
    path = tmp_path / "small"
    metadata = {"name": "small", "version": "1"}
    save_splitter(splitter, path, metadata=metadata, card="# small\n")
    blob = " ".join(front_page(seed=18))
    assert load_splitter(path).boundary_margins(blob) == splitter.boundary_margins(blob)
    assert verify(path).kind == "headline-splitter"
    with pytest.raises(OutputExistsError, match="exists already"):
        save_splitter(splitter, path, metadata=metadata, card="")
    save_splitter(splitter, path, metadata=metadata, card="", force=True)


def test_a_saved_splitter_of_other_features_is_told_by_its_path(
    splitter: HeadlineSplitter, tmp_path: Path
) -> None:
    path = tmp_path / "small"
    save_splitter(splitter, path, metadata={"name": "small", "version": "1"}, card="")
    manifest = json.loads((path / "model.json").read_text(encoding="utf-8"))
    manifest["features"] = VERSION + 1
    (path / "model.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ArtefactTooNewError, match=r"small: made for features"):
        load_splitter(path)


# ---- the shipped splitter ----

SHIPPED = models_folder() / "headline-splitter"
AUTHORED = Path(__file__).parent.parent / "training" / "data" / "authored.jsonl"


@pytest.fixture(scope="module")
def shipped() -> HeadlineSplitter:
    if not SHIPPED.is_dir():
        pytest.skip("no shipped splitter")
    return load_splitter()


def test_the_shipped_splitter_is_small(shipped: HeadlineSplitter) -> None:
    assert shipped.dense.size > 0
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 1_500_000


def test_the_shipped_splitter_takes_front_pages_apart(shipped: HeadlineSplitter) -> None:
    if not AUTHORED.is_file():
        pytest.skip("no authored headlines")
    rows = map(json.loads, AUTHORED.read_text(encoding="utf-8").splitlines())
    source = Source([row["text"] for row in rows if row["kind"] == "headline"])
    draw = random.Random(6)
    pages = lines_of(list(make_pages(source, 20, share=1 / 3, variety=AS_FOUND, draw=draw)))
    alone = lines_of([[draw.choice(source.spaced)] for _ in range(200)])
    found = score(shipped, pages, alone, width=14)
    assert found.splitter.f1 >= 0.95
    assert found.splitter.exact >= 0.85
    assert found.alone >= 0.9


def test_the_shipped_splitter_takes_an_invented_page_apart(shipped: HeadlineSplitter) -> None:
    page = front_page(seed=17)
    found = shipped.split(" ".join(page))
    assert split_headlines(" ".join(page)) == found
    assert len(set(found) & set(page)) >= 0.85 * len(set(page))
