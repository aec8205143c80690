"""Headline lists and article pages: whole pages, and the rules one by one."""

import dataclasses
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.documents import (
    REASONS,
    Article,
    LeftOut,
    guess_kind,
    headline_core,
    is_html,
    looks_like_blob,
    read_article,
    read_headlines,
)
from classifier.documents.details import ends_sentence, read_details, read_moment
from classifier.documents.html import decode_page
from classifier.documents.lines import kind_of_line, read_breadcrumb, split_lines
from classifier.errors import DataError, DecodingError, MissingExtraError

PAGES = sorted(
    path for path in (Path(__file__).parent / "pages").iterdir() if path.suffix != ".json"
)


def core(text: str) -> str:
    start, end = headline_core(text)
    return text[start:end]


def texts(listed: str) -> list[str]:
    return [item.text for item in read_headlines(listed).items]


# ---- whole pages ----


def test_there_are_at_least_thirty_pages() -> None:
    assert len(PAGES) >= 30


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_is_read_into_the_parts_written_down_beside_it(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    found = dataclasses.asdict(read_article(path))
    found["paragraphs"] = list(found["paragraphs"])
    found["left_out"] = [[one["text"], one["reason"]] for one in found["left_out"]]
    assert found == expected


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_no_line_of_a_plain_page_is_lost_or_doubled(path: Path) -> None:
    if path.suffix == ".html":
        pytest.skip("blocks of HTML are no lines")
    text = path.read_text(encoding="utf-8-sig")
    article = read_article(path)
    parts = [article.title or "", *article.paragraphs, *(one.text for one in article.left_out)]
    shown = sorted("".join("".join(parts).split()))
    # A date at the end of the title is read and taken off.
    if path.stem.startswith("25"):
        shown = sorted([*shown, *"2021-06-0109:12:00"])
    assert shown == sorted("".join(text.split()))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_reasons_are_those_that_are_documented(path: Path) -> None:
    assert {one.reason for one in read_article(path).left_out} <= set(REASONS)


def test_bytes_text_and_path_give_the_same_article() -> None:
    path = next(path for path in PAGES if path.stem.startswith("01"))
    data = path.read_bytes()
    assert read_article(path) == read_article(data) == read_article(data.decode("utf-8"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_bytes_are_read_in_the_encodings_of_chinese_pages(encoding: str) -> None:
    path = next(path for path in PAGES if path.stem.startswith("08"))
    text = path.read_text(encoding="utf-8")
    assert read_article(text.encode(encoding)) == read_article(text)


def test_an_empty_page_gives_an_empty_article() -> None:
    assert read_article("") == read_article(" \n\u3000\n") == read_article(b"") == Article()


def test_one_line_is_a_title_if_it_looks_like_one_and_else_a_paragraph() -> None:
    assert read_article("县图书馆延长开放时间") == Article(title="县图书馆延长开放时间")
    assert read_article("即日起，图书馆延长开放。") == Article(
        paragraphs=("即日起，图书馆延长开放。",)
    )
    assert read_article("　　县图书馆延长开放时间").paragraphs == ("县图书馆延长开放时间",)
    long = "县图书馆延长开放时间" * 7
    assert read_article(long).paragraphs == (long,)


def test_a_page_that_is_all_surroundings_has_no_title() -> None:
    article = read_article("首页 > 民生\n【打印】【关闭】\n版权所有：沙湖县")
    assert (article.title, article.paragraphs, article.section) == (None, (), "民生")
    assert [one.reason for one in article.left_out] == ["breadcrumb", "page tools", "copyright"]


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.txt: cannot be read: No such file.*check the path"):
        read_article(tmp_path / "none.txt")


def test_a_number_is_no_page() -> None:
    with pytest.raises(TypeError, match="page must be a str, bytes or a path, not int"):
        read_article(3)  # type: ignore[arg-type]


def test_bytes_that_are_no_text_are_an_error() -> None:
    with pytest.raises(DecodingError, match="page: cannot be read as text"):
        read_article(b"\x81\xff\xff\x00\x80 \xff")


# ---- HTML ----

HTML = (
    '<html><head><meta charset="{charset}"><title>春灌开闸放水</title></head>'
    "<body><h1>春灌开闸放水</h1>"
    "<p>来源：沙湖日报 2021-03-05</p><p>今天，干渠放水，十二万亩小麦浇上头水。</p></body></html>"
)


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("gb2312", "gb18030"), ("GBK", "gb18030"), ("big5", "gb18030"), ("no-such", "utf-8"),
    ("undefined", "utf-8"), ("idna", "utf-8"), ("hex", "utf-8"), ("unicode-escape", "gb18030"),
    ("utf-8", "gb18030")],
)  # fmt: skip
def test_the_declared_charset_of_html_is_honoured_unless_the_bytes_are_not_in_it(
    charset: str, encoding: str
) -> None:
    article = read_article(HTML.format(charset=charset).encode(encoding))
    assert article.title == "春灌开闸放水"
    assert article.paragraphs == ("今天，干渠放水，十二万亩小麦浇上头水。",)
    assert (article.source, article.published) == ("沙湖日报", "2021-03-05")


def test_a_codec_that_is_no_character_set_costs_no_time() -> None:
    # Python's punycode would take minutes.
    page = "<meta charset=punycode>-" + "a" * 2_000_000
    assert decode_page(page.encode(), where="page") == page


def test_a_declared_charset_decides_where_two_would_do() -> None:
    text = HTML.format(charset="big5").replace("闸", "閘").replace("来", "來").replace("亩", "畝")
    text = text.replace("开", "開").replace("麦", "麥").replace("头", "頭").replace("报", "報")
    text = text.replace("万", "萬").replace("浇", "澆").replace("干", "乾")
    assert read_article(text.encode("big5")).title == "春灌開閘放水"


def test_html_without_trafilatura_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    with pytest.raises(MissingExtraError, match=r'pip install "headline-classifier\[html\]"'):
        read_article(HTML)
    assert read_article("春灌开闸放水").title == "春灌开闸放水"


@pytest.mark.parametrize(
    "page", ["<html>", "<!doctype html>", "<html><body></body></html>", "<p></p>",
        "<p>\0\ud800</p>",
             "<div>" * 3000 + "</div>", "<html><script>var a='</div>';</script>"]
)  # fmt: skip
def test_html_that_holds_no_article_is_read_without_an_error(page: str) -> None:
    article = read_article(page)
    assert article.published is None
    assert article.paragraphs == ()


def test_the_date_of_html_is_taken_from_its_head_where_the_page_shows_none() -> None:
    head = '<meta property="article:published_time" content="2022-05-06T08:00:00+08:00">'
    body = "<p>" + "干渠放水，十二万亩小麦浇上头水，农户说今年的水来得早。" * 8 + "</p>"
    page = f"<html><head><title>春灌</title>{head}</head><body><h1>春灌</h1>{body}</body></html>"
    assert read_article(page).published == "2022-05-06"


def test_what_a_reader_does_not_see_is_not_read() -> None:
    page = HTML.format(charset="utf-8").replace("<p>来源", "<script>var 来源 = 1;</script><p>来源")
    assert "var" not in str(read_article(page))


# ---- lines of a page ----


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("你当前位置:首页 >民生关注 >", "breadcrumb"),
        ("您现在的位置：首页>>政务公开>>正文", "breadcrumb"),
        ("首页 » 社会", "breadcrumb"),
        ("首页 / 社会", "breadcrumb"),
        ("新闻中心 > 民生 > 正文", "breadcrumb"),
        ("目前位置：首頁 > 社區", "breadcrumb"),
        ("2021-01-13 19:03:43来源:央广网", "date and source"),
        ("来源：新华网 时间：2021-01-13", "date and source"),
        ("发布日期：2021年1月13日", "date and source"),
        ("作者：马小山", "date and source"),
        ("來源：海港日報", "date and source"),
        ("来　源：沙湖日报", "date and source"),
        ("央广网 2021-01-13 19:03", "date and source"),
        ("2021-01-13", "date and source"),
        ("索引号：QC-2024-0031 文号：青建〔2024〕3号", "date and source"),
        ("责任编辑：韩青", "editor"),
        ("（编辑：韩青 审核：李田）", "editor"),
        ("编辑：", "editor"),
        ("【打印】【关闭】", "page tools"),
        ("字体：大 中 小", "page tools"),
        ("分享到：微信 微博", "page tools"),
        ("扫一扫在手机打开当前页", "page tools"),
        ("浏览次数：328", "page tools"),
        ("打印本页 | 关闭窗口", "page tools"),
        ("版权所有：沙湖县人民政府", "copyright"),
        ("Copyright © 2021 沙湖传媒", "copyright"),
        ("宁ICP备00000001号-1", "copyright"),
        ("未经授权不得转载", "copyright"),
        ("声明：本网转载的稿件版权归原作者所有", "copyright"),
        ("相关链接：", "related links"),
        ("【延伸阅读】", "related links"),
        ("上一篇：干渠清淤", "related links"),
        ("下一条", "related links"),
        ("上一页 1 2 3 下一页 尾页", "page navigation"),
        ("返回顶部", "page navigation"),
        ("首页 新闻 视频 专题 服务", "page navigation"),
        ("今天是2024年5月1日 星期三", "page navigation"),
    ],
)
def test_a_line_around_the_text_is_known_for_what_it_is(line: str, kind: str) -> None:
    assert [kind_of_line(one) for one in split_lines(line)] == [kind]


