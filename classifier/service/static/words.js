// The interface's words, Chinese and English.

import { remember, remembered } from "./dom.js";

const WORDS = {
  zh: {
    skip: "跳到输入框", title: "标题主题标注", docs: "接口文档", other: "English",
    paste: "粘贴标题、标题列表、整段网页标题或文章，或把文件拖到这里",
    hint: "每行一个标题，或一整行连在一起的标题；也可拖入 txt、csv、xlsx、html 文件。Ctrl+Enter 开始标注。",
    run: "标注", kind: "类型", auto: "自动识别", "auto-found": "自动（{kind}）",
    "kind-headline": "一个标题", "kind-headlines": "标题列表", "kind-blob": "连在一起的标题", "kind-article": "文章",
    model: "模型", file: "选择文件…", clear: "清空", options: "选项",
    "min-probability": "最低概率", "max-topics": "最多主题数", "only-topics": "只考虑这些主题（不选则全部）",
    results: "结果", parts: "标题和各段", copy: "复制", csv: "下载 CSV", xlsx: "下载 XLSX",
    chart: "各主题数量", filters: "筛选", topic: "主题", group: "类别", search: "查找", reset: "取消筛选",
    all: "全部", "no-topic": "无主题", more: "显示更多", decision: "判定",
    accept: "通过", review: "待人工", none: "无主题",
    number: "#", text: "标题", topics: "主题", probability: "概率", edit: "更正",
    "accept-about": "每个主题都足够可信，可直接采用", "review-about": "建议人工看一眼",
    "none-about": "没有主题",
    part: "标题或段落", whole: "全文主题", "whole-decision": "全文判定",
    "whole-about": "全文由标题和各段合起来判断；下表每一行的主题和判定只属于那一行。",
    "title-part": "标题", "paragraph-part": "段落",
    reading: "正在读取…", splitting: "正在切分…", tagging: "正在标注 {done} / {all}", done: "已标注 {n} 条",
    shown: "显示 {n} / {all} 条", empty: "请先粘贴或输入文字。", copied: "已复制 {n} 条",
    why: "为什么是「{topic}」", "why-about": "绿色片段支持这个主题，红色虚线片段反对；上方数字是权重。",
    pieces: "片段", weight: "权重", close: "关闭", "nothing-known": "没有可显示的片段。",
    "edit-title": "更正主题", remove: "去掉 {topic}", add: "添加主题…", save: "保存", cancel: "取消",
    corrected: "已更正", saved: "已保存，共 {n} 条更正", corrections: "下载更正", "no-corrections": "还没有更正。", sort: "排序：{column}",
    colon: "：", published: "发布时间", source: "来源", author: "作者", section: "栏目", "left-out": "未计入正文的部分（{n}）", untitled: "（无标题）",
    "token-title": "需要访问令牌", "token-text": "这个服务设了访问令牌，请向管理员索取。它只保存到关闭此页为止。",
    "token-wrong": "令牌只含英文字母、数字和英文符号。", token: "令牌", ok: "确定", "theme-auto": "跟随系统", "theme-light": "浅色", "theme-dark": "深色",
    "file-read": "文件 {name}", "more-lines": "……（还有 {n} 行，照样标注）", offline: "无法连接服务。",
    "group-culture": "文化", "group-economy": "经济", "group-environment": "资源环境", "group-governance": "党政治理",
    "group-livelihood": "民生", "group-rural": "三农", "group-safety": "平安法治",
  },
  en: {
    skip: "Skip to the text field", title: "Headline topics", docs: "API", other: "中文",
    paste: "Paste a headline, a list, a whole line of headlines or an article, or drop a file here",
    hint: "One headline a line, or all in one line as a front page gives them; txt, csv, xlsx and html files can be dropped. Ctrl+Enter tags.",
    run: "Tag", kind: "Kind", auto: "Recognise", "auto-found": "Recognised: {kind}",
    "kind-headline": "one headline", "kind-headlines": "list of headlines", "kind-blob": "headlines run together", "kind-article": "article",
    model: "Model", file: "Choose a file…", clear: "Clear", options: "Options",
    "min-probability": "Lowest probability", "max-topics": "Most topics", "only-topics": "Only these topics (none chosen: all)",
    results: "Results", parts: "Title and paragraphs", copy: "Copy", csv: "Download CSV", xlsx: "Download XLSX",
    chart: "Texts per topic", filters: "Filters", topic: "Topic", group: "Group", search: "Find", reset: "Clear filters",
    all: "all", "no-topic": "no topic", more: "Show more", decision: "Decision",
    accept: "accept", review: "review", none: "no topic",
    number: "#", text: "Headline", topics: "Topics", probability: "Probability", edit: "Correct",
    "accept-about": "Every topic is sure enough to be used unseen", "review-about": "A person should look",
    "none-about": "No topic",
    part: "Title or paragraph", whole: "Topics of the whole", "whole-decision": "Decision on the whole",
    "whole-about": "The whole is judged from title and paragraphs together; below, each row has its own topics and decision.",
    "title-part": "title", "paragraph-part": "paragraph",
    reading: "Reading…", splitting: "Splitting…", tagging: "Tagging {done} of {all}", done: "{n} texts tagged",
    shown: "{n} of {all} shown", empty: "Paste or type a text first.", copied: "{n} rows copied",
    why: "Why “{topic}”", "why-about": "Green pieces speak for the topic, red dashed ones against it; the figures are weights.",
    pieces: "Piece", weight: "Weight", close: "Close", "nothing-known": "There are no pieces to show.",
    "edit-title": "Correct the topics", remove: "Remove {topic}", add: "Add a topic…", save: "Save", cancel: "Cancel",
    corrected: "corrected", saved: "Saved; {n} corrections in all", corrections: "Download corrections", "no-corrections": "No corrections yet.", sort: "Sort: {column}",
    colon: ": ", published: "Published", source: "Source", author: "Author", section: "Section", "left-out": "Left out of the article ({n})", untitled: "(no title)",
    "token-title": "A token is needed", "token-text": "This service is protected by a token; ask who runs it. It is kept until this tab is closed.",
    "token-wrong": "A token has only plain Latin letters, digits and signs.", token: "Token", ok: "OK", "theme-auto": "System theme", "theme-light": "Light", "theme-dark": "Dark",
    "file-read": "file {name}", "more-lines": "… ({n} more lines, tagged as well)", offline: "The service cannot be reached.",
    "group-culture": "Culture", "group-economy": "Economy", "group-environment": "Environment", "group-governance": "Governance",
    "group-livelihood": "Everyday life", "group-rural": "Countryside", "group-safety": "Safety and law",
  },
};

export let language = remembered("localStorage", "language")
  ?? (/^zh\b/.test(navigator.language || "zh") ? "zh" : "en");

/** The word for `key`, its {places} filled. */
export function word(key, places = {}) {
  const found = WORDS[language][key] ?? WORDS.zh[key] ?? key;
  return found.replace(/\{(\w+)\}/g, (_, place) => String(places[place] ?? ""));
}

export const topicName = (topic) => (language === "en" && topic.name_en) || topic.name;
export const groupName = (group) => (`group-${group}` in WORDS.zh ? word(`group-${group}`) : group);

/** Put the words of the language into the page. */
export function speak() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = word("title");
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  for (const element of document.querySelectorAll("[data-word-label]")) {
    element.setAttribute("aria-label", word(element.dataset.wordLabel));
  }
}

export function switchLanguage() {
  language = language === "zh" ? "en" : "zh";
  remember("localStorage", "language", language);
  speak();
}
