import { createHash } from 'node:crypto'
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

/** Whose turn it is to tell a bot: of all clusters that share a store, for a bot does not ask who tells it. */
export const CHAT_TURNS = `${UPKEEP}/_chats/`

/** `address`: the bot's, which is a secret. */
export function chatTurn(address: string, turn: number): string {
  return `${CHAT_TURNS}${createHash('sha256').update(address).digest('hex').slice(0, 32)}/${turn}`
}
