import { defineService, type ServiceInput } from 'vitest-cluster'

/** A service that logs what it receives. */
export function parrot(options: Pick<Partial<ServiceInput>, 'dependsOn'> = {}) {
  return defineService({
    kind: 'parrot',
    command: () => ['/bin/sh', '-c', 'mkfifo in; echo ready; exec cat <>in'],
    ready: { logLine: '^ready$' },
    ...options,
    handle: ({ exec, name }) => ({
      /** Resolves when the last line of the text, or `until`, is in the log. */
      async hears(text: string, until = text): Promise<void> {
        const log = `/var/log/vitest-cluster/${name}.log`
        await exec(['sh', '-c', `cat >in; tail -n +1 -f ${log} | grep -qF -m 1 -e "$0"`, until], {
          input: `${text}\n`,
        })
      },
    }),
  })
}
