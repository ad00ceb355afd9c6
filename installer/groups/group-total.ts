import { isFields } from '../../crash/fields.ts'
import { fewImages, MOST_PODS, type NodeCount, parseNodeCount } from '../../groups/node-count.ts'
import { QUIET_SECONDS } from '../../groups/update-schedule.ts'
import type { GroupNote } from '../../handoff/group-note.ts'

/** What this node has counted of one group, and what of it the store knows. */
export interface GroupTotal extends Omit<NodeCount, 'pods'> {
  readonly podNames: readonly string[]
  /** When it was sent last, or tried, how long that is to last, and how many the store knows; `null`: never. */
  readonly sent: { readonly at: Date; readonly crashes: number; readonly pauseSeconds: number } | null
}

/** Between two writes of a node for one group: from half a minute, ever less often as long as it goes on. */
const PAUSE_SECONDS = { first: 30, longest: 600 } as const

/** `total` and one crash more; `null`: it is the first. */
export function counted(total: GroupTotal | null, note: GroupNote): GroupTotal {
  const { first, last, crashes, podNames, images, folder, sent } = total ?? nothingOf(note)
  return {
    crashes: crashes + 1,
    first: note.time < first ? note.time : first,
    last: note.time > last ? note.time : last,
    podNames: withPod(podNames, note.pod),
    images: note.image === '' ? images : fewImages([...images, note.image]),
    ...((note.folder ?? folder) !== undefined && { folder: note.folder ?? folder }),
    sent,
  }
}

export function nodeCountOf({ podNames, sent: _, ...count }: GroupTotal): NodeCount {
  return { ...count, pods: Math.max(1, podNames.length) }
}

export function isDue({ sent, crashes }: GroupTotal, now: Date): boolean {
  if (sent === null) return true
  if (sent.crashes === crashes) return false
  // Also where the clock was set back.
  return Math.abs(now.getTime() - sent.at.getTime()) >= sent.pauseSeconds * 1000
}

/**
 * After a try, which the store took or not: one that refuses is asked ever less often, too. `dice`: from 0 to 1, so that
 * nodes which crash at once do not write at once for ever.
 */
export function asTried(total: GroupTotal, isTaken: boolean, now: Date, dice: number): GroupTotal {
  const { sent } = total
  const crashes = isTaken ? total.crashes : (sent?.crashes ?? 0)
  const isNew = sent === null || now.getTime() - sent.at.getTime() > QUIET_SECONDS * 1000
  const base = isNew ? PAUSE_SECONDS.first : Math.min(2 * sent.pauseSeconds, PAUSE_SECONDS.longest)
  const pauseSeconds = Math.min(base * (0.8 + 0.4 * dice), PAUSE_SECONDS.longest)
  return { ...total, sent: { at: now, crashes, pauseSeconds } }
}

/** As `JSON.stringify()` writes it. `null`: something else. */
export function groupTotalIn(value: unknown): GroupTotal | null {
  if (!isFields(value)) return null
  const count = parseNodeCount(JSON.stringify({ ...value, version: 1, pods: 1 }))
  if (count === null || !Array.isArray(value.podNames)) return null
  const { pods: _, ...rest } = count
  const podNames = value.podNames.filter(name => typeof name === 'string')
  return { ...rest, podNames, sent: sentIn(value.sent) }
}

function nothingOf({ time }: GroupNote): GroupTotal {
  return { crashes: 0, first: time, last: time, podNames: [], images: [], sent: null }
}

function withPod(podNames: readonly string[], pod: string): readonly string[] {
  if (pod === '' || podNames.includes(pod) || podNames.length >= MOST_PODS) return podNames
  return [...podNames, pod]
}

function sentIn(value: unknown): GroupTotal['sent'] {
  if (!isFields(value) || typeof value.crashes !== 'number' || typeof value.pauseSeconds !== 'number')
    return null
  const at = new Date(typeof value.at === 'string' ? value.at : Number.NaN)
  if (Number.isNaN(at.getTime())) return null
  return { at, crashes: value.crashes, pauseSeconds: value.pauseSeconds }
}
