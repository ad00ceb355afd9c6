import type { Declaration, Keys, Labels, Scalar, Section, Sections, Texts, ValueOf } from './declaration.ts'
import type { Findings } from './findings.ts'
import { joinPath, show, showKey } from './show.ts'
import type { Branch, Tree } from './tree.ts'
import { warnOfUnknownKeys } from './unknown-keys.ts'

type Kind = Tree['kind']
type Only<K extends Kind> = { readonly place: Branch['place']; readonly tree: Extract<Tree, { kind: K }> }

/** What all readers need of one reading. */
interface Reading {
  readonly root: Section
  readonly findings: Findings
}

/**
 * Reads `layers` as `root` declares: of each key the first layer that says something, else the default.
 * Sections are put together key by key, lists of sections item by item. What is wrong goes to `findings`, and
 * its default stands in for it.
 */
export function readSettings<K extends Keys>(
  root: Section<K>,
  layers: readonly Branch[],
  findings: Findings,
): ValueOf<Section<K>> {
  return readSection(root, '', layers, { root, findings }) as ValueOf<Section<K>>
}

// What the readers return fits ValueOf<their declaration>; TypeScript cannot follow a recursion over it.
function read(declaration: Declaration, path: string, layers: readonly Branch[], reading: Reading): unknown {
  const [shown] = [...layers.filter(saysSomething), ...layers]
  if (shown !== undefined) reading.findings.locate(path, shown.place)
  switch (declaration.kind) {
    case 'section':
      return readSection(declaration, path, layers, reading)
    case 'sections':
      return readSections(declaration, path, layers, reading)
    case 'labels':
      return readLabels(declaration, path, layers, reading)
    case 'texts':
      return readTexts(declaration, path, layers, reading)
    case 'scalar':
      return readScalar(declaration, path, layers, reading)
  }
}

function readSection({ keys }: Section, path: string, layers: readonly Branch[], reading: Reading): object {
  const mappings = only('mapping', 'keys of its own, indented below it', path, layers, reading)
  for (const mapping of mappings) warnOfUnknownKeys(mapping.tree.entries, path, keys, reading)
  return Object.fromEntries(
    Object.entries(keys).map(([name, declaration]) => {
      const inner = mappings.map(({ tree }) => tree.entries.get(name)).filter(isThere)
      return [name, read(declaration, joinPath(path, name), inner, reading)]
    }),
  )
}

function readSections(
  { item }: Sections,
  path: string,
  layers: readonly Branch[],
  reading: Reading,
): object[] {
  const lists = only('list', 'a list, each item of which begins with "- "', path, layers, reading)
  const length = Math.max(0, ...lists.map(({ tree }) => tree.items.length))
  return Array.from({ length }, (_, at) => {
    const inner = lists.map(({ tree }) => tree.items[at]).filter(isThere)
    return read(item, `${path}[${at}]`, inner, reading) as object
  })
}

function readLabels(declaration: Labels, path: string, layers: readonly Branch[], reading: Reading): object {
  const mappings = only('mapping', declaration.allowed, path, layers, reading)
  const entries = mappings.toReversed().flatMap(({ tree }) => [...tree.entries])
  return Object.fromEntries(
    entries.flatMap(([name, branch]) => {
      const [label] = only('text', 'text', joinPath(path, showKey(name)), [branch], reading)
      return label === undefined ? [] : [[name, label.tree.text]]
    }),
  )
}

/** A text alone counts as a list of it; an empty list as none. */
function readTexts(
  declaration: Texts,
  path: string,
  layers: readonly Branch[],
  reading: Reading,
): readonly string[] {
  const [first] = layers.filter(saysSomething)
  if (first === undefined) return declaration.fallback
  const lists =
    first.tree.kind === 'text' ? [listOf(first)] : only('list', declaration.allowed, path, [first], reading)
  const items = lists.flatMap(({ tree }) => tree.items).filter(saysSomething)
  const read = items.map(item => readItem(declaration, path, item, reading))
  return read.length === 0 ? declaration.fallback : read
}

function readItem(declaration: Texts, path: string, item: Branch, reading: Reading): string {
  const [found] = only('text', declaration.allowed, path, [item], reading)
  const text = found?.tree.text.trim() ?? ''
  if (found !== undefined && !declaration.isAllowed(text)) {
    reading.findings.wrong(
      path,
      `holds ${show(text)}; allowed: ${declaration.allowed}`,
      correct(path, item),
      item.place,
    )
  }
  return text
}

function readScalar(
  declaration: Scalar<unknown>,
  path: string,
  layers: readonly Branch[],
  reading: Reading,
): unknown {
  const { allowed, secret, fallback } = declaration
  const [found] = only('text', allowed, path, layers.filter(saysSomething).slice(0, 1), reading)
  const value = declaration.read(found?.tree.text ?? fallback)
  if (found === undefined || value !== undefined) return value
  const shown = secret ? 'a value that is not shown' : show(found.tree.text)
  reading.findings.wrong(
    path,
    `is ${shown}; allowed: ${allowed}`,
    correct(path, found, fallback),
    found.place,
  )
  return declaration.read(fallback)
}

/** Those of `layers` that are of `kind`. Others are wrong, unless they are nothing at all. */
function only<K extends Kind>(
  kind: K,
  allowed: string,
  path: string,
  layers: readonly Branch[],
  { findings }: Reading,
): readonly Only<K>[] {
  const said = layers.filter(({ tree }) => tree.kind !== 'nothing')
  for (const branch of said.filter(({ tree }) => tree.kind !== kind)) {
    const state = path === '' ? `the file holds ${NAMES[branch.tree.kind]}` : `is ${NAMES[branch.tree.kind]}`
    findings.wrong(path, `${state}; allowed: ${allowed}`, correct(path, branch), branch.place)
  }
  return said.filter((branch): branch is Only<K> => branch.tree.kind === kind)
}

const NAMES: Readonly<Record<Kind, string>> = {
  nothing: 'nothing',
  text: 'text',
  list: 'a list',
  mapping: 'a group of keys',
}

/** An empty text says as little as none: a Helm chart writes many. */
function saysSomething({ tree }: Branch): boolean {
  return tree.kind === 'text' ? tree.text.trim() !== '' : tree.kind !== 'nothing'
}

function listOf(branch: Branch): Only<'list'> {
  return { place: branch.place, tree: { kind: 'list', items: [branch] } }
}

function correct(path: string, { place }: Branch, fallback?: string): string {
  const where = place.line === null ? `${place.file}` : `line ${place.line} of ${place.file}`
  if (fallback === undefined || fallback === '') return `Correct ${where}; docs/configuration.md shows how.`
  return `Correct ${where}, or leave ${path} out: its default is ${fallback}.`
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined
}