@pytest.mark.parametrize(
    "line",
    [
        "2021年1月13日，县医院新楼启用。",
        "记者在现场看到，来源：不明的药品被当场封存。",
        "收入来源：种地打工两不误",
        "评论：别让好政策停在纸上",
        "阅读：一座城的气质",
        "时间：不够用的村医",
        "作者：一位在黄河边写了四十年日记的老人，和他那一箱子没有人读过的本子还有很多很多话",
        "分享春天的第一口鲜",
        "打印店老板当起义务消防员",
        "扫一扫码上办，全程不见面。办件时间缩短一半。",
        "相关部门负责人到场督办",
        "上一次下雪还是十年前",
        "下一站，向海",
        "版面费该由谁来出",
        "编辑部的故事",
        "产量 > 去年",
        "位置偏远的村子通了公交",
        "微博上的热心人找到了",
        "首页设计大赛开赛",
        "联系电话：见招聘公告",
        "来源：" + "很长" * 200,
    ],
)
def test_a_line_of_text_is_text(line: str) -> None:
    assert [kind_of_line(one) for one in split_lines(line)] == ["text"]


def test_a_breadcrumb_gives_its_steps_without_home_and_leaf() -> None:
    assert read_breadcrumb("当前位置：首页 > 新闻 > 民生 > 正文") == ("新闻", "民生")
    assert read_breadcrumb("当前位置：") == ()
    assert read_breadcrumb("首页 > " + "很长" * 200) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2021-01-13 19:03:43", "2021-01-13T19:03:43"),
        ("2021/1/3 9:05", "2021-01-03T09:05"),
        ("2021.01.13", "2021-01-13"),
        ("2021年1月3日9时5分", "2021-01-03T09:05"),
        ("2021-01-13T19:03:43", "2021-01-13T19:03:43"),
        ("2021-02-30", None),
        ("2021-01-13 25:00", None),
        ("1月3日", None),
        ("120210113-01-13", None),
        ("", None),
    ],
)
def test_a_date_is_read_as_exactly_as_it_is_written(text: str, moment: str | None) -> None:
    assert read_moment(text) == moment


