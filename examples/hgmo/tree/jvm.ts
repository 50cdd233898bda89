import { command, files, type Layer } from 'vitest-cluster/tree'
import { checkout } from '../checkout.ts'
import { fetchJars } from './jvm/fetch.ts'
import { classPath } from './jvm/list.ts'

/** Where the files are that say how the JVM runs each program, for `java @FILE`, and the archives of their classes. */
export const ARGUMENTS = '/opt/class-data'

const KAFKA = classPath('/opt/kafka/libs')
const ZOOKEEPER = classPath('/opt/zookeeper', '/opt/zookeeper/lib')

/** Kafka and ZooKeeper at the paths of the Docker cluster, for a tree with OpenJDK 11, Python and bash. */
export const jvm: readonly Layer[] = checkout === undefined ? [] : layers()

function layers(): Layer[] {
  return [
    files({
      '/opt': { from: `${fetchJars()}/opt` },
      ...javaArguments('zookeeper', ZOOKEEPER, ['-Xms16m', '-Xmx64m']),
      // A broker with less than 512 MiB cannot pass on a message of 50 MiB: its direct buffers are as large as its heap
      ...javaArguments('kafka', KAFKA, ['-Xms32m', '-Xmx512m']),
      ...javaArguments('topics', KAFKA, ['-Xmx128m']),
      '/opt/kafka/bin/kafka-topics.sh': script('topics', 'kafka.admin.TopicCommand'),
      '/opt/kafka/bin/kafka-server-start.sh': script('kafka', 'kafka.Kafka'),
    }),
    command(['python3', 'tree/jvm/class-data.py', ARGUMENTS], {
      inputs: ['tree/jvm/class-data.py'],
    }),
  ]
}

/** Small heaps, the collector and the compiler that start fast, and an archive of parsed classes (JEP 310). */
function javaArguments(program: string, classes: string, heap: readonly string[]) {
  const lines = [
    ...heap,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    // Its file would be in /tmp, which all hosts share
    '-XX:-UsePerfData',
    `-XX:SharedArchiveFile=${ARGUMENTS}/${program}.jsa`,
    ...['-cp', classes],
  ]
  return { [`${ARGUMENTS}/${program}.args`]: `${lines.join('\n')}\n` }
}

function script(program: string, main: string) {
  const content = `#!/bin/sh\nexec java @${ARGUMENTS}/${program}.args $KAFKA_LOG4J_OPTS ${main} "$@"\n`
  return { content, mode: 0o755 }
}
