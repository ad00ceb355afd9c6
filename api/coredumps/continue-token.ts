import { namespaceIndexPrefix, parseIndexKey, timeIndexKey } from '../../crash/index-entry.ts'
import { badRequest } from '../status-error.ts'
import type { Selection } from './selection.ts'

/** Where a list goes on. */
export interface ContinueToken {
  /** The key of the index that was looked at last. */
  readonly after: string
  /** Of the first page, which counts for all of them. */
  readonly resourceVersion: string
}

/** Holds only for the question that it was an answer to. */
export function encodeToken({ after, resourceVersion }: ContinueToken, { digest }: Selection): string {
  return Buffer.from(JSON.stringify([VERSION, digest, after, resourceVersion])).toString('base64url')
}

/** Throws a 400: whatever a client makes up, it goes on in what it may list. */
export function decodeToken(text: string, cluster: string, selection: Selection): ContinueToken {
  const [version, digest, after, resourceVersion] = fieldsIn(text)
  if (version !== VERSION || typeof after !== 'string' || typeof resourceVersion !== 'string')
    throw notValid()
  if (digest !== selection.digest) throw badRequest('continue key is not valid: it is of another question')
  if (!/^\d{1,100}$/.test(resourceVersion) || !isBehind(after, cluster, selection)) throw notValid()
  return { after, resourceVersion }
}

const VERSION = 1
const LONGEST_TOKEN = 4096

function fieldsIn(text: string): readonly unknown[] {
  try {
    if (text.length > LONGEST_TOKEN) throw new RangeError('too long')
    const fields: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    return Array.isArray(fields) ? fields : []
  } catch {
    // Whatever is wrong with it, it is none of ours.
    throw notValid()
  }
}

function isBehind(after: string, cluster: string, { namespace }: Selection): boolean {
  const entry = parseIndexKey(after)
  if (entry === null) return false
  if (namespace === null) return timeIndexKey(entry) === after
  return after.startsWith(namespaceIndexPrefix({ cluster, namespace }))
}

function notValid(): Error {
  return badRequest('continue key is not valid')
}
