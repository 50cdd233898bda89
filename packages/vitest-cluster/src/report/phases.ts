import type { SessionReport } from '../observe/report-data.ts'
import { axis, percent } from './axis.ts'
import { type Html, html } from './html.ts'
import { duration } from './units.ts'

/** What each phase does, by the name that session/phases.ts records. */
const STEPS: Readonly<Record<string, string>> = {
  code: 'load its own modules',
  definition: 'load the definition, find programs and build or reuse trees',
  files: "write the services' files",
  ground: 'choose directories, accounts and control groups',
  keeper: 'start the process that removes the session at its end',
  manager: 'start the systemd that runs the services, or connect to it',
  plan: 'plan the systemd units',
  ports: 'reserve free ports',
  services: 'start the services and wait until all are ready',
  states: "create the services' initial data, such as the entries of an LDAP directory",
  sweep: 'remove the leftovers of earlier sessions',
  tree: 'create the root file system of the session',
  values: 'generate passwords and keys',
}

/** The library's own work while a session opens, as bars and a table. Pure. */
export function phaseChart({ begun, phases }: SessionReport): Html {
  if (phases.length === 0) return html``
  const length = Math.max(1, ...phases.map(({ end }) => end - begun))
  const took = duration(length)
  return html`<details><summary>What vitest-cluster did in these ${took}</summary>
<p class="note">Its steps run at the same time where they can. Times count from the beginning.</p>
<div class="chart" aria-hidden="true">${axis(length)}${phases.map(
    ({ name, begin, end }) =>
      html`<div class="row"><div class="label">${name}</div><div class="track"><i class="own" style="left:${percent(begin - begun, length)};width:${percent(end - begin, length)}"></i></div></div>`,
  )}</div>
<div class="scroll" tabindex="0" role="region" aria-label="Steps of vitest-cluster"><table>
<thead><tr><th scope="col">step</th><th scope="col">what it does</th><th scope="col">began after</th><th scope="col">took</th></tr></thead>
<tbody>${phases.map(
    ({ name, begin, end }) => html`
<tr><th scope="row">${name}</th><td class="wide">${STEPS[name] ?? ''}</td><td>${duration(begin - begun)}</td><td>${duration(end - begin)}</td></tr>`,
  )}</tbody></table></div></details>`
}
