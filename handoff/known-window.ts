import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { fieldsIn, fieldsOf } from '../crash/fields.ts'
import { FORMAT_VERSION } from './format-version.ts'

/**
 * What a node knows of the window in which its cluster keeps cores of one group, beside the files of its counts: the
 * node does not ask for places that it knows to be taken.
 */
export interface KnownWindowFile {
  /** When the outbreak of crashes began, in seconds since the epoch. */
  readonly outbreak: number
  /** Of the windows since then, from 0. */
  readonly number: number
  /** The places before it are taken. */
  readonly next: number
  /** Of the rule by which the others were found. */
  readonly windowSeconds: number
  /** Below `StoreDir`: where the last core that was kept is. Absent: not known. */
  readonly core?: string
}

/** In `folder`; `group`: the group's folder in the store. */
export function knownWindowFile(folder: string, group: string): string {
  const name = createHash('sha256').update(group).digest('hex').slice(0, 32)
  return path.join(folder, `${name}.window.json`)
}

/** The core of a place of the group is lost: the node that had it is the one that crashes, and is to ask for it again. */
export async function forgetKnownWindow(folder: string, group: string): Promise<void> {
  await rm(knownWindowFile(folder, group), { force: true })
}

export function encodeKnownWindow(known: KnownWindowFile): string {
  return `${JSON.stringify({ version: FORMAT_VERSION, ...known })}\n`
}

/** `null`: it is none, or one of a version that we do not know. */
export function parseKnownWindow(text: string): KnownWindowFile | null {
  const { version, outbreak, number, next, windowSeconds, core } = fieldsOf(fieldsIn(text))
  const numbers = [outbreak, number, next, windowSeconds]
  if (version !== FORMAT_VERSION || !numbers.every(isCount)) return null
  const known = { outbreak, number, next, windowSeconds } as KnownWindowFile
  return typeof core === 'string' ? { ...known, core } : known
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