@pytest.mark.parametrize(
    ("line", "published", "source", "author"),
    [
        ("2021-01-13来源:央广网作者:马小山", "2021-01-13", "央广网", "马小山"),
        ("【来源：沙湖日报】【浏览：5】 2021-01-13", "2021-01-13", "沙湖日报", None),
        ("来源：沙湖日报 字体：大 中 小 打印", None, "沙湖日报", None),
        ("来源：沙湖日报 【大 中 小】 【打印】", None, "沙湖日报", None),
        ("来源：沙湖日报 | 2021-01-13 | 阅读 23", "2021-01-13", "沙湖日报", None),
        ("沙湖发布 2021年1月13日 08:00 星期三", "2021-01-13T08:00", "沙湖发布", None),
        ("来源： 时间：2021-01-13", "2021-01-13", None, None),
        ("發佈時間：2021-01-13 作者：馬小山", "2021-01-13", None, "馬小山"),
        ("本报记者 马小山 通讯员 李田", None, None, "本报记者 马小山 通讯员 李田"),
        ("（沙湖日报 2021年1月13日 第03版）", "2021-01-13", "沙湖日报", None),
    ],
)
def test_a_line_of_details_gives_date_source_and_author(
    line: str, published: str | None, source: str | None, author: str | None
) -> None:
    details = read_details(line)
    assert details is not None
    assert (details.published, details.source, details.author) == (published, source, author)


