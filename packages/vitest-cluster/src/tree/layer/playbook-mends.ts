/** What is known of why playbooks fail: what Ansible says, and the mend. The first that fits is taken. */
const MENDS: readonly (readonly [RegExp, string])[] = [
  [
    /python\S*: not found|python\S*: No such file|No module named '(shutil|json|zipfile|logging|subprocess)'/i,
    "Ansible's modules need Python in the tree: add packages(['python3']) below this layer (python3-minimal is not enough).",
  ],
  [
    /role '[^']*' was not found/,
    'Roles are looked for in roles/ beside the playbook. Those in ~/.ansible and /etc/ansible are not used.',
  ],
  [
    /couldn't resolve module\/action/,
    'ansible-core has the modules of ansible.builtin only. Put a collection that has it into collections/ansible_collections beside the playbook.',
  ],
  [
    /Failed to find required executable|No such file or directory: b?'[\w.-]+'/,
    'The tree has no such program: add its package below this layer, packages([…]).',
  ],
  [
    /Could not find the requested service/,
    'The tree has no unit of that name. Is its package installed by a task before?',
  ],
  [
    /no vault secrets found/,
    'Vaults are not opened: give such values by extraVars: { … }, from wherever your tests have them.',
  ],
  [
    /chown failed: \[Errno 22\]/,
    'This machine gives a tree one uid only: docs/isolation.md has what accounts of their own need (subordinate uids).',
  ],
  [/is undefined/, 'Give it a value: in the role, in group_vars/, or by extraVars: { … }.'],
  [
    /Could not find or access|file on the Ansible Controller|vars file .* was not found|could not locate file/i,
    "Only what the playbook was found to depend on is there. If there is such a file, name it: inputs: ['path'].",
  ],
]

const UNREACHED =
  /Temporary failure resolving|Could not resolve|Network is unreachable|Name or service not known|Temporary failure in name resolution|Failed to update apt cache|Failed to fetch/
const UNKNOWN_PACKAGE = /No package matching|Unable to locate package|no installation candidate/

/** What to do about what Ansible said; undefined where it is nothing known. Pure. */
export function mendFor(said: string, network: boolean): string | undefined {
  if (UNREACHED.test(said) || UNKNOWN_PACKAGE.test(said)) {
    if (!network) return 'Tasks have no network unless you write network: true.'
    return UNKNOWN_PACKAGE.test(said)
      ? 'A tree keeps no lists of packages: write update_cache: true in the task. Where that is there, look for the name.'
      : 'See that the mirror can be reached; http_proxy and https_proxy are used.'
  }
  return MENDS.find(([pattern]) => pattern.test(said))?.[1]
}
