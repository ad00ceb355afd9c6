import { closeSync, fstatSync, openSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import type { SymbolFile } from '../../crash/symbol-file/symbol-file.ts'
import { symbolPlace } from '../../crash/symbol-file/symbol-place.ts'
import { fileIn } from '../why/file-in.ts'
import type { SymbolShelf } from './symbol-shelf.ts'

/** What became of one file. */
export interface Uploaded {
  readonly file: string
  readonly buildId?: string
  readonly functionCount?: number
  readonly hasLines?: boolean
  readonly bytes?: number
  readonly wholeBytes?: number
  /** Where it is now. */
  readonly url?: string
  readonly problem?: string
  readonly hint?: string
  /** It is the store that did not take it: no other file was tried. */
  readonly isRefused?: true
}

/**
 * Names and lines of `files`, to `shelf`; of a folder, those of all programs and libraries in it that have any. One
 * after the other, because each takes memory. Ends with the first that the store does not take: it was given half a
 * minute, and would be for each. Rejects never: of each file is said what is wrong with it.
 */
export async function* uploadSymbols(
  files: readonly string[],
  shelf: SymbolShelf,
): AsyncGenerator<Uploaded, void, void> {
  for (const file of files) {
    try {
      const isFolder = (await stat(file)).isDirectory()
      for await (const found of isFolder ? filesIn(file) : [file]) {
        const uploaded = await upload(found, shelf)
        // What else lies in a folder is none of ours.
        if (!isFolder || uploaded.buildId !== undefined) yield uploaded
        if (uploaded.isRefused) return
      }
    } catch (cause) {
      yield { file, problem: messageOf(cause), hint: 'Check the path and its permissions.' }
    }
  }
}

async function* filesIn(folder: string): AsyncGenerator<string, void, void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const entry of entries) if (entry.isFile()) yield path.join(entry.parentPath, entry.name)
}

async function upload(file: string, { store, prefix, advice }: SymbolShelf): Promise<Uploaded> {
  let known: Uploaded = { file }
  try {
    const { wholeBytes, made } = await read(file)
    const { buildId, functionCount, hasLines, bytes } = made
    known = { file, buildId, functionCount, hasLines, bytes: bytes.length, wholeBytes }
    const key = keyOf(buildId, prefix)
    const refused = await store.put(key, [bytes], bytes.length).then(
      () => ({}),
      cause => ({ ...problemOf(cause, advice), isRefused: true as const }),
    )
    return { ...known, ...refused, url: store.location(key) }
  } catch (cause) {
    return { ...known, ...problemOf(cause, advice) }
  }
}

function problemOf(cause: unknown, advice?: SymbolShelf['advice']): Pick<Uploaded, 'problem' | 'hint'> {
  return { problem: messageOf(cause), ...hintOf(cause, advice) }
}

/** Another script has a class of its own for such errors. */
function hintOf(cause: unknown, advice: SymbolShelf['advice'] = hint => hint): Pick<Uploaded, 'hint'> {
  const hint: unknown = cause instanceof Error && 'hint' in cause ? cause.hint : undefined
  return typeof hint === 'string' ? { hint: advice(hint) } : {}
}

/** What reads symbols is loaded here: a crash has no use for it. */
async function read(file: string): Promise<{ readonly wholeBytes: number; readonly made: SymbolFile }> {
  const { symbolFile } = await import('../../crash/symbol-file/symbol-file.ts')
  const fd = openSync(file, 'r')
  try {
    const { size } = fstatSync(fd)
    return { wholeBytes: size, made: symbolFile(fileIn({ fd, sizeBytes: size })) }
  } finally {
    closeSync(fd)
  }
}

function keyOf(buildId: string, prefix: string): string {
  const place = symbolPlace(buildId)
  if (place !== null) return prefix === '' ? place : `${prefix}/${place}`
  throw new OperatorError(
    `its build id "${buildId}" is none that is asked for: it has not 8 to 20 bytes`,
    'Link it with -Wl,--build-id=sha1.',
  )
}
