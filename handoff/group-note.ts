import { fieldsIn } from '../crash/fields.ts'
import { FORMAT_VERSION } from './format-version.ts'

/** Word of one crash of a group that the nodes of a cluster count together. */
export interface GroupNote {
  /** The group's folder in the store. */
  readonly group: string
  readonly id: string
  readonly time: Date
  /** Empty: it is of the node's own. */
  readonly pod: string
  /** As a person wrote it; empty: not seen. */
  readonly image: string
  /** Where its report is; absent: it has none. */
  readonly folder?: string
}

const LONGEST_IMAGE = 512

/** A line, so short that write(2) appends it in one piece. */
export function encodeNote({ image, ...note }: GroupNote): string {
  return `${JSON.stringify({ version: FORMAT_VERSION, ...note, image: image.slice(0, LONGEST_IMAGE) })}\n`
}

/** `null`: it is none, a kill cut it short, or it is of a version that we do not know. */
export function parseNote(line: string): GroupNote | null {
  const { version, group, id, time, pod, image, folder } = fieldsIn(line) ?? {}
  const came = new Date(typeof time === 'string' ? time : Number.NaN)
  const isOurs = version === FORMAT_VERSION && [group, id, pod, image].every(text => typeof text === 'string')
  if (!isOurs || Number.isNaN(came.getTime())) return null
  // Checked above, but for TypeScript, which does not follow a condition through a list.
  const note = { group, id, time: came, pod, image } as GroupNote
  return typeof folder === 'string' ? { ...note, folder } : note
}
