import { fieldsIn } from '../crash/fields.ts'

/** How often the crashes of one group came to one node. */
export interface NodeCount {
  readonly crashes: number
  readonly first: Date
  readonly last: Date
  /** How many pods they were of; at most {@link MOST_PODS} are told apart. */
  readonly pods: number
  /** As a person wrote them: the first few. */
  readonly images: readonly string[]
  /** Folder of the last of them that has a report; absent: none has. */
  readonly folder?: string
}

export const MOST_PODS = 256
export const MOST_IMAGES = 5
const LONGEST_IMAGE = 512
const LONGEST_FOLDER = 1024
/** Of one count: what is longer is none of ours. */
export const LONGEST_COUNT_BYTES = 8192

const VERSION = 1

export function encodeNodeCount(count: NodeCount): string {
  return `${JSON.stringify({ version: VERSION, ...count })}\n`
}

/** What stands in the bucket is a stranger's word. `null`: it is none, or one of a version that we do not know. */
export function parseNodeCount(text: string): NodeCount | null {
  const { version, crashes, first, last, pods, images, folder } = fieldsIn(text) ?? {}
  const [began, ended] = [timeIn(first), timeIn(last)]
  if (version !== VERSION || began === null || ended === null || !isCount(crashes) || !isCount(pods))
    return null
  return {
    crashes,
    first: began,
    last: ended,
    pods: Math.min(pods, MOST_PODS),
    images: imagesIn(images),
    ...(isText(folder, LONGEST_FOLDER) && { folder }),
  }
}

/** The first few, each once. */
export function fewImages(images: readonly string[]): readonly string[] {
  return [...new Set(images)].slice(0, MOST_IMAGES)
}

function imagesIn(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return []
  return fewImages(value.slice(0, MOST_IMAGES).filter(image => isText(image, LONGEST_IMAGE)))
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longest
}

/** Above any count that a node could reach: what is summed stays a whole number. */
export const MOST_CRASHES = 2 ** 40

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= MOST_CRASHES
}

function timeIn(value: unknown): Date | null {
  const time = new Date(typeof value === 'string' ? value : Number.NaN)
  return Number.isNaN(time.getTime()) ? null : time
}
