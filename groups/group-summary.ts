import { fieldsIn } from '../crash/fields.ts'
import {
  encodeNodeCount,
  fewImages,
  MOST_CRASHES,
  MOST_PODS,
  type NodeCount,
  parseNodeCount,
} from './node-count.ts'

/** How often the crashes of one group came to all nodes. */
export interface GroupSummary extends NodeCount {
  readonly nodes: number
}

/** `null`: no node counts any. */
export function summaryOf(counts: readonly NodeCount[]): GroupSummary | null {
  const [some] = counts
  if (some === undefined) return null
  const newest = counts.reduce((best, count) => (isNewer(count, best) ? count : best), some)
  return {
    nodes: counts.length,
    // One that lies takes the count of the others not away: more would be none of ours.
    crashes: Math.min(sum(counts.map(({ crashes }) => crashes)), MOST_CRASHES),
    pods: sum(counts.map(({ pods }) => pods)),
    first: new Date(Math.min(...counts.map(({ first }) => first.getTime()))),
    last: new Date(Math.max(...counts.map(({ last }) => last.getTime()))),
    images: fewImages(counts.flatMap(({ images }) => images)),
    ...(newest.folder !== undefined && { folder: newest.folder }),
  }
}

export function encodeSummary({ nodes, ...count }: GroupSummary): string {
  return `${JSON.stringify({ ...fieldsIn(encodeNodeCount(count)), nodes })}\n`
}

/** As {@link parseNodeCount}. */
export function parseSummary(text: string): GroupSummary | null {
  const count = parseNodeCount(text)
  const { nodes, pods } = fieldsIn(text) ?? {}
  if (count === null || !Number.isSafeInteger(nodes) || (nodes as number) < 1) return null
  // That of a node is bounded, and is a number.
  return { ...count, nodes: nodes as number, pods: Math.min(pods as number, MOST_PODS * (nodes as number)) }
}

/** One that has a report is worth more than one that is newer. */
function isNewer(one: NodeCount, other: NodeCount): boolean {
  if ((one.folder === undefined) !== (other.folder === undefined)) return one.folder !== undefined
  return one.last > other.last
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
