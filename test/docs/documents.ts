import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'

export const ROOT = path.resolve(import.meta.dirname, '../..')

/** What stands between two lines of three backquotes. */
export interface Block {
  readonly language: string
  /** Words after the language: what a test does with it. Readers do not see them. */
  readonly mark: string
  readonly text: string
  readonly place: string
}

export interface Document {
  readonly file: string
  readonly text: string
  /** Without blocks of code. */
  readonly prose: string
  readonly blocks: readonly Block[]
}

const FENCE = /^```(\w*) ?(.*)\n([\s\S]*?)^```$/gm

export const DOCUMENTS: readonly Document[] = globSync(['*.md', 'docs/**/*.md', 'deploy/**/*.md'], {
  cwd: ROOT,
})
  .toSorted()
  .map(readDocument)

function readDocument(file: string): Document {
  const text = readFileSync(path.join(ROOT, file), 'utf8')
  const blocks = [...text.matchAll(FENCE)].map(({ index, 1: language = '', 2: mark = '', 3: body = '' }) => ({
    language,
    mark,
    text: body,
    place: `${file}:${text.slice(0, index).split('\n').length}`,
  }))
  return { file, text, prose: text.replace(FENCE, ''), blocks }
}

export function documentOf(file: string): Document {
  const found = DOCUMENTS.find(document => document.file === file)
  if (found === undefined) throw new Error(`Cannot find document "${file}"`)
  return found
}

export function blocksIn(language: string, documents = DOCUMENTS): readonly Block[] {
  return documents.flatMap(({ blocks }) => blocks.filter(block => block.language === language))
}

/** What stands in single backquotes outside of blocks. */
export function inlineCode({ prose }: Document): readonly string[] {
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code.replaceAll('\\|', '|'))
}
