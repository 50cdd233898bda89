/** The page's style. Every colour has a value for light and for dark, each with a contrast of 4.5:1 (WCAG 2.2, 1.4.3). */
export const STYLE = `
:root { color-scheme: light dark;
  --ground: light-dark(#fff, #16181d); --raised: light-dark(#f4f5f7, #20232a); --line: light-dark(#d5d9e0, #3a3f4a);
  --text: light-dark(#1b1f27, #e6e8ec); --soft: light-dark(#555d6b, #a9b0bd); --link: light-dark(#0b57b0, #8ab8ff);
  --good: light-dark(#18693a, #6fd397); --bad: light-dark(#b3261e, #ff9d94); --bad-ground: light-dark(#fdf0ef, #33201f);
  --start: light-dark(#3f7ed1, #5f95dd); --critical: light-dark(#c75a00, #ff9d47); --own: light-dark(#8b93a1, #727a88); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 100rem; padding: 1rem clamp(.75rem, 2.5vw, 2.5rem) 4rem; background: var(--ground);
  color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: .5rem 0; unicode-bidi: isolate; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; } h3 { font-size: 1rem; margin: 0 0 .5rem; }
a { color: var(--link); } :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0; margin: .75rem 0 0; list-style: none; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; background: var(--ground); padding: .5rem; }
.verdict { font-weight: 600; } h1.failed, .state.failed, .state.inactive { color: var(--bad); }
.state.passed, .state.active { color: var(--good); }
.soft, .note, .facts, .state.stopped, .legend { color: var(--soft); } .note { margin: .25rem 0; }
pre { margin: .5rem 0; padding: .75rem; max-height: 28rem; overflow: auto; background: var(--raised); border: 1px solid var(--line);
  border-radius: .375rem; font: .8125rem/1.45 ui-monospace, monospace; white-space: pre-wrap; }
.failure { margin: 0 0 1rem; padding: .75rem 1rem; background: var(--bad-ground); border-left: 4px solid var(--bad); border-radius: .25rem; }
summary { cursor: pointer; padding: .25rem 0; } details details { margin-left: .25rem; }
.service { border-top: 1px solid var(--line); padding: .375rem 0; }
.service[open] { padding-bottom: 1rem; } .service > :not(summary) { margin-left: 1rem; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); gap: .375rem 1.5rem; margin: .5rem 0; }
dt { color: var(--soft); font-size: .8125rem; } dd { margin: 0; }
.scroll { overflow-x: auto; max-height: 40rem; overflow-y: auto; border: 1px solid var(--line); border-radius: .375rem; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
h3, summary, li, tbody th { unicode-bidi: isolate; } .cause h3 { font-size: 1.1rem; } .cause > details { border-top: 1px solid var(--line); }
th, td { text-align: left; padding: .25rem .625rem; vertical-align: top; } td { white-space: nowrap; } td.wide { white-space: normal; } tbody th { font-weight: 400; min-width: 11rem; }
thead th { position: sticky; top: 0; background: var(--raised); } tbody tr:nth-child(even) { background: var(--raised); }
.filter { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: center; margin: .5rem 0; } .filter[hidden] { display: none; }
input { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--soft); border-radius: .25rem; padding: .25rem .5rem; min-width: min(100%, 16rem); }
.chart { --name: clamp(5.5rem, 14vw, 13rem); --row: 1.75rem; position: relative; font-size: .8125rem; overflow: hidden; }
.row, .axis { display: grid; grid-template-columns: var(--name) 1fr; height: var(--row); align-items: center; }
.lanes .row, .lanes .axis { grid-template-columns: var(--name) 1fr clamp(4.5rem, 9vw, 8rem); }
.row:nth-child(even) { background: var(--raised); } .count { text-align: right; color: var(--soft); white-space: nowrap; padding-left: .5rem; }
.label { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; padding-right: .5rem; }
.track { position: relative; height: 100%; } .track > i { position: absolute; top: 25%; height: 50%; min-width: 2px; border-radius: 2px; }
.lanes .track svg { position: absolute; inset: 20% 0; width: 100%; height: 60%; }
.axis { color: var(--soft); border-bottom: 1px solid var(--line); } .axis span { position: absolute; bottom: .125rem; white-space: nowrap; padding-left: .25rem; border-left: 1px solid var(--line); }
@media (max-width: 40rem) { .axis span:nth-child(even) { display: none; } }
i.start { background: var(--start); } i.critical { background: var(--critical); } i.own { background: var(--own); } i.passed { background: var(--start); opacity: .75; } i.failed { background: var(--bad); }
i.wait { background: repeating-linear-gradient(135deg, var(--own) 0 2px, transparent 2px 6px); border: 1px solid var(--own); }
.links { position: absolute; left: var(--name); top: var(--row); width: calc(100% - var(--name)); height: calc(var(--rows) * var(--row)); pointer-events: none; }
.links path { fill: none; stroke: var(--soft); stroke-width: 1.5; vector-effect: non-scaling-stroke; } .links .critical { stroke: var(--critical); stroke-width: 2; }
path.passed { fill: var(--start); opacity: .75; } path.failed { fill: var(--bad); }
.legend { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .5rem; font-size: .8125rem; } .legend i { width: 1.5rem; height: .75rem; border-radius: 2px; } .legend i:not(:first-child) { margin-left: .75rem; }
@media print { pre, .scroll { max-height: none; } nav, .skip, .filter { display: none; }
  details::details-content { content-visibility: visible; block-size: auto; } }
`