def test_a_line_longer_than_any_line_of_details_is_none() -> None:
    assert read_details("来源：沙湖日报" + " " * 300) is None


def test_a_section_may_stand_among_the_details() -> None:
    article = read_article("春灌开闸放水\n栏目：三农 来源：沙湖日报\n今天，干渠放水。")
    assert (article.section, article.source) == ("三农", "沙湖日报")


def test_the_time_of_an_event_is_part_of_the_article() -> None:
    page = "招聘会周六举行\n来源：人社局 2023-02-10\n时间：2023年2月18日\n欢迎求职者参加。"
    article = read_article(page)
    assert article.published == "2023-02-10"
    assert article.paragraphs == ("时间：2023年2月18日", "欢迎求职者参加。")


def test_after_the_copyright_line_nothing_goes_on() -> None:
    sequel = "这一段话虽然有句号，而且也足够长，但是它站在版权声明的后面。"
    article = read_article(f"春灌\n今天，干渠放水。\n版权所有：沙湖县\n{sequel}")
    assert article.left_out[-1] == LeftOut(sequel, "outside the article")


def test_a_closing_quotation_mark_ends_a_sentence_too() -> None:
    assert ends_sentence("他说：“好。”")
    assert not ends_sentence("他说好")
    assert not ends_sentence("")


def test_paragraphs_a_line_each_are_not_joined() -> None:
    lines = [
        "第一件事是修渠，全村老少一起上阵，干了三个月",
        "第二件事是修路，全村老少又上阵，干了两个月",
    ]
    assert read_article("三件事\n" + "\n\n".join(lines) + "\n完。").paragraphs == (*lines, "完。")


@settings(max_examples=200, deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from(
            list("首页>：:来源时间2021-0113 \u3000\n。【】打印编辑长（）|下一篇")
        )
    )
)
def test_any_text_is_read_as_a_page_without_losing_a_character(page: str) -> None:
    article = read_article(page)
    parts = [article.title or "", *article.paragraphs, *(one.text for one in article.left_out)]
    assert sorted("".join("".join(parts).split())) == sorted("".join(page.split())) or (
        # Only a date at the end of the title is taken off.
        article.published is not None
    )


