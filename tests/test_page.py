"""The page, driven in a real Chromium: paste, tag, explain, filter, correct, export, reload."""

import contextlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from axe_core_python.selenium import Axe
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

import classifier
from classifier.model import TopicClassifier
from classifier.tables import open_table
from classifier.taxonomy import Taxonomy
from tests.conftest import make_texts
from tests.service_kit import FRAUD, WATER, Server, save_renamed

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (BROWSER and DRIVER), reason="no Chromium: apt-get install chromium chromium-driver"
)

HOSTILE = "<img src=x onerror=document.title='owned'>青川县接种疫苗"
TEXTS = [WATER, FRAUD, HOSTILE, "人物故事一则", "沙湖镇：高考报名 课后服务，本周启动"]
ARTICLE = (
    "北山街道修通水渠\n2021-03-05 10:20 来源：沙湖日报\n"
    "今天上午，北山街道修通水渠，铺设供水管网，惠及群众，村民说今年浇地不用愁了。\n"
    "同一天，医院义诊和家庭医生签约也来到村里，为老人接种疫苗，受到欢迎。\n"
    "责任编辑：某某\n版权所有 未经许可不得转载"
)

# Articles of which some have another decision than their titles alone.
MIXED = [
    f"{title}\n2021-03-05 10:20 来源：沙湖日报\n"
    "散场时天色已晚，许多人仍舍不得离去，互相约好了下回再来的日子。\n"
    "老人们说，这样的夜晚已经许多年没有过了，连风里都有笑声。\n"
    for title in ("人物故事一则", "散场以后", "北山街道修通水渠")
]
FRONT_PAGE = [
    "市政协调研城乡供水一体化工程",
    "我县小麦机收进入收尾阶段",
    "青年夜校开出非遗剪纸课",
    "老旧小区加装电梯最高补贴二十五万元",
    "警方提醒：暑期兼职刷单都是骗局",
    "全市普通高中招生计划公布",
    "社区义诊进村屯 慢病老人家门口看专家",
    "河湖长巡河发现并整改问题四十六处",
    "乡村振兴驿站带火农家乐",
    "消防员走进校园教孩子逃生自救",
    "残疾人就业专场招聘会周六举行",
    "医保异地就医直接结算范围再扩大",
]


