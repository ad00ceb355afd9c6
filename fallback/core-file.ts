import { createHash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { showInvisible } from '../untrusted/invisible.ts'
import { type Owner, ownerOf } from './owner.ts'

/** A regular file below the dumps directory, as it was when it was looked at. */
export interface CoreFile {
  readonly owner: Owner
  /** From the dumps directory on; the last is the file's own name. Characters are bytes. */
  readonly segments: readonly string[]
  readonly stat: FileStat
}

/** What of a file's metadata is kept: there may be a hundred thousand of them. */
type FileStat = Pick<BigIntStats, 'dev' | 'ino' | 'size' | 'mtimeNs' | 'blocks'>

/**
 * `null` for what is no pod's core: no regular file, a second name of one that lies elsewhere, in no pod's
 * directory.
 */
export function coreFile(segments: readonly string[], stat: BigIntStats): CoreFile | null {
  const owner = ownerOf(segments)
  if (owner === null || !stat.isFile() || stat.nlink !== 1n) return null
  const { dev, ino, size, mtimeNs, blocks } = stat
  return { owner, segments, stat: { dev, ino, size, mtimeNs, blocks } }
}

/**
 * Another one as soon as the file is another one, or has changed. Looks as a crash id does: 12 hexadecimal
 * digits.
 */
export function idOf({ segments, stat }: CoreFile): string {
  const { dev, ino, mtimeNs, size } = stat
  return createHash('sha256')
    .update([dev, ino, mtimeNs, size, ...segments].join('/'))
    .digest('hex')
    .slice(0, 12)
}

export function isUnchanged(before: FileStat, now: FileStat): boolean {
  return isSame(before, now) && before.size === now.size && before.mtimeNs === now.mtimeNs
}

export function isSame(one: FileStat, other: FileStat): boolean {
  return one.dev === other.dev && one.ino === other.ino
}

/** A directory or file below the dumps directory, by one string. */
export function pathOf(segments: readonly string[]): string {
  return segments.join('/')
}

/** For people, as the original CoreDog showed it: its agent always had the directory at `/corefile`. */
export function shownPath(segments: readonly string[]): string {
  return harmless(`/corefile/${textOf(segments)}`)
}

/** For the handler, in UTF-8; what is none is shown as �. */
export function textOf(segments: readonly string[]): string {
  return Buffer.from(pathOf(segments), 'latin1').toString('utf8')
}

/** `<namespace>/<pod>`: the directory that the quota is for. */
export function homeOf({ owner }: Pick<CoreFile, 'owner'>): string {
  return `${owner.namespace}/${owner.pod}`
}

/** What a file is called must not move the cursor of a reader's terminal, or reverse a line. */
function harmless(text: string): string {
  return showInvisible(text, character =>
    [...Array(character.length).keys()].map(at => `\\u${hexOf(character.charCodeAt(at))}`).join(''),
  )
}

function hexOf(unit: number): string {
  return unit.toString(16).padStart(4, '0')
}
