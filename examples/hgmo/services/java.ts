/** The account of ZooKeeper and Kafka, as in the role kafka-broker. */
export const zookeeperAccount = {
  accounts: [{ name: 'zookeeper', uid: 2321, home: '/var/lib/zookeeper', shell: '/bin/bash' }],
  user: 'zookeeper',
  group: 'zookeeper',
} as const

/**
 * As supervisord's autorestart, but without an end: a broker that starts soon after a kill exits, because ZooKeeper still
 * has the entry of the old one.
 */
export const javaRestarts = { Restart: 'always', RestartSec: 1, StartLimitIntervalSec: 0 } as const

/**
 * A program that asks a server at `$ADDRESS` and `$PORT` until it gives the expected answer, or for a second: whoever runs
 * it looks then whether the server still runs. While six JVMs start on two cores it must not start processes, so it waits
 * by reading from a pipe without a writer.
 * @param question bytes for printf(1)
 * @param expected commands that read the answer from descriptor 3
 */
export function asks(question: string, expected: string): readonly string[] {
  const script = `exec 4<> <(:)
for attempt in {1..20}; do
  if exec 3<>"/dev/tcp/$ADDRESS/$PORT"; then
    printf '${question}' >&3
    ${expected}
  fi
  read -r -t 0.05 -u 4
done
exit 1`
  return ['/bin/bash', '-c', script]
}
