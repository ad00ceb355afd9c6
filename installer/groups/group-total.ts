import { isFields } from '../../crash/fields.ts'
import {
  fewImages,
  MOST_CRASHES,
  MOST_PODS,
  type NodeCount,
  parseNodeCount,
} from '../../groups/node-count.ts'
import { QUIET_SECONDS } from '../../groups/update-schedule.ts'
import type { GroupNote } from '../../handoff/group-note.ts'

/** What this node has counted of one group, and what of it the store knows. */
export interface GroupTotal extends NodeCount {
  /** Of those since it was new here: `pods` may know of more. */
  readonly podNames: readonly string[]
  /** As a key has it: of which node it holds what the store had; `null`: that was not read yet. */
  readonly node: string | null
  /** When it was sent last, or tried, how long that is to last, and how many the store knows; `null`: never. */
  readonly sent: { readonly at: Date; readonly crashes: number; readonly pauseSeconds: number } | null
}

/** Between two writes of a node for one group: from half a minute, ever less often as long as it goes on. */
const PAUSE_SECONDS = { first: 30, longest: 600 } as const
/** Of more that a store says of us, a count that goes on from there could not grow. */
const MOST_BEFORE = MOST_CRASHES / 2
/** Of others more bytes may be made than were read, and a count of ours would be longer than anybody reads. */
const PLAIN = /^[!-~]+$/

/** `total` and one crash more; `null`: it is the first. */
export function counted(total: GroupTotal | null, note: GroupNote): GroupTotal {
  const { first, last, crashes, pods, images, folder, ...rest } = total ?? nothingOf(note)
  const podNames = withPod(rest.podNames, note.pod)
  return {
    ...rest,
    crashes: crashes + 1,
    first: note.time < first ? note.time : first,
    last: note.time > last ? note.time : last,
    pods: Math.max(pods, podNames.length),
    podNames,
    images: note.image === '' ? images : fewImages([...images, note.image]),
    ...((note.folder ?? folder) !== undefined && { folder: note.folder ?? folder }),
  }
}

/**
 * `total`, of a group that is new to `node`, with what the store has of that node from before: the group was forgotten
 * here, the node was made anew or has another name now. `before` is a stranger's word; `null`: there is nothing. What
 * went to the store under another name stays there.
 */
export function goingOn(total: GroupTotal, before: NodeCount | null, node: string, now: Date): GroupTotal {
  const sent = total.sent ?? { at: now, crashes: 0, pauseSeconds: 0 }
  const known = Math.min(before?.crashes ?? 0, MOST_BEFORE)
  const crashes = known + total.crashes - sent.crashes
  const going = { ...total, node, crashes, sent: { ...sent, crashes: known } }
  if (before === null) return going
  const [folder] = [total.folder, before.folder].filter(text => text !== undefined && PLAIN.test(text))
  return {
    ...going,
    first: before.first < total.first ? before.first : total.first,
    last: before.last > total.last && before.last <= now ? before.last : total.last,
    pods: Math.max(before.pods, total.pods),
    images: fewImages([...before.images.filter(image => PLAIN.test(image)), ...total.images]),
    ...(folder !== undefined && { folder }),
  }
}

export function nodeCountOf({ podNames: _, node: __, sent: ___, ...count }: GroupTotal): NodeCount {
  return count
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
  const doubled = isNew ? 0 : Math.min(2 * sent.pauseSeconds, PAUSE_SECONDS.longest)
  const base = Math.max(doubled, PAUSE_SECONDS.first)
  const pauseSeconds = Math.min(base * (0.8 + 0.4 * dice), PAUSE_SECONDS.longest)
  return { ...total, sent: { at: now, crashes, pauseSeconds } }
}

/** As `JSON.stringify()` writes it. `null`: something else. */
export function groupTotalIn(value: unknown): GroupTotal | null {
  if (!isFields(value)) return null
  const count = parseNodeCount(JSON.stringify({ pods: 1, ...value, version: 1 }))
  if (count === null || !Array.isArray(value.podNames)) return null
  const podNames = value.podNames.filter(name => typeof name === 'string')
  const node = typeof value.node === 'string' ? value.node : null
  const pods = Math.max(count.pods, podNames.length)
  return { ...count, pods, podNames, node, sent: sentIn(value.sent) }
}

function nothingOf({ time }: GroupNote): GroupTotal {
  return { crashes: 0, first: time, last: time, pods: 1, podNames: [], images: [], node: null, sent: null }
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
