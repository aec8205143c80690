"""The card of the headline splitter, written from what was measured."""

from collections.abc import Mapping

from training.splitter_scores import Scores


def splitter_card(
    held_out: Mapping[str, Scores], kept_back: Mapping[str, Scores], counts: Mapping[str, int]
) -> str:
    """Return the card.

    Parameters
    ----------
    held_out : source to scores of a splitter trained on the others
    kept_back : source to scores of this splitter on headlines that it was not trained on
    counts : source to number of headlines
    """
    return f"""# headline-splitter

Splits a scraped line that holds a front page's headlines, parted by single spaces, into the
headlines, many of which hold spaces themselves. A linear model looks at the context of each space
(lengths on both sides by the line's own scale, words, parts of speech and characters around,
punctuation, how alike both sides are), and dynamic programming with a length model finds the best
way to cut the whole line. By rule, U+00A0, a space beside a column mark and a space inside brackets
or quotation marks never part two headlines. Runs on numpy and the segmenter alone.

## Scores

Front pages of 30 to 80 headlines of one source, shuffled, joined by single spaces; a third of the
headlines hold spaces inside. F1 is that of the cuts among the spaces, and beside it that of cutting
at every space and that of cutting by length; *exact* the share of headlines that come out whole and
alone; *alone* the share of lines holding one headline with spaces inside that are left whole.

**Sources held out**: trained on the other sources, words learned from them too.

{_table(held_out)}

**Headlines kept back**: this splitter, on the tenth of each source that it was not trained on. The
same event is told on several days, so near-duplicates of some were seen.

{_table(kept_back)}

## Trained on

Headlines of these sources; see `training/splitter.py`. It holds weights, and words of 20 headlines
or more as numbers; no headline can be read from it.

{_counts(counts)}

## Limits

- Two short headlines of few words, as trending topics are, look much like one of two parts.
- Sources with headlines of three parts and more (broadcast news on meetings) are cut too often by
  a splitter that has not seen them.
- Measured on shuffled pages. Real pages group related headlines, which makes neighbours more alike.

Rebuild: `python training/splitter.py --data DIR`
"""


def _table(scores: Mapping[str, Scores]) -> str:
    rows = [
        "| source | spaces | every space | by length | precision | recall | F1 | exact | alone |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    found = list(scores.values())
    for name, one in scores.items():
        splitter = one.splitter
        rows.append(
            f"| {name} | {one.n_spaces:,} | {one.every_space.f1:.3f} | {one.by_width.f1:.3f} | "
            f"{splitter.precision:.3f} | {splitter.recall:.3f} | {splitter.f1:.3f} | "
            f"{splitter.exact:.3f} | {one.alone:.3f} |"
        )
    means = [
        sum(values) / len(found)
        for values in zip(
            *(
                (
                    one.every_space.f1,
                    one.by_width.f1,
                    one.splitter.precision,
                    one.splitter.recall,
                    one.splitter.f1,
                    one.splitter.exact,
                    one.alone,
                )
                for one in found
            ),
            strict=True,
        )
    ]
    rows.append("| **mean** | | " + " | ".join(f"{mean:.3f}" for mean in means) + " |")
    return "\n".join(rows)


def _counts(counts: Mapping[str, int]) -> str:
    return "\n".join(f"- {name}: {count:,}" for name, count in counts.items())