# A pattern that can read a run of these in more ways than one would not come back from the short
# lines, of which it looks at every character, with an end that it does not match.
@pytest.mark.parametrize(("length", "end"), [(20, "号"), (120, "号"), (290, "号"), (100_000, "")])
@pytest.mark.parametrize(
    "unit", ["来源：", "2021-01-13 ", "首页 > ", "（", "【打印】", "扫一扫", "\u3000\u3000",
        "字 ", "<p>", "记者 马",
             "> ", "1 ", "浏览", "转载", "\u200b", "\ud800", "1", "[1]", "首页", "首页 ", ".",
             "<!---->", "<!-- ", "\u00a0", "网站地图", "第1页", "阅读 1 "]
)  # fmt: skip
def test_a_page_of_one_repeated_piece_is_read(unit: str, length: int, end: str) -> None:
    page = unit * (length // len(unit)) + end
    read_article(page)
    guess_kind(page)
    assert read_headlines(page).n_duplicates == 0
    assert headline_core(page)[1] <= len(page)


def test_a_long_number_at_the_start_of_a_line_is_read() -> None:
    assert (
        read_article("2021030512345678901234567号订单公示").title
        == "2021030512345678901234567号订单公示"
    )


def test_a_date_of_figures_alone_is_no_page_navigation() -> None:
    assert [kind_of_line(line) for line in split_lines("2021.03.05\n1 2 3\n[12] >")] == [
        "date and source",
        "page navigation",
        "page navigation",
    ]


def test_wide_gaps_after_a_counter_are_looked_at_once() -> None:
    # In thousands of such lines the gap, shared out between three, would take minutes.
    page = f"阅读{chr(0x2003) * 290}号\n" * 400
    assert len(read_article(page).paragraphs) == 400


def test_a_title_with_a_long_gap_inside_is_read() -> None:
    gap = "\u00a0" * 200_000
    title = f"春灌开闸放水{gap}浇地不用愁"
    assert (
        read_article(f"<html><body><h1>{title}</h1><p>今天，干渠放水。</p></body></html>").title
        == title
    )


def test_a_date_at_the_end_of_a_title_is_taken_off_with_the_gap_before_it() -> None:
    article = read_article("中学生发明的“不倒拐杖”获奖 \u00a0 2021-06-01\n今天，颁奖。")
    assert (article.title, article.published) == ("中学生发明的“不倒拐杖”获奖", "2021-06-01")


# ---- headline lists ----


@pytest.mark.parametrize(
    "marker",
    ["1. ", "1.", "12．", "1、", "1、 ", "1) ", "1）", "（1）", "(12) ", "[3] ", "①", "⑳ ", "⑴",
     "⒈", "❶", "㈠",
     "一、", "十二、", "（三）", "• ", "•", "· ", "●", "■ ", "◆", "▶ ", "★★★", "- ", "– ", "* ",
     "+ ", "• 1. "],
)  # fmt: skip
def test_numbers_and_bullets_are_taken_off(marker: str) -> None:
    assert texts(f"{marker}县医院新楼启用") == ["县医院新楼启用"]


@pytest.mark.parametrize(
    "headline",
    [
        "5G信号通到牧场",
        "2021年春灌开始",
        "3.5亿元补贴到账",
        "110接警员的一天",
        "12345热线回访群众",
        "3、4月份雨水偏多",
        "一、二线城市落户放宽",
        "三、四年级用上新课桌",
        "【民生】县医院新楼启用",
        "[视频] 县医院新楼启用",
        "（图）县医院新楼启用",
        "-5℃的早市照样热闹",
        "——访种粮大户老白",
        "100天攻坚行动收官",
        "8 个村通上自来水",
        "24小时不打烊的图书馆",
        "（2021）十件实事办结",
        "1.",
        "•",
        "（一）",
    ],
)
def test_what_belongs_to_a_headline_is_no_marker(headline: str) -> None:
    assert texts(headline) == [headline]


def test_a_number_before_a_digit_is_a_marker_where_the_lines_count_up() -> None:
    assert texts("1.5G信号通到牧场\n2.3.5亿元到账\n3.县医院启用") == [
        "5G信号通到牧场",
        "3.5亿元到账",
        "县医院启用",
    ]
    assert texts("1 春灌\n2 秋收\n3 冬藏") == ["春灌", "秋收", "冬藏"]
    assert texts("1\t春灌\n\n2\t秋收\n3\t冬藏") == ["春灌", "秋收", "冬藏"]


def test_numbers_that_do_not_count_up_from_one_are_kept() -> None:
    assert texts("3.5亿元到账\n4.5亿元贷款\n5.5亿元投资") == [
        "3.5亿元到账",
        "4.5亿元贷款",
        "5.5亿元投资",
    ]
    assert texts("1.5亿元到账\n2.5亿元贷款") == ["1.5亿元到账", "2.5亿元贷款"]
    assert texts("8 个村通水\n9 个村通路\n10 个村通网") == [
        "8 个村通水",
        "9 个村通路",
        "10 个村通网",
    ]


def test_a_list_of_a_thousand_and_more_is_numbered_to_its_end() -> None:
    listed = "\n".join(f"{number}.{number % 7}号泵站检修" for number in range(1, 1201))
    assert texts(listed)[-1] == "3号泵站检修"


def test_lines_blanks_and_duplicates_are_counted() -> None:
    found = read_headlines(
        "\ufeff1. 春灌开始\r\n\r\n2. 秋收完成\r3. 春灌开始\n \n４．ＡＩ进村\n• ai进村\n"
    )
    assert [(item.line, item.text, item.repeats) for item in found.items] == [
        (1, "春灌开始", None),
        (3, "秋收完成", None),
        (4, "春灌开始", 1),
        (6, "ＡＩ进村", None),
        (7, "ai进村", 6),
    ]
    assert (found.n_blank, found.n_duplicates) == (2, 2)


def test_an_empty_list_holds_nothing() -> None:
    assert read_headlines("").items == ()
    assert read_headlines("").n_blank == 0
    assert read_headlines("\n\n").n_blank == 2


# ---- the part that tags a headline ----


@pytest.mark.parametrize(
    "tail",
    ["[详细]", " [详情]", "（图）", "(组图)", "【视频】", " (附图)", " 2021-01-13", "2021-01-13",
     " 2021/1/13 08:00",
     " 01-13", " 08:30", " 01-13 08:30", "（2021年1月13日）", "[01-13]", " 1月13日", "_新华网",
     "-人民网", " - 人民网",
     "|沙湖新闻网", " — 中国新闻网", "_国内新闻_央视网", "（沙湖日报）", " 来源：沙湖日报",
     "（来源：沙湖日报）",
     "（记者 马小山）", "（本报记者 马小山 通讯员 李田）", " 作者：马小山", " 文/马小山",
     " 阅读(23)", "[浏览：230次]",
     "（图） 2021-01-13 [详细]"],
)  # fmt: skip
def test_a_tail_does_not_count_for_the_tags(tail: str) -> None:
    assert core(f"干渠开闸放水 浇地不用愁{tail}") == "干渠开闸放水 浇地不用愁"


@pytest.mark.parametrize(
    "head", ["[视频]", "[视频] ", "【图】", "（组图）", "[置顶] ", "[2021-01-13] ", "01-13 ",
        "2021-01-13 ", "08:30 "]
)  # fmt: skip
def test_a_remark_or_date_in_front_does_not_count_for_the_tags(head: str) -> None:
    assert core(f"{head}干渠开闸放水") == "干渠开闸放水"


@pytest.mark.parametrize(
    "column", ["要闻｜", "关注 丨 ", "【本网讯】", "[新春走基层]", "【快讯】", "聚焦|"]
)
def test_a_column_that_may_hold_anything_does_not_count_for_the_tags(column: str) -> None:
    assert core(f"{column}干渠开闸放水") == "干渠开闸放水"


@pytest.mark.parametrize(
    "headline",
    [
        "干渠开闸放水",
        "【民生】干渠开闸放水",
        "聚焦干渠开闸放水",
        "要闻部搬进新楼｜办公更方便",
        "基层治理|织密一张网",
        "乡村振兴——织密一张网",
        "春耕时节 - 织密一张网",
        "5G信号通到4800米的牧场",
        "招聘会定于3月18日",
        "高铁提速到350",
        "国足2-1取胜",
        "收入来源：种地打工",
        "县融媒体中心走进田间（二期）",
        "干渠开闸（一期工程）",
        "人民网评干渠开闸",
        "打好“组合拳”(第二季)",
        "[视频]",
        "2021-01-13",
        "（图）（图）",
        "_新华网",
    ],
)
def test_the_headline_itself_is_never_left_out(headline: str) -> None:
    assert core(headline) == headline


def test_white_space_around_a_headline_is_outside() -> None:
    assert headline_core(" 干渠放水 ") == (1, 5)
    assert headline_core("") == (0, 0)
    assert headline_core(" \n ") == (0, 0)


@settings(max_examples=300, deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from(list("干渠放水网报[]（）()图详细来源：:_|-— 2021年月日/记者")),
        max_size=80,
    )
)
def test_the_part_that_tags_is_a_part_and_stays_what_it_is(text: str) -> None:
    start, end = headline_core(text)
    assert 0 <= start <= end <= len(text)
    assert text[start:end] == text[start:end].strip()
    if len(text.strip()) >= 4:
        assert end - start >= 4
    elif text.strip():
        assert text[start:end] == text.strip()


