import type { ServiceReport } from '../../packages/vitest-cluster/src/observe/report-data.ts'
import type { Report, ReportTest } from '../../packages/vitest-cluster/src/report/report.ts'

const MS = 1_000

/** A session of so many services, each depending on the one four before it, and tests that each use three services. */
export function exampleReport(services: number, tests: number): Report {
  const names = Array.from({ length: services }, (_, i) => `service${i}`)
  const uses = (i: number) => [i, i * 7 + 1, i * 3 + 2].map((n) => names[n % services] ?? '')
  return {
    project: 'example',
    zone: 'Europe/Berlin',
    otherErrors: [],
    record: {
      id: '0123abcd',
      config: '/home/me/project/cluster.config.ts',
      opened: 1_700_000_000_000,
      recorded: 1_700_000_090_000,
      now: 90_000 * MS,
      begun: 0,
      phases: [
        { name: 'definition', begin: 0, end: 40 * MS },
        { name: 'manager', begin: 2 * MS, end: 70 * MS },
        { name: 'services', begin: 75 * MS, end: (130 + services * 12) * MS },
      ],
      times: names.map((service, i) => ({
        service,
        dependsOn: i < 4 ? [] : [names[i - 4] ?? ''],
        queued: (75 + i) * MS,
        begun: (80 + Math.floor(i / 4) * 48 + (i % 4)) * MS,
        started: (82 + Math.floor(i / 4) * 48 + (i % 4)) * MS,
        ready: (120 + Math.floor(i / 4) * 48 + (i % 4)) * MS,
      })),
      services: names.map((name, i) => service(name, i, i < 4 ? [] : [names[i - 4] ?? ''])),
      windows: [],
    },
    tests: Array.from({ length: tests }, (_, i): ReportTest => {
      const failed = i % 50 === 7
      const begin = (200 + services * 12 + i * 80) * MS
      return {
        name: `src/some/where/feature-${i % 40}.test.ts > a feature > does what it should in case ${i}`,
        state: failed ? 'failed' : i % 33 === 5 ? 'skipped' : 'passed',
        begin,
        end: begin + (20 + ((i * 37) % 200)) * MS,
        uses: [...new Set(uses(i))],
        errors: failed
          ? [
              {
                text: 'AssertionError: expected <b>1</b> to be 2',
                frames: ['feature.test.ts:7:3'],
              },
            ]
          : [],
        notes: [],
        logs: failed
          ? [
              {
                service: names[0] ?? '',
                lines: ['connection refused', 'giving up'],
                shared: ['b.test.ts > other'],
              },
            ]
          : [],
      }
    }),
  }
}

function service(name: string, i: number, dependsOn: string[]): ServiceReport {
  const up = i % 8 !== 7
  return {
    name,
    kind: ['ldap', 'ssh', 'hgweb'][i % 3] ?? '',
    unit: `vitest-cluster-0123abcd-${name}.service`,
    dependsOn,
    address: '127.0.0.1',
    ports: { main: 12_000 + i },
    state: up ? 'active' : 'failed',
    restarts: 0,
    subState: up ? 'running' : 'failed',
    // During the first failing test of an example with nine services
    end: up ? undefined : { at: 900 * MS, signal: 9, onPurpose: false },
    unitFile: `# This is a transient unit file\n[Service]\nExecStart=/usr/sbin/${name} --port ${12_000 + i}\n`,
    resources: up
      ? {
          cpu: 47 * MS * (i + 1),
          memoryPeak: i % 2 ? 12_345_678 : undefined,
          read: 0,
          written: 4096,
        }
      : {},
    log: {
      text: `${name} starting\n</pre><script>document.title = 'broken'</script>\n${'x'.repeat(300)}\n`,
      omitted: i % 5 ? 0 : 70_000,
    },
  }
}
