import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'

const ROOT = path.resolve(import.meta.dirname, '..')
const textOf = (file: string) => readFileSync(path.join(ROOT, file), 'utf8')

interface Manager {
  readonly managerFilePatterns: readonly string[]
  readonly matchStrings: readonly string[]
}

const RENOVATE: {
  readonly pip_requirements: Pick<Manager, 'managerFilePatterns'>
  readonly customManagers: readonly Manager[]
  readonly packageRules: readonly { readonly matchFileNames?: readonly string[] }[]
} = JSON.parse(textOf('renovate.json'))

const FILES = globSync(['*', '.ci/*', '.ci/kube/*', 'handler/native/*', 'deploy/*'], { cwd: ROOT })

it('each pattern of files finds one', () => {
  for (const { managerFilePatterns } of [RENOVATE.pip_requirements, ...RENOVATE.customManagers])
    for (const pattern of managerFilePatterns) assert.equal(filesOf(pattern).length, 1, pattern)
  for (const name of RENOVATE.packageRules.flatMap(({ matchFileNames = [] }) => matchFileNames))
    assert.ok(FILES.includes(name), name)
})

it('each version in .ci/versions is found, with where a newer one would be', () => {
  const [{ matchStrings } = { matchStrings: [] }] = RENOVATE.customManagers
  const text = textOf('.ci/versions')
  const found = [...text.matchAll(new RegExp(matchStrings.join('|'), 'g'))].map(({ groups }) => groups)
  assert.equal(found.length, text.match(/^\w+_VERSION=/gm)?.length)
  const scripts = textOf('.ci/install') + textOf('.ci/install-release')
  for (const { datasource, depName = '', currentValue = '' } of found.map(groups => groups ?? {})) {
    assert.equal(datasource, 'go')
    assert.ok(scripts.includes(`${depName}/cmd/`), depName)
    assert.match(currentValue, /^v\d+\.\d+\.\d+$/)
  }
})

/** A pattern between slashes is a regular expression, and another one would be a glob. */
function filesOf(pattern: string): string[] {
  assert.match(pattern, /^\/.*\/$/)
  return FILES.filter(file => new RegExp(pattern.slice(1, -1)).test(file))
}