# ---- kinds ----

BLOB = " ".join(
    ["县医院新楼本周启用", "直播课堂进村 老人学会网上卖货", "干渠开闸放水", "夜校开课"] * 3
)


def test_a_front_page_on_one_line_looks_like_a_blob() -> None:
    assert looks_like_blob(BLOB)
    assert looks_like_blob(BLOB.replace(" ", "\u3000"))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "干渠开闸放水 浇地不用愁",
        "我 们 的 县 城 " * 20,
        "今天，干渠放水。 明天，水库放水。 后天，泵站检修。 " * 5,
        "the water of the main canal reaches the fields " * 5,
        BLOB.replace(" ", "\u00a0"),
        BLOB + "\n" + BLOB,
        "县医院新楼本周启用干渠开闸放水" * 30,
        ("县医院新楼本周启用干渠开闸放水" * 5 + " ") * 6,
    ],
)
def test_other_lines_do_not_look_like_a_blob(line: str) -> None:
    assert not looks_like_blob(line)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "headline"),
        ("  \n ", "headline"),
        ("干渠开闸放水", "headline"),
        ("1. 干渠开闸放水\n2. 县医院启用", "headlines"),
        (BLOB, "blob"),
        (f"{BLOB}\n{BLOB}", "blob"),
        (f"首页\n{BLOB}", "blob"),
        ("今天上午，干渠开闸放水，十二万亩小麦浇上头水。", "article"),
        ("春灌\n2021-03-05 来源：沙湖日报\n干渠放水。", "article"),
        ("<p>干渠放水</p>", "html"),
        ("<!-- 页 -->\n<html><body>", "html"),
        ("<?xml version='1.0'?><html>", "html"),
        ("<!-- 一 --><!-- 二 -->\n<!----><html>", "html"),
        ("干渠<b>放水</b>", "headline"),
    ],
)
def test_the_kind_of_a_pasted_text_is_guessed(text: str, kind: str) -> None:
    assert guess_kind(text) == kind


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_of_paragraphs_is_taken_for_an_article(path: Path) -> None:
    text = path.read_bytes().decode("gb18030" if path.stem.startswith("42") else "utf-8-sig")
    expected = "html" if path.suffix == ".html" else "article"
    if path.stem[:2] in ("13", "14"):
        expected = "headline"
    assert guess_kind(text) == expected


def test_markup_in_the_middle_of_a_text_makes_it_html_if_there_is_enough() -> None:
    assert is_html("标题" + "<p>干渠放水</p>" * 5)
    assert not is_html("1 < 2，3 > 2")
    assert not is_html("<!---->" * 2000 + "干渠放水")


def test_a_long_list_with_a_line_like_a_paragraph_is_no_article() -> None:
    headlines = [f"春灌开闸放水第{number}天" for number in range(200)]
    headlines[50] = "“今年的水来得早，庄稼人心里踏实。”老站长望着闸口，说完这句话又点上了一支烟。"
    headlines[90] = "相关阅读"
    assert guess_kind("\n".join(headlines)) == "headlines"