class Page:
    """A browser on the page, and what a person would do there."""

    def __init__(self, url: str, downloads: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = BROWSER or ""
        for argument in (
            "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run "
            "--disable-background-networking --disable-component-update --disable-sync "
            f"--user-data-dir={tempfile.mkdtemp()}"
        ).split():
            options.add_argument(argument)
        options.add_experimental_option(
            "prefs",
            {"intl.accept_languages": "zh-CN", "download.default_directory": str(downloads)},
        )
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        # A page without focus may not write to the clipboard, and whether a window without a screen
        # has it is a matter of luck.
        self.driver.execute_cdp_cmd("Emulation.setFocusEmulationEnabled", {"enabled": True})
        self.url, self.downloads = url, downloads

    def open(self, width: int = 1200, *, dark: bool = False) -> "Page":
        """Open the page as a newcomer sees it."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        self.driver.get(self.url)
        self.run("localStorage.clear(); sessionStorage.clear()")
        self.driver.get(self.url)
        self.wait(lambda: self.one("#model").text)
        self.complaints()  # those of the test before are not ours
        return self

    def run(self, script: str, *values: object) -> Any:
        return self.driver.execute_script(script, *values)

    def wait(self, holds: Callable[[], Any], seconds: float = 20) -> Any:
        until = time.monotonic() + seconds
        while not (found := holds()):
            assert time.monotonic() < until, f"waited in vain; {self.one('#error').text}"
            time.sleep(0.02)
        return found

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def click(self, selector: str) -> None:
        self.run("arguments[0].scrollIntoView({block: 'center'})", self.one(selector))
        self.one(selector).click()

    def texts(self, selector: str) -> list[str]:
        """Return the texts at once; one by one they could change in between."""
        found: list[str] = self.run(
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)",
            selector,
        )
        return found

    def paste(self, text: str) -> None:
        """Put a text on the clipboard and press Ctrl+V in the field."""
        self.driver.execute_cdp_cmd(
            "Browser.grantPermissions",
            {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]},
        )
        self.driver.execute_async_script(
            "navigator.clipboard.writeText(arguments[0]).then(arguments[1])",
            text,
        )
        self.one("#text").clear()
        self.one("#text").send_keys(Keys.CONTROL, "v")

    def paste_and_wait(self, text: str, n_rows: int) -> None:
        self.paste(text)
        self.wait(lambda: f"已标注 {n_rows:,} 条" in self.one("#status").text)

    def reload(self) -> str:
        """Reload the page and return what the field shows then."""
        self.driver.refresh()
        self.wait(lambda: self.one("#model").text)
        return self.one("#text").get_attribute("value") or ""

    def topics(self, row: int) -> list[str]:
        return self.texts(f"#rows tr[data-number='{row}'] .chip")

    def choose(self, selector: str, value: str) -> None:
        self.run(
            "arguments[0].value = arguments[1];"
            "arguments[0].dispatchEvent(new Event('change', {bubbles: true}))",
            self.one(selector),
            value,
        )

    def downloaded(self, name: str) -> Path:
        path = self.downloads / name
        self.wait(path.exists)
        return path

    def complaints(self) -> list[str]:
        """Return what the browser logged: errors and refusals of the security policy."""
        return [entry["message"] for entry in self.driver.get_log("browser")]  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
def server(model: TopicClassifier, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("page")
    save_renamed(model, folder / "model", "1")
    with Server(folder / "model", "--corrections", str(folder / "c.sqlite")) as server:
        yield server


@pytest.fixture(scope="module")
def browser(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    page = Page(server.url, tmp_path_factory.mktemp("downloads"))
    with contextlib.closing(page.driver):
        yield page
    page.driver.quit()


@pytest.fixture
def page(browser: Page) -> Page:
    return browser.open()


def test_the_whole_path_from_paste_to_reload(page: Page, server: Server) -> None:
    page.paste_and_wait("\n".join(TEXTS), 5)
    assert "标题列表" in page.texts("#kind option")[0]
    assert page.texts("#rows td.text") == TEXTS
    assert page.topics(1)[0].startswith("水利")

    page.click("#rows tr[data-number='2'] .chip")
    page.wait(lambda: page.texts(".detail mark.for"))
    assert "".join(page.texts(".detail .marked")).replace("+", "").startswith("东海市")
    weights = page.texts(".detail .pieces td.for")
    assert weights[0].startswith("+")
    page.one(".detail .close").send_keys(Keys.ESCAPE)
    assert not page.all(".detail")

    page.choose("#filter-topic", "fraud-prevention")
    assert page.texts("#rows td.text") == [FRAUD]
    page.click("#reset")
    assert len(page.all("#rows tr")) == 5

    page.click("#rows tr[data-number='2'] .edit")
    page.click(".editor .chip button")
    page.choose(".editor select", "health")
    page.click("[data-act='save']")
    page.wait(lambda: page.texts("#rows tr[data-number='2'] .corrected"))
    assert page.topics(2) == [Taxonomy.default()["health"].name]
    (kept,) = httpx.get(server.url + "/v1/corrections").text.splitlines()
    assert json.loads(kept)["text"] == FRAUD
    assert json.loads(kept)["topics"] == ["health"]
    assert json.loads(kept)["predicted"] == ["fraud-prevention"]

    page.click("#corrections")
    assert page.downloaded("corrections.jsonl").read_text("utf-8").splitlines() == [kept]
    for write_as in ("csv", "xlsx"):
        page.click(f"#{write_as}")
        with open_table(page.downloaded(f"topics.{write_as}"), text_column="text") as table:
            rows = [row.values for row in table]
        assert [row["text"].removeprefix("'") for row in rows] == TEXTS
        assert rows[1]["topics"] == "health"
        assert rows[0]["topics"] == "water"

    page.driver.refresh()
    page.wait(lambda: page.one("#model").text)
    assert page.one("#text").get_attribute("value") == "\n".join(TEXTS)
    page.click("#run")
    page.wait(lambda: len(page.all("#rows tr")) == 5)
    assert page.complaints() == []


def test_markup_in_a_headline_stays_text(page: Page) -> None:
    page.paste_and_wait(HOSTILE + "\n" + HOSTILE, 2)
    page.click("#rows .chip")
    page.wait(lambda: page.texts(".detail mark"))
    assert page.texts("#rows td.text") == [HOSTILE, HOSTILE]
    assert not page.all("main img")
    assert page.driver.title == "标题主题标注"
    assert page.complaints() == []


def test_an_article_shows_its_parts(page: Page) -> None:
    page.paste_and_wait(ARTICLE, 3)
    assert page.one("#article h2").text == "北山街道修通水渠"
    assert "沙湖日报" in page.one("#article .head").text
    assert page.texts("#rows .part") == ["标题 ", "段落 ", "段落 "]
    assert page.texts("#article .chip")
    assert "版权所有" in page.texts("#article details li")[-1]


def test_an_article_and_each_of_its_parts_have_their_own_decision(
    page: Page, model: TopicClassifier
) -> None:
    for text in MIXED:
        article = classifier.read_article(text)
        whole, alone = model.classify_article(article), model.classify(article.title or "")
        if whole.decision != alone.decision:
            break
    else:
        pytest.fail("the page could not mistake one decision for the other")
    page.paste_and_wait(text, 3)
    assert page.one("#article .decision").get_attribute("class") == f"decision {whole.decision}"
    classes = [one.get_attribute("class") for one in page.all("#rows td.decision .decision")]
    expected = [alone.decision, *(one.decision for one in whole.paragraphs)]
    assert classes == [f"decision {one}" for one in expected]
    assert [one.partition("：")[0] for one in page.texts("#article .label")] == [
        "全文主题",
        "全文判定",
    ]
    assert page.one("#results-title").text == "标题和各段"
    page.click("#language")
    assert "Decision on the whole" in page.one("#article").text
    assert page.one("#results-title").text == "Title and paragraphs"
    page.click("#language")
    page.paste_and_wait(WATER, 1)
    assert page.one("#results-title").text == "结果"


def test_a_scraped_line_comes_apart_into_its_headlines(page: Page) -> None:
    page.paste_and_wait(" ".join(FRONT_PAGE), len(FRONT_PAGE))
    assert "连在一起的标题" in page.texts("#kind option")[0]
    assert page.texts("#rows td.text") == FRONT_PAGE
    assert not page.one("#article").is_displayed()


def test_the_kind_can_be_changed(page: Page) -> None:
    page.paste_and_wait(ARTICLE, 3)
    page.choose("#kind", "headlines")
    page.wait(lambda: "已标注 6 条" in page.one("#status").text)
    assert not page.one("#article").is_displayed()


def test_a_dropped_file_is_tagged(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("编号,标题\n7," + WATER + "\n8," + FRAUD + "\n", encoding="gb18030")
    page.one("#file").send_keys(str(path))
    page.wait(lambda: page.texts("#rows td.text") == [WATER, FRAUD])
    assert page.one("#text").get_attribute("value") == f"{WATER}\n{FRAUD}"


def test_a_file_that_is_not_read_is_told(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "list.pdf"
    path.write_bytes(b"%PDF-1.7")
    page.one("#file").send_keys(str(path))
    page.wait(lambda: ".pdf is not read here" in page.one("#error").text)


def test_filters_counts_and_sorting_agree(page: Page) -> None:
    texts = [text for text, _ in make_texts(200)]
    page.paste_and_wait("\n".join(texts), 200)
    counts = dict(
        zip(page.texts(".bar-row .bar-name"), map(int, page.texts(".bar-count")), strict=True)
    )
    for name, count in list(counts.items())[:2]:
        page.run(
            "[...document.querySelectorAll('.bar-row')].find((e) => e.textContent.includes("
            "arguments[0])).click()",
            name,
        )
        assert page.one("#shown").text == f"显示 {count} / 200 条"
        page.click("#reset")
    decided = {name: int(page.one(f"#decisions [data-decision='{name}'] b").text) for name in
               ("accept", "review", "none")}  # fmt: skip
    assert sum(decided.values()) == 200
    page.click("#decisions [data-decision='accept']")
    assert page.one("#shown").text == f"显示 {decided['accept']} / 200 条"
    page.click("#reset")
    page.click("[data-sort='probability']")
    page.click("[data-sort='probability']")
    shares = [float(row) for row in page.texts("#rows tr .chip:first-child .share")]
    assert shares == sorted(shares, reverse=True)
    assert page.one("th.topics").get_attribute("aria-sort") == "descending"
    page.one("#filter-text").send_keys("青川县")
    page.wait(lambda: all("青川县" in text for text in page.texts("#rows td.text")))


def test_what_is_shown_can_be_copied(page: Page) -> None:
    page.paste_and_wait("\n".join(TEXTS), 5)
    page.choose("#filter-topic", "water")
    page.click("#copy")
    page.wait(lambda: "已复制 1 条" in page.one("#status").text)
    copied = page.driver.execute_async_script(
        "const done = arguments[0]; navigator.clipboard.readText().then(done)"
    )
    assert copied.split("\t")[0] == WATER


def test_it_works_by_keyboard_alone(page: Page) -> None:
    page.run("document.activeElement.blur()")
    keys = webdriver.ActionChains(page.driver)
    keys.send_keys(Keys.TAB).perform()
    assert page.run("return document.activeElement.className") == "skip"
    keys.send_keys(Keys.ENTER).perform()
    page.one("#text").send_keys(FRAUD, Keys.CONTROL, Keys.ENTER)
    page.wait(lambda: page.all("#rows .chip"))
    for _ in range(60):
        if page.run("return document.activeElement.matches('#rows .chip')"):
            break
        keys.send_keys(Keys.TAB).perform()
    keys.send_keys(Keys.ENTER).perform()
    page.wait(lambda: page.texts(".detail mark"))
    for _ in range(5):
        if page.run("return document.activeElement.matches('.detail .close')"):
            break
        keys.send_keys(Keys.TAB).perform()
    keys.send_keys(Keys.ENTER).perform()
    assert not page.all(".detail")
    assert page.run("return document.activeElement.matches('#rows .chip')")


def test_chinese_and_english_are_one_click_apart(page: Page) -> None:
    page.paste_and_wait(WATER, 1)
    assert page.one("#run").text == "标注"
    page.click("#language")
    assert page.one("#run").text == "Tag"
    assert page.topics(1)[0].startswith("Water")
    assert page.one("html").get_attribute("lang") == "en"
    page.driver.refresh()
    page.wait(lambda: page.one("#run").text == "Tag")


def test_a_theme_that_was_chosen_is_kept(page: Page) -> None:
    def ground() -> str:
        return str(page.run("return getComputedStyle(document.body).backgroundColor"))

    light = ground()
    page.click("#theme")  # light, whatever the system says
    assert ground() == light
    page.click("#theme")
    dark = ground()
    assert dark != light
    page.driver.refresh()
    assert ground() == dark


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1200, 400])
def test_accessibility_rules_hold(browser: Page, width: int, dark: bool) -> None:
    page = browser.open(width, dark=dark)
    page.paste_and_wait("\n".join(TEXTS), 5)
    page.click("#rows .chip")
    page.wait(lambda: page.texts(".detail mark"))
    page.run("document.getElementById('options').open = true")
    assert page.run("return document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(page.driver, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]})
    broken = [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]]
    assert broken == []


def test_chips_of_every_hue_are_readable_in_both_themes(page: Page) -> None:
    """WCAG AA: 4.5 to 1. Hues come from the groups, and a taxonomy may have any number."""
    for theme in ("light", "dark"):
        ratios = page.run(_CONTRASTS, theme)
        assert min(ratios) >= 4.5


_CONTRASTS = """
document.documentElement.dataset.theme = arguments[0];
const chip = document.createElement("span");
chip.className = "chip";
document.body.append(chip);
const light = (colour) => {
  const part = (value) => (value /= 255) <= 0.03928
    ? value / 12.92
    : ((value + 0.055) / 1.055) ** 2.4;
  const [r, g, b] = colour.match(/[0-9.]+/g).map(Number).map(part);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ratios = [];
for (let hue = 0; hue < 360; hue += 5) {
  chip.style.setProperty("--hue", hue);
  const style = getComputedStyle(chip);
  const [a, b] = [light(style.color), light(style.backgroundColor)];
  ratios.push((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
}
chip.remove();
return ratios;
"""


def test_five_thousand_headlines_are_drawn_a_few_at_a_time(page: Page) -> None:
    texts = [f"{text}{number}" for number, (text, _) in enumerate(make_texts(5000))]
    page.paste_and_wait("\n".join(texts), 5000)
    assert page.one("#shown").text == "显示 5000 / 5000 条"
    assert len(page.all("#rows tr")) < 500
    shown = page.one("#text").get_attribute("value") or ""
    assert shown.startswith(texts[0])
    assert shown.endswith("行，照样标注）")
    assert len(shown) < 2_100
    page.run("window.scrollTo(0, document.body.scrollHeight)")
    page.wait(lambda: page.run("return document.querySelectorAll('#rows tr').length") > 60)
    page.click("[data-sort='text']")
    assert len(page.all("#rows tr")) < 500


def test_a_reload_loses_nothing_of_a_text_too_long_to_be_shown(page: Page) -> None:
    texts = [f"{text}{number}" for number, (text, _) in enumerate(make_texts(3000))]
    page.paste_and_wait("\n".join(texts), 3000)
    assert page.reload().endswith("行，照样标注）")
    page.click("#run")
    page.wait(lambda: "已标注 3,000 条" in page.one("#status").text)


def test_of_a_text_too_long_to_be_kept_a_reload_shows_no_part(page: Page) -> None:
    page.paste(f"{WATER}\n" * 40_000)
    page.wait(lambda: page.one("#status").text)
    assert page.reload() == ""


@pytest.mark.parametrize("n_rows", [2, 3000])
def test_a_reload_keeps_what_was_read_from_a_file(page: Page, tmp_path: Path, n_rows: int) -> None:
    path = tmp_path / "list.csv"
    path.write_text("标题\n" + f"{WATER}\n" * n_rows, encoding="utf-8")
    page.one("#file").send_keys(str(path))
    page.wait(lambda: f"已标注 {n_rows:,} 条" in page.one("#status").text)
    assert page.reload().startswith(f"{WATER}\n{WATER}")
    page.click("#run")
    page.wait(lambda: f"已标注 {n_rows:,} 条" in page.one("#status").text)


def test_a_token_is_asked_for_and_then_used(model_folder: Path, tmp_path: Path) -> None:
    token = "token-for-the-page-1234"
    with Server(model_folder, "--no-corrections", token=token) as server:
        page = Page(server.url, tmp_path)
        try:
            page.driver.get(server.url)
            page.wait(lambda: page.one("#token").is_displayed())
            page.one("#token-value").send_keys("令牌", Keys.ENTER)
            assert page.one("#token").is_displayed()
            told = page.run("return document.getElementById('token-value').validationMessage")
            assert told == "令牌只含英文字母、数字和英文符号。"
            page.one("#token-value").clear()
            page.one("#token-value").send_keys("wrong", Keys.ENTER)
            page.wait(lambda: page.one("#token-value").get_attribute("value") == "")
            page.wait(lambda: page.one("#token").is_displayed())
            page.one("#token-value").send_keys(token, Keys.ENTER)
            page.wait(lambda: page.one("#model").text)
            page.paste_and_wait(WATER, 1)
            assert not page.all("#rows .edit")  # nothing to correct without corrections
            assert not page.one("#corrections").is_displayed()

            page.run("sessionStorage.token = '令牌'")  # which no request can carry
            page.driver.refresh()
            page.wait(lambda: page.one("#token").is_displayed())
        finally:
            page.driver.quit()


def test_the_documentation_is_drawn_from_our_own_files(page: Page) -> None:
    page.driver.get(page.url + "/docs")
    page.wait(lambda: "/v1/tag" in page.one("#docs").text)
    assert page.complaints() == []
    hosts = page.run("return performance.getEntriesByType('resource').map((e) => e.name)")
    assert hosts
    assert all(host.startswith(page.url) for host in hosts)
