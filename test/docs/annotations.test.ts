import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { parseDuration } from '../../config/duration.ts'
import { parseConfig } from '../../config/parse-config.ts'
import { decide } from '../../config/policy.ts'
import { ANNOTATIONS } from '../../crash/annotations.ts'
import { readMountPath } from '../../webhook/admission/mount-path.ts'
import { TOP_ROOMS } from '../rooms.ts'
import { documentOf, ROOT } from './documents.ts'

const { prose } = documentOf('docs/annotations.md')
const OURS: readonly string[] = Object.values(ANNOTATIONS)

/** What a Kubernetes object is called, and not annotated with. */
const NO_ANNOTATIONS = ['coredog.io/installer', 'coredog.io/report']

const SOURCES = read(globSync(`{${TOP_ROOMS.join()}}/**/*.ts`, { cwd: ROOT }))

it('docs/annotations.md has the annotations that the programs know', () => {
  assert.deepEqual(firstCells().filter(isOurs).toSorted(), OURS.toSorted())
})

it('docs/annotations.md has what the programs read of others', () => {
  const read = [...SOURCES.matchAll(/'((?:[\w-]+\.)*kubernetes\.io\/[\w.-]+|io\.kubernetes(?:\.\w+)+)'/g)]
  const others = new Set(read.map(([, name = '']) => name))
  assert.ok(others.size > 4)
  assert.deepEqual(
    firstCells()
      .filter(name => name.includes('kubernetes'))
      .toSorted(),
    [...others].toSorted(),
  )
})

it('an annotation of ours that is named anywhere is one that the programs know', () => {
  const files = globSync(['*.md', '{docs,deploy}/**/*.{md,yaml,txt,tpl}'], { cwd: ROOT })
  const named = [...`${SOURCES}${read(files)}`.matchAll(/(?<![\w./-])coredog\.io\/[a-z][a-z-]*/g)]
  const unknown = named.map(([name]) => name).filter(name => !OURS.includes(name))
  assert.deepEqual([...new Set(unknown)].toSorted(), NO_ANNOTATIONS)
})

it('each annotation of ours is read or written somewhere', () => {
  const unused = Object.keys(ANNOTATIONS).filter(key => !SOURCES.includes(`ANNOTATIONS.${key}`))
  assert.deepEqual(unused, [])
})

it('docs/annotations.md: values that are said to be good are, and others are not', () => {
  const [inject, path, maxHold] = [ANNOTATIONS.inject, ANNOTATIONS.path, ANNOTATIONS.maxHold].map(cellsOf)
  assert.deepEqual(inject?.good.map(isConsent), [true])
  assert.deepEqual(inject?.bad.slice(0, 2).map(isConsent), [false, false])
  assert.ok(path?.good.every(value => readMountPath(value) === value))
  assert.ok((path?.bad.length ?? 0) > 4)
  assert.deepEqual(
    path?.bad.filter(value => readMountPath(value) !== null),
    [],
  )
  assert.deepEqual(maxHold?.good.map(parseDuration), [30, 90, 0])
})

function isConsent(quoted: string): boolean {
  const { config } = parseConfig('StorageConfig: {protocol: cfs, CFSMountPath: /mnt}')
  const annotations = { [ANNOTATIONS.inject]: JSON.parse(quoted) }
  const pod = { namespace: 'shop', name: 'web-0', uid: 'u', labels: {}, annotations }
  const known = {
    kind: 'container',
    containerId: null,
    podUid: 'u',
    pod,
    container: { name: 'app' },
  } as const
  return decide(config.collect, known).do === 'collect'
}

/** The values in its row: what is allowed, and what is told of others. */
function cellsOf(annotation: string): { readonly good: readonly string[]; readonly bad: readonly string[] } {
  const row = prose.split('\n').find(line => line.startsWith(`| \`${annotation}\``)) ?? ''
  const [, good = '', , bad = ''] = row.split(' | ')
  return { good: codesIn(good), bad: codesIn(bad).filter(code => !/^[a-z ]+(?:\.[a-zA-Z]+)?$/.test(code)) }
}

function codesIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
}

function read(files: readonly string[]): string {
  return files.map(file => readFileSync(path.join(ROOT, file), 'utf8')).join('\n')
}

function isOurs(name: string): boolean {
  return name.startsWith('coredog.io/')
}

/** The names in the first column of each table. */
function firstCells(): readonly string[] {
  return [...prose.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  )
}
