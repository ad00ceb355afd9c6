import { fieldsIn } from '../crash/fields.ts'
import { VERSION_LINE } from './format-version.ts'

/**
 * How often the crashes of one group came to a node, as a file holds it: `version 1`, a line of JSON on the first
 * one, and then the id of each, a line. These are of one length, so that the end of a line says how many there were:
 * handlers of crashes that come at once need no lock, and read nothing that the others write.
 */
export interface SeenGroup {
  readonly first: Date
  /** The image of the first one, as a person wrote it. */
  readonly firstImage?: string
  /** Behind which the lines of crashes begin. */
  readonly headBytes: number
}

/** Twelve digits, as {@link newCrashId} makes them, and the end of the line. */
export const LINE_BYTES = 13
/** The longest head there is: of an image that is all quotes. */
export const LONGEST_HEAD_BYTES = 4096
const LONGEST_IMAGE = 512

/** After so long without a crash its file is removed. */
export const SEEN_LIFE_SECONDS = 30 * 24 * 3600

export function encodeSeenHead({ first, firstImage }: Omit<SeenGroup, 'headBytes'>): string {
  const image = firstImage === undefined ? {} : { image: firstImage.slice(0, LONGEST_IMAGE) }
  return `${VERSION_LINE}${JSON.stringify({ first: first.toISOString(), ...image })}\n`
}

/** `beginning`: so much of the file as a head may have. `null`: it is none of this version, or none of ours. */
export function parseSeenHead(beginning: Buffer): SeenGroup | null {
  const headBytes = beginning.indexOf('\n', VERSION_LINE.length) + 1
  const text = beginning.toString('utf8', 0, headBytes)
  if (!text.startsWith(VERSION_LINE)) return null
  const { first, image } = fieldsIn(text.slice(VERSION_LINE.length)) ?? {}
  const time = new Date(typeof first === 'string' ? first : Number.NaN)
  if (Number.isNaN(time.getTime())) return null
  return { first: time, ...(typeof image === 'string' && { firstImage: image }), headBytes }
}

/** How many crashes there were where the line of the last one ends. One that a kill cut short counts for none. */
export function countAt(endBytes: number, { headBytes }: Pick<SeenGroup, 'headBytes'>): number {
  return Math.floor((endBytes - headBytes) / LINE_BYTES)
}
