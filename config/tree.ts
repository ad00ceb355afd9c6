import type { Findings, Place } from './findings.ts'
import { joinPath, showKey } from './show.ts'
import { explainSyntax } from './syntax.ts'
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
} from './yaml.ts'

/** What a YAML text says, with every scalar as it was written: whether `123` is a number, the key decides. */
export type Tree =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Branch[] }
  | { readonly kind: 'mapping'; readonly entries: ReadonlyMap<string, Branch> }

export interface Branch {
  readonly place: Place
  readonly tree: Tree
}

// A reference costs no memory, because trees share what it names; but `<<` copies.
const MOST_ALIASES = 100

interface Growth {
  readonly findings: Findings
  readonly anchors: Map<string, Tree>
  readonly placeAt: (node: unknown) => Place
  aliases: number
}

/** The tree of `text`. What is no YAML is a problem in `findings`; the tree is then of no use. */
export function readTree(text: string, file: string, findings: Findings): Branch {
  const lines = new LineCounter()
  // Unique keys are checked here, as a warning; and the parser's own pretty errors quote the text, secrets
  // included.
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: false,
    prettyErrors: false,
  })
  noteSyntax(document, lines, file, findings)
  const placeAt = (node: unknown) => ({ file, line: lineOf(node, lines) })
  const growth = { findings, anchors: new Map<string, Tree>(), placeAt, aliases: 0 }
  return { place: { file, line: null }, tree: grow(document.contents, '', growth) }
}

function noteSyntax(document: Document.Parsed, lines: LineCounter, file: string, findings: Findings): void {
  for (const { code, pos } of document.errors) {
    const { line, col } = lines.linePos(pos[0])
    // As the original CoreDog did: what follows `---` is not read.
    if (code === 'MULTIPLE_DOCS') findings.warn('', 'what follows "---" is ignored', { file, line })
    else {
      const { state, hint } = explainSyntax(code)
      findings.wrong('', state, hint, { file, line, column: col })
    }
  }
}

function lineOf(node: unknown, lines: LineCounter): number | null {
  const start = (node as Node | null)?.range?.[0]
  return start === undefined ? null : lines.linePos(start).line
}

function grow(node: unknown, path: string, growth: Growth): Tree {
  if (isAlias(node)) return growAlias(node.source, path, growth, growth.placeAt(node))
  const tree = growNode(node, path, growth)
  // Noted only now: so a node that holds itself finds no anchor, and no tree has a circle.
  if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor) growth.anchors.set(node.anchor, tree)
  return tree
}

function growNode(node: unknown, path: string, growth: Growth): Tree {
  if (isMap(node)) return { kind: 'mapping', entries: growEntries(node, path, growth) }
  if (isSeq(node)) {
    const items = node.items.map((item, at) => ({
      place: growth.placeAt(item),
      tree: grow(item, `${path}[${at}]`, growth),
    }))
    return { kind: 'list', items }
  }
  return isScalar(node) && node.value !== null ? { kind: 'text', text: textOf(node) } : { kind: 'nothing' }
}

function growAlias(name: string, path: string, growth: Growth, place: Place): Tree {
  growth.aliases += 1
  const tree = growth.anchors.get(name)
  if (tree === undefined) {
    growth.findings.wrong(
      path,
      'refers to an anchor that is not above it',
      'Define the anchor (&name) above its use (*name), or quote a value that begins with *.',
      place,
    )
  } else if (growth.aliases === MOST_ALIASES + 1) {
    growth.findings.wrong(
      path,
      `is one reference (*name) more than the ${MOST_ALIASES} allowed`,
      'Write the values out.',
      place,
    )
  }
  return growth.aliases > MOST_ALIASES ? { kind: 'nothing' } : (tree ?? { kind: 'nothing' })
}

function growEntries(map: YAMLMap, path: string, growth: Growth): Map<string, Branch> {
  const entries = new Map<string, Branch>()
  const inherited = new Map<string, Branch>()
  for (const { key, value } of map.items) {
    const name = isScalar(key) ? textOf(key) : ''
    const place = growth.placeAt(key)
    const inner = joinPath(path, showKey(name))
    const tree = grow(value, inner, growth)
    if (name === '<<') inherit(tree, inherited)
    else {
      const before = entries.get(name)?.place.line
      if (before !== undefined)
        growth.findings.warn(inner, `is there twice, in line ${before} too: this one counts`, place)
      entries.set(name, { place, tree })
    }
  }
  return new Map([...inherited, ...entries])
}

/**
 * YAML 1.1's merge key, which the Go decoder of the original CoreDog knew: the first one to have a key wins.
 */
function inherit(tree: Tree, inherited: Map<string, Branch>): void {
  const sources = tree.kind === 'list' ? tree.items.map(item => item.tree) : [tree]
  for (const source of sources) {
    if (source.kind !== 'mapping') continue
    for (const [name, branch] of source.entries) if (!inherited.has(name)) inherited.set(name, branch)
  }
}

function textOf({ value, source, type }: { value: unknown; source?: string; type?: string }): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  return type === 'PLAIN' && source !== undefined ? source : String(value)
}
