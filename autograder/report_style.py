"""How the class's page looks, in light and dark, on a screen, a phone and paper."""

from autograder.feedback import STYLE as SHARED

STYLE = SHARED + """
:root{--full:#2f6fde;--part:#8db4f4;--wrong:#d4621a;--stuck:#8a4fb0;--unwritten:#b4bcc8;
--waits:#d9a900}
@media(prefers-color-scheme:dark){:root{--full:#6f9dff;--part:#37559a;--wrong:#ff9d5c;
--stuck:#c58cf0;--unwritten:#5b6675;--waits:#f0cb4d}}
main{max-width:66rem}h2{font-size:1.25rem;margin:2.4rem 0 .5rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.7rem;
margin:1rem 0;padding:0}
.tiles div{background:var(--card);border:1px solid var(--line);border-radius:.7rem;
padding:.7rem .9rem;display:flex;flex-direction:column-reverse;justify-content:flex-end}
.tiles dt{color:var(--soft);font-size:.875rem}.tiles dd{font-size:1.7rem;font-weight:700;
line-height:1.2}
.tiles dd small{font-size:.95rem;font-weight:400;color:var(--soft)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:.7rem}
.pair>.card{margin:0}.pair{margin:.7rem 0}
figure{margin:0}figcaption{font-weight:600;margin-bottom:.4rem}
svg{display:block;width:100%;height:auto}svg text{font:12px system-ui,sans-serif;
fill:var(--soft);text-anchor:middle}svg .count{fill:var(--ink);font-weight:600}
.axis{stroke:var(--line);fill:none}.bar,.full{fill:var(--full)}.part{fill:var(--part)}
.wrong{fill:var(--wrong)}.stuck{fill:var(--stuck)}.unwritten{fill:var(--unwritten)}
.waits{fill:var(--waits)}.rest{fill:var(--line)}svg.share{height:.9rem;min-width:6rem;border-radius:.2rem}
.key{display:flex;flex-wrap:wrap;gap:.2rem 1rem;list-style:none;padding:0;margin:.2rem 0 .8rem;
font-size:.875rem;color:var(--soft)}.key svg{width:.9rem;height:.9rem;display:inline-block;
vertical-align:-.1rem;margin-right:.35rem;border-radius:.15rem}
.wide{overflow-x:auto;position:relative}.wide.card{padding:.3rem 1rem}

table{border-collapse:collapse;width:100%;font-size:.925rem}
th,td{text-align:left;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line);
vertical-align:middle}thead th{color:var(--soft);font-weight:600;vertical-align:bottom}
tbody th{font-weight:400}tr:last-child>*{border-bottom:0}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.bars{width:40%;min-width:7rem;padding-right:0}td.bar{width:18%;min-width:4rem}
.top td,.top th{vertical-align:top}.top th:first-child{width:40%}.said{overflow-wrap:anywhere}
.n:last-child{padding-right:0}
tbody th small{color:var(--soft);display:block;line-height:1.35}
.marks td,.marks thead th{text-align:center;padding:.3rem .45rem}.marks th:first-child{
text-align:left;white-space:nowrap}.marks abbr{text-decoration:none}
.marks .tint-full{background:color-mix(in srgb,var(--full) 22%,transparent)}
.marks .tint-part{background:color-mix(in srgb,var(--part) 30%,transparent)}
.marks .tint-wrong{background:color-mix(in srgb,var(--wrong) 26%,transparent)}
.marks .tint-stuck{background:color-mix(in srgb,var(--stuck) 26%,transparent)}
.marks .tint-unwritten{background:color-mix(in srgb,var(--unwritten) 30%,transparent)}
.marks .tint-waits{background:color-mix(in srgb,var(--waits) 30%,transparent)}
a{color:var(--bar)}p.none{color:var(--soft)}
@media(max-width:34rem){th,td{padding-right:.4rem}td.bars{min-width:5rem}
.bar{display:none}svg .bar{display:inline}.wide.card{padding:.3rem .7rem}}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
"""
