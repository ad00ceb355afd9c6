import { randomBytes } from 'node:crypto'

/** Whose crash it is, as far as the key shows it. */
export type Owner =
  | { readonly kind: 'pod'; readonly namespace: string; readonly pod: string; readonly container: string }
  | { readonly kind: 'host'; readonly node: string }
  | { readonly kind: 'unverified'; readonly node: string }

/** What tells this crash from the owner's others. */
export interface Occurrence {
  readonly time: Date
  readonly comm: string
  readonly pid: number
  readonly id: string
}

/** A new crash id: 12 lower-case hexadecimal digits of chance, so that no two crashes share a key. */
export function newCrashId(): string {
  return randomBytes(6).toString('hex')
}

/**
 * The folder of a stored crash, without a slash at its end:
 * `<namespace>/<pod>/<container>/<YYYYMMDDTHHMMSSZ>-<comm>-<pid>-<id>`.
 */
export function crashFolder(owner: Owner, occurrence: Occurrence): string {
  const { time, comm, pid, id } = occurrence
  const name = [compactTime(time), keySegment(comm).slice(0, 64), pid, id].join('-')
  return [...ownerSegments(owner), name].join('/')
}

/** The key of the report beside a core. */
export function reportKeyOf(coreKey: string): string {
  return `${coreKey.slice(0, coreKey.lastIndexOf('/') + 1)}report.json`
}

/** A folder that {@link crashFolder} could have made; `null`: any other, which is not ours. */
export function parseCrashFolder(folder: string): (Occurrence & { readonly owner: Owner }) | null {
  const segments = folder.split('/')
  const name = NAME.exec(segments.pop() ?? '')
  const owner = ownerIn(segments)
  if (name === null || owner === null) return null
  // All of them are in the expression.
  const [, time, comm, pid, id] = name as unknown as readonly [string, string, string, string, string]
  const occurrence = { time: timeIn(time), comm, pid: Number(pid), id }
  // Nothing but the very same text: there is no 31st of February, and no name that we would have written
  // otherwise.
  const isOurs = !Number.isNaN(occurrence.time.getTime()) && crashFolder(owner, occurrence) === folder
  return isOurs ? { ...occurrence, owner } : null
}

const NAME = /^(\d{8}T\d{6}Z)-(.+)-(\d+)-([0-9a-f]{12})$/

function ownerIn(segments: readonly string[]): Owner | null {
  const [first = '', second = '', third = ''] = segments
  if (first === '_host' && segments.length === 2) return { kind: 'host', node: second }
  if (first === '_unverified' && segments.length === 2) return { kind: 'unverified', node: second }
  if (segments.length !== 3) return null
  return { kind: 'pod', namespace: first, pod: second, container: third }
}

function timeIn(compact: string): Date {
  return new Date(compact.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}

function ownerSegments(owner: Owner): string[] {
  switch (owner.kind) {
    case 'pod':
      return [owner.namespace, owner.pod, owner.container].map(part => keySegment(part))
    case 'host':
      return ['_host', keySegment(owner.node)]
    case 'unverified':
      return ['_unverified', keySegment(owner.node)]
  }
}

/**
 * `text` as one segment of a key: what is not `[A-Za-z0-9._-]` becomes `_`, at most 128 bytes; `unknown` where
 * nothing but dots is left. A leading `_` is kept for our own folders, so no namespace can be called `_host`.
 */
export function keySegment(text: string): string {
  const safe = text
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^_+/, '')
    .slice(0, 128)
  return /^\.*$/.test(safe) ? 'unknown' : safe
}

/** `20261121T042117Z` */
function compactTime(time: Date): string {
  return `${time.toISOString().replace(/[-:]/g, '').slice(0, 15)}Z`
}
