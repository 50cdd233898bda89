import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { execaSync } from 'execa'
import { fileOf, jars } from './list.ts'

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.0:copy'

/**
 * A directory that has the jars at their paths. The first call runs Maven on this machine: its settings say how Maven Central
 * is reached, which a tree does not know.
 */
export function fetchJars(): string {
  const { XDG_CACHE_HOME = join(homedir(), '.cache') } = process.env
  const list = createHash('sha256').update(JSON.stringify(jars)).digest('hex').slice(0, 16)
  const fetched = join(XDG_CACHE_HOME, 'vitest-cluster-hgmo', `jars-${list}`)
  if (existsSync(fetched)) return fetched
  mkdirSync(dirname(fetched), { recursive: true })
  const work = mkdtempSync(`${fetched}-`)
  try {
    copyByMaven(work)
    checkDigests(join(work, 'jars'))
    renameSync(join(work, 'jars'), fetched)
  } catch (error) {
    // Another process may have been faster
    if (!existsSync(fetched)) throw error
  } finally {
    rmSync(work, { recursive: true })
  }
  return fetched
}

function copyByMaven(work: string): void {
  const project = join(work, 'pom.xml')
  writeFileSync(project, pom(join(work, 'jars')))
  console.error('hgmo: fetching the jars of Kafka and ZooKeeper from Maven Central')
  const { failed, all } = execaSync('mvn', ['--batch-mode', '--quiet', '--file', project, COPY], {
    all: true,
    reject: false,
  })
  if (failed)
    throw new Error(`mvn cannot fetch the jars of Kafka and ZooKeeper. Is Maven installed?\n${all}`)
}

function checkDigests(directory: string): void {
  for (const [path, list] of Object.entries(jars)) {
    for (const [name, wanted] of Object.entries(list)) {
      const content = readFileSync(join(directory, path, fileOf(name)))
      const found = createHash('sha256').update(content).digest('hex')
      if (found !== wanted)
        throw new Error(`${name} from Maven has the SHA-256 ${found}, not ${wanted}`)
    }
  }
}

/** A project of Maven that only copies the jars, each by its own coordinates. */
function pom(output: string): string {
  const items = Object.entries(jars).flatMap(([directory, list]) =>
    Object.keys(list).map((name) => {
      const [group, artifact, version, classifier] = name.split(':')
      return [
        '<artifactItem>',
        `<groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>`,
        ...(classifier ? [`<classifier>${classifier}</classifier>`] : []),
        `<outputDirectory>${join(output, directory)}</outputDirectory>`,
        '</artifactItem>',
      ].join('')
    }),
  )
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>hgmo</groupId><artifactId>jars</artifactId><version>1</version><packaging>pom</packaging>
  <build><plugins><plugin>
    <groupId>org.apache.maven.plugins</groupId><artifactId>maven-dependency-plugin</artifactId>
    <configuration><artifactItems>
      ${items.join('\n      ')}
    </artifactItems></configuration>
  </plugin></plugins></build>
</project>
`
}
