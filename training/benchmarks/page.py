"""How long a person waits on the page who pastes 5,000 headlines.

    python -m training.benchmarks.page [--rounds 5] [--texts 5000]

Drives Chromium (packages chromium and chromium-driver) against `classifier serve` on this machine.
Tells when the first rows stand there, when all texts are tagged, and the longest task that the
page's thread was busy with, as the browser counts them (from 50 ms on). Beside it, as a measure of
the machine, how long its scripts take to add up 20 million numbers.
"""

import argparse
import itertools
import shutil
import tempfile
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from training.benchmarks.service import headlines, server
from training.benchmarks.timing import Spread

ARGUMENTS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
PASTE = """
const [text, tagged, done] = arguments;
const tasks = [0];
new PerformanceObserver((list) => tasks.push(...list.getEntries().map((task) => task.duration)))
  .observe({ entryTypes: ["longtask"] });
const one = (id) => document.getElementById(id);
const start = performance.now();
let first = null;
const look = () => {
  const now = performance.now() - start;
  if (first === null && one("rows").children.length) first = now;
  if (first !== null && one("progress").hidden && one("status").textContent.includes(tagged)) {
    setTimeout(() => done({ first, all: now, longest: Math.max(...tasks) }), 300);
  } else setTimeout(look, 5);
};
const clipboardData = new DataTransfer();
clipboardData.setData("text/plain", text);
const paste = { clipboardData, bubbles: true, cancelable: true };
one("text").dispatchEvent(new ClipboardEvent("paste", paste));
look();
"""
ADD_UP = """
const start = performance.now();
let sum = 0;
for (let i = 0; i < 2e7; i += 1) sum += i;
return sum && performance.now() - start;
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--texts", type=int, default=5_000)
    arguments = parser.parse_args()
    texts = list(itertools.islice(itertools.cycle(headlines()), arguments.texts))
    with server(["-m", "classifier", "serve", "--no-corrections", "--port"]) as served:
        found = [measure(served.port, texts) for _ in range(arguments.rounds)]
    for name, what in (
        ("first", "first rows, ms"),
        ("all", f"all {len(texts):,} tagged, ms"),
        ("longest", "longest task, ms"),
        ("reference", "20 million additions in the browser, ms"),
    ):
        print(f"{what}: {Spread.of([one[name] for one in found])}")


def measure(port: int, texts: list[str]) -> dict[str, float]:
    """Return milliseconds of one paste into a page just opened."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in [*ARGUMENTS.split(), f"--user-data-dir={tempfile.mkdtemp()}"]:
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        driver.get(f"http://127.0.0.1:{port}/")
        driver.set_script_timeout(60)
        reference: float = driver.execute_script(ADD_UP)
        found: dict[str, Any] = driver.execute_async_script(
            PASTE, "\n".join(texts), f"{len(texts):,}"
        )
        return found | {"reference": reference}
    finally:
        driver.quit()


if __name__ == "__main__":
    main()
