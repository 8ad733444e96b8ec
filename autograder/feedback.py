"""The page a student reads: marks, the reason of each lost point, what isolated the grading.

Author's messages and the student's own cells only; no hidden test, no traceback of ours.
"""

import html

from autograder.outcome import BY_HAND, COULD_NOT_RUN, FAILED, PASSED, Result, TaskResult
from autograder.source import Plan

WORDS = {PASSED: "passed", FAILED: "not yet", COULD_NOT_RUN: "could not run", BY_HAND: "by hand"}
CLASSES = {PASSED: "good", FAILED: "bad", COULD_NOT_RUN: "open", BY_HAND: "open"}

STYLE = """
:root{color-scheme:light dark;
--page:#f6f7f9;--card:#fff;--ink:#1c2430;--soft:#5b6675;--line:#dde2e9;
--good:#17693a;--good-bg:#e2f4e8;--bad:#a3261c;--bad-bg:#fdeae7;--open:#7a4b00;--open-bg:#fdf1d9;
--bar:#2f6fde}
@media(prefers-color-scheme:dark){:root{--page:#12161c;--card:#1b212a;--ink:#e6eaf0;--soft:#a0abba;
--line:#303947;--good:#8fe0ac;--good-bg:#173524;--bad:#ffb3aa;--bad-bg:#42201d;--open:#f5cf8a;
--open-bg:#3b2e14;--bar:#7aa7ff}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:46rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .2rem}h2{font-size:1.1rem;margin:2rem 0 .6rem}
p{margin:.4rem 0}.soft{color:var(--soft)}
.card{background:var(--card);border:1px solid var(--line);border-radius:.7rem;padding:.9rem 1rem;
margin:.7rem 0}
.score{display:flex;align-items:baseline;gap:.5rem;font-size:2.2rem;font-weight:700}
.score small{font-size:1.1rem;font-weight:400;color:var(--soft)}
.track{height:.6rem;border-radius:.3rem;background:var(--line);overflow:hidden}
.track i{display:block;height:100%;background:var(--bar)}
.task{display:flex;flex-wrap:wrap;gap:.3rem .7rem;align-items:baseline}
.task h3{font-size:1rem;margin:0;flex:1 1 14rem}.task small{color:var(--soft);font-weight:400}
.chip{border-radius:1rem;padding:.05rem .6rem;font-size:.85rem;font-weight:600;white-space:nowrap}
.good{color:var(--good);background:var(--good-bg)}.bad{color:var(--bad);background:var(--bad-bg)}
.open{color:var(--open);background:var(--open-bg)}
pre{margin:.6rem 0 0;white-space:pre-wrap;overflow-wrap:anywhere;
font:.875rem/1.5 ui-monospace,"SF Mono",Menlo,Consolas,monospace}
details{margin:.6rem 0}summary{cursor:pointer}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.2rem 1rem;margin:.6rem 0 0;
font-size:.9rem}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
@media print{body{background:#fff}.card{break-inside:avoid}}
"""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: {student}</title>
<style>{style}</style>
</head>
<body>
<main>
<header>
<h1>{title}</h1>
<p class="soft">Feedback for {student}</p>
<div class="card">
<div class="score">{points} <small>of {most} points</small></div>
<div class="track" aria-hidden="true"><i style="width:{share}%"></i></div>
{notes}</div>
</header>
<h2>Tasks</h2>
{tasks}
<h2>Your cells, as they were graded</h2>
{cells}
<h2>How this was graded</h2>
<div class="card">
{isolation}
</div>
</main>
</body>
</html>
"""


def number(points: float) -> str:
    """Points without a needless fraction."""
    return f"{points:g}"


def page(plan: Plan, texts: dict[str, str], result: Result) -> str:
    """One self-contained HTML page; it asks nothing of the network."""
    share = 100 * result.points / result.max_points if result.max_points else 0
    return PAGE.format(
        title=html.escape(plan.title), student=html.escape(result.student), style=STYLE,
        points=number(result.points), most=number(result.max_points), share=round(share),
        notes="".join(f"<p>{html.escape(note)}</p>\n" for note in result.notes),
        tasks="\n".join(_task(plan.key, task) for task in result.tasks),
        cells="\n".join(_cell(name, texts.get(name)) for name in plan.solutions),
        isolation=_isolation(result))


def _task(key: str, task: TaskResult) -> str:
    label = task.name.removeprefix(f"{key}-").removesuffix("-test").replace("-", ": ", 1)
    words = html.escape(task.message)
    extra = ""
    if task.mistake:
        extra = f'<p class="soft">Recognised: {html.escape(task.mistake)}</p>'
    if task.undecided:
        extra += '<p class="soft">Counts 0 until a person has looked at it.</p>'
    return (f'<section class="card"><div class="task"><h3>{html.escape(task.title or label)}'
            f' <small>{html.escape(label)}</small></h3>'
            f'<span class="chip {CLASSES[task.outcome]}">{WORDS[task.outcome]}</span>'
            f'<span>{number(task.points)} / {number(task.max_points)}</span></div>'
            f'{f"<pre>{words}</pre>" if words else ""}{extra}</section>')


def _cell(name: str, text: str | None) -> str:
    shown = "(not in the notebook)" if text is None else html.escape(text)
    return (f'<details class="card"><summary>{html.escape(name)}</summary>'
            f'<pre tabindex="0">{shown}</pre></details>')


def _isolation(result: Result) -> str:
    if not result.isolation:
        return "<p>Nothing of this submission was run.</p>"
    rows = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(words)}</dd>"
                   for name, words in sorted(result.isolation.items()))
    return (f"<p>Your code ran in a process of its own, apart from the tests, and never on the "
            f"side that keeps the marks. Active around it:</p><dl>{rows}</dl>"
            f'<p class="soft">{result.seconds:.1f} s, {result.cpu_seconds:.1f} s of processor, '
            f"{result.peak_bytes / 2**20:.0f} MiB at most.</p>")
