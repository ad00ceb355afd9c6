import assert from 'node:assert/strict'
import { it } from 'node:test'
import { DEPLOYED, type Manifest } from './deployed.ts'
import { documentOf } from './documents.ts'

it('docs/security.md has the rights that the manifests give', () => {
  const table = [
    ...documentOf('docs/security.md').prose.matchAll(
      /^\| (installer|webhook|api|viewer|downloader|operator) \| (.*?) \| (.*?) \|/gm,
    ),
  ]
  const documented = table.flatMap(([, who = '', what = '', verbs = '']) =>
    resourcesOf(what).map(resource => `${who}: ${resource}: ${verbs}`),
  )
  assert.deepEqual(documented.toSorted(), DEPLOYED.flatMap(rightsOf).toSorted())
})

/** `pods, secrets.group, only x`; where it holds is in the manifest. */
function resourcesOf(what: string): string[] {
  const only = /, only `(.*?)`/.exec(what)?.[1]
  return what
    .replace(/, (?:only|in its) .*$/, '')
    .split(', ')
    .map(resource => (only === undefined ? resource : `${resource} ${only}`))
}

function rightsOf({ kind, metadata, rules = [] }: Manifest): string[] {
  if (!kind.endsWith('Role')) return []
  const who = metadata.name.replace('coredog-', '')
  return rules.flatMap(({ apiGroups, resources, resourceNames = [''], verbs }) =>
    resources.flatMap(resource =>
      resourceNames.map(name => {
        const full = [resource, ...apiGroups].filter(part => part !== '').join('.')
        return `${who}: ${[full, name].filter(part => part !== '').join(' ')}: ${verbs.join(', ')}`
      }),
    ),
  )
}
