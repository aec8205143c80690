"""What the report says, in Chinese and in English. Placeholders are filled by the page."""

from typing import Literal

Language = Literal["zh", "en"]

CHINESE = {
    "title": "主题标注评估报告",
    "subtitle": "{n_texts} 条人工标注的文本，转载合并后 {n_groups} 条；区间为 {level} 置信区间",
    "trained_on": (
        "模型正是用这些文本训练的，分数因此偏高；要看它在没见过的文本上怎样，请用另外的文本。"
    ),
    "glance": "一眼看懂",
    "f1": "综合得分（微平均 F1）",
    "f1_means": "全部文本、全部主题合在一起：标上的有 {precision} 是对的，该标的标出了 {recall}。",
    "macro": "各主题平均（宏平均 F1）",
    "macro_means": (
        "每个主题不论大小同等看待。比综合得分低得多，说明小主题标得差，或者没有文本的主题被误标。"
    ),
    "exact": "整条全对",
    "exact_means": "主题不多不少、与人工标注完全一致的文本比例。",
    "accuracy": "准确率",
    "accuracy_means": "类别与人工标注一致的文本比例。",
    "first": "首选主题命中",
    "first_means": "人工标注有主题的文本中，模型最有把握的主题是其中之一的比例。",
    "accept": "直接采用的主题正确率",
    "accept_means": "不必复核（accept）的占全部文本的 {share}，其中整条全对的占 {exact}。",
    "none": "判为无主题的正确率",
    "none_means": "模型判为无主题（none）的占全部文本的 {share}，其中人工也没有标主题的比例。",
    "no_text": "没有这样的文本。",
    "error": "概率误差",
    "error_means": "标注概率与实际命中率平均相差多少，越小概率越可信。",
    "comparison": "与另一个模型相比",
    "comparison_means": (
        "同样的文本上，微平均 F1：{model} 为 {first}，{other} 为 {second}；"
        "前者减后者 {lead} 个百分点（区间 {low} 到 {high}），p = {p_value}。"
    ),
    "decisions": "三种处理结果",
    "decisions_means": "直接采用：主题都有把握；待人工：请人看一眼；无主题：没有可标的主题。",
    "accept_share": "直接采用",
    "review_share": "待人工",
    "none_share": "无主题",
    "curve": "采用得越多，对得越少",
    "curve_means": (
        "把文本从最有把握的排起，采用到某处为止（横轴：占全部文本的比例），"
        "采用的主题有多少是对的（纵轴）。圆圈是模型现在的取舍。"
    ),
    "curve_x": "采用的文本占全部文本",
    "curve_y": "主题正确率",
    "now": "现在",
    "topics": "每个主题",
    "topics_means": (
        "精确率：标上的有多少是对的；召回率：该标的标出了多少；F1 兼顾两者。"
        "细线是区间，越长说明样本越少、数字越不稳。"
    ),
    "topic": "主题",
    "f1_short": "F1",
    "blank": "",
    "precision": "精确率",
    "recall": "召回率",
    "support": "人工标注",
    "predicted": "模型标注",
    "interval": "区间",
    "calibration": "概率可信吗",
    "calibration_means": (
        "模型说 80% 的，十次里应当有八次是对的。点在对角线上就是说到做到；"
        "在线下是过于自信，在线上是过于谨慎。只看概率不低于 {floor} 的。"
    ),
    "calibration_x": "模型给出的概率",
    "calibration_y": "实际是对的",
    "pairs": "对，共",
    "confused": "最易混淆的主题",
    "confused_means": "同一条文本上，漏了前一个主题，却标了后一个。",
    "missed": "漏标",
    "added": "误标",
    "times": "文本数",
    "example": "例",
    "false_alarms": "最有把握的误标",
    "false_alarms_means": (
        "模型很有把握、人工却没有标的主题。先看是不是人工漏标，再看是什么字词误导了模型"
        "（底色越深，该处越支持这个主题；虚线处是反对的）。"
    ),
    "misses": "最没想到的漏标",
    "misses_means": "人工标了、模型却认为几乎不可能的主题。",
    "text": "文本",
    "probability": "概率",
    "labels_and_given": "人工与模型",
    "labels": "人工",
    "given": "模型",
    "no_topic": "无",
    "row": "第 {row} 条",
    "slices": "分组看：{name}",
    "slices_means": "哪一类文本标得好，哪一类标得差。",
    "value": "取值",
    "rest": "其余",
    "texts": "文本",
    "first_column": "首选命中",
    "accept_column": "采用占比",
    "accept_precision_column": "采用正确率",
    "accept_exact_column": "采用全对率",
    "nothing": "没有可列的。",
    "how": "怎么算的",
    "how_means": (
        "区间由自助法得出：把文本（转载算一条）有放回地重抽 {n_resamples} 次，随机种子 {seed}。"
        "区间互相重叠的两个数，差别可能只是偶然。"
    ),
}

