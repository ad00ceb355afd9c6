import { clusterSegment } from './binary-key.ts'
import { keySegment } from './object-key.ts'

/** What installers leave for each other in the store is below it, and no crash: no namespace begins with `_`. */
export const UPKEEP = '_upkeep'

/** `_upkeep/<cluster>/`; empty: it has no name. */
export function upkeepFolder(cluster: string): string {
  return `${UPKEEP}/${clusterSegment(cluster)}/`
}

/** Where the nodes of a cluster say that they are there, which has no API server to ask, or may not ask it. */
export function nodeMarks(cluster: string): string {
  return `${upkeepFolder(cluster)}nodes/`
}

export function nodeMark(cluster: string, node: string): string {
  return nodeMarks(cluster) + keySegment(node)
}
