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
  const name = [compactTime(time), keySegment(comm, 'unknown').slice(0, 64), pid, id].join('-')
  return [...ownerSegments(owner), name].join('/')
}

function ownerSegments(owner: Owner): string[] {
  switch (owner.kind) {
    case 'pod':
      return [owner.namespace, owner.pod, owner.container].map(part => keySegment(part, 'unknown'))
    case 'host':
      return ['_host', keySegment(owner.node, 'unknown')]
    case 'unverified':
      return ['_unverified', keySegment(owner.node, 'unknown')]
  }
}

/**
 * `text` as one segment of a key: what is not `[A-Za-z0-9._-]` becomes `_`, at most 128 bytes, never
 * empty, `.` or `..`. A leading `_` is kept for our own folders, so no namespace can be called `_host`.
 */
export function keySegment(text: string, whenEmpty: string): string {
  const safe = text
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^_+/, '')
    .slice(0, 128)
  return /^\.*$/.test(safe) ? whenEmpty : safe
}

/** `20261121T042117Z` */
function compactTime(time: Date): string {
  return `${time.toISOString().replace(/[-:]/g, '').slice(0, 15)}Z`
}