ENGLISH = {
    "title": "How well topics are tagged",
    "subtitle": "{n_texts} labelled texts, {n_groups} once reprints are joined; {level} intervals",
    "trained_on": (
        "The model was trained on these very texts, so the scores flatter it; to see how it does "
        "on texts that it never saw, take others."
    ),
    "glance": "At a glance",
    "f1": "Overall score (micro-F1)",
    "f1_means": (
        "Over all topics of all texts: {precision} of the topics given are right, "
        "and {recall} of those wanted are found."
    ),
    "macro": "Mean over topics (macro-F1)",
    "macro_means": (
        "Each topic counts the same, however rare. Far below the overall score: rare ones are "
        "weak, or topics without a text were given."
    ),
    "exact": "All topics right",
    "exact_means": "Texts whose topics are a person's, no more and no fewer.",
    "accuracy": "Accuracy",
    "accuracy_means": "Texts whose class is a person's.",
    "first": "First topic right",
    "first_means": "Of texts that have a topic: the most probable one is among a person's.",
    "accept": "Right where accepted",
    "accept_means": (
        "Topics right in texts that need no second look (accept): {share} of all texts; "
        "{exact} of them have exactly a person's topics."
    ),
    "none": "Right where none",
    "none_means": "Texts said to have no topic (none) that have none: {share} of all texts.",
    "no_text": "There is no such text.",
    "error": "Error of the probabilities",
    "error_means": "How far a probability lies from how often it comes true, on average.",
    "comparison": "Compared with another model",
    "comparison_means": (
        "Micro-F1 on the same texts: {model} {first}, {other} {second}; the first minus the second "
        "{lead} points ({low} to {high}), p = {p_value}."
    ),
    "decisions": "Three decisions",
    "decisions_means": (
        "Accept: every topic is sure. Review: a person should look. None: no topic to give."
    ),
    "accept_share": "accept",
    "review_share": "review",
    "none_share": "none",
    "curve": "The more is accepted, the less is right",
    "curve_means": (
        "Texts from the surest down: accepted so far (across, of all texts), and how many of their "
        "topics are right (up). The circle is where the model stops now."
    ),
    "curve_x": "texts accepted, of all texts",
    "curve_y": "topics right",
    "now": "now",
    "topics": "Topic by topic",
    "topics_means": (
        "Precision: how many of those given are right. Recall: how many of those wanted are found. "
        "F1 weighs both. The thin line is the interval: the longer, the fewer the texts."
    ),
    "topic": "Topic",
    "f1_short": "F1",
    "blank": "",
    "precision": "Precision",
    "recall": "Recall",
    "support": "Labelled",
    "predicted": "Given",
    "interval": "Interval",
    "calibration": "Can the probabilities be trusted?",
    "calibration_means": (
        "What is given 80% should be right eight times in ten. On the diagonal the model keeps its "
        "word; below it is too sure, above too careful. Of probabilities from {floor} up."
    ),
    "calibration_x": "probability given",
    "calibration_y": "came true",
    "pairs": "right, of",
    "confused": "Topics most easily confused",
    "confused_means": "On one text the first topic was missed and the second was given.",
    "missed": "Missed",
    "added": "Given instead",
    "times": "Texts",
    "example": "Example",
    "false_alarms": "Surest false alarms",
    "false_alarms_means": (
        "Topics of which the model was sure and that no person gave. See first whether a label is "
        "missing, then which words misled (the darker, the more they speak for the topic; dotted "
        "ones speak against it)."
    ),
    "misses": "Least expected misses",
    "misses_means": "Topics that a person gave and the model held to be nearly impossible.",
    "text": "Text",
    "probability": "Probability",
    "labels_and_given": "Person and model",
    "labels": "person",
    "given": "model",
    "no_topic": "none",
    "row": "text {row}",
    "slices": "By {name}",
    "slices_means": "Which texts are tagged well, and which are not.",
    "value": "Value",
    "rest": "the rest",
    "texts": "Texts",
    "first_column": "First right",
    "accept_column": "Accepted",
    "accept_precision_column": "Right there",
    "accept_exact_column": "All right there",
    "nothing": "None to list.",
    "how": "How this was measured",
    "how_means": (
        "Intervals are bootstrapped: texts (reprints as one) drawn again {n_resamples} times with "
        "replacement, seed {seed}. Numbers whose intervals overlap may differ by chance alone."
    ),
}

WORDS: dict[Language, dict[str, str]] = {"zh": CHINESE, "en": ENGLISH}

# What slices and their values are called.
NAMES: dict[Language, dict[str, str]] = {
    "zh": {
        "kind": "体裁",
        "source": "来源",
        "length": "字数",
        "headline": "标题",
        "paragraph": "段落",
    },
    "en": {},
}
