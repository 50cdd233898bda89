import { Application, makeRecursiveVisitor } from 'typedoc'

// TypeDoc's own `validation.notExported` looks at one package of several
const PACKAGES = ['vitest-cluster', '@vitest-cluster/fixtures']

const INTERNAL = [
  // For the compiler only
  ...['DependencyView', 'FromLdap', 'FromNslcd', 'PortKey', 'Problems', 'Requirements', 'SetUp'],
  ...['HostProblems', 'ServicesOfHosts', 'WellFormed'],
  // The forms of `Base` and `Layer`, which only functions make
  ...['ArchiveBase', 'DebianBase', 'DirectoryBase', 'HostBase', 'RpmBase'],
  ...['CommandLayer', 'FilesLayer', 'PackagesLayer', 'PlaybookLayer'],
]

/**
 * Warns of a type that an export uses and no entry exports: the reference cannot describe it.
 * @param {Application} app
 */
export function load(app) {
  app.on(Application.EVENT_VALIDATE_PROJECT, (project) => {
    const used = new Map()
    for (const reflection of Object.values(project.reflections)) {
      const visitor = makeRecursiveVisitor({
        reference(type) {
          const { name } = type
          if (type.reflection || type.isIntentionallyBroken()) return
          if (PACKAGES.includes(type.package) && !INTERNAL.includes(name))
            used.set(name, reflection)
        },
      })
      for (const type of [reflection.type, reflection.default]) type?.visit(visitor)
    }
    for (const [name, reflection] of used)
      app.logger.validationWarning(
        `${reflection.getFriendlyFullName()} uses ${name}, which is not exported`,
      )
  })
}
