import { Network } from '../../network/network.ts'
import { DESTINATION_KINDS, type DestinationKind } from '../../notify/target.ts'
import { chats } from './chat.ts'
import { coreSight } from './core-sight.ts'
import { customHandler } from './custom-handler.ts'
import type { Destination, DestinationOf, Reach } from './destination.ts'

/** Makes those of each kind that the configuration has. */
const DESTINATIONS: Readonly<Record<DestinationKind, (reach: Reach) => readonly Destination[]>> = {
  customHandler,
  channel: chats,
  coreSight,
}

export type DestinationsOptions = Omit<Reach, 'network'>

/** The destinations of `config`; the log gets a line about some of them. */
export function destinationsIn(options: DestinationsOptions): DestinationOf {
  const reach = { ...options, network: new Network(options.config.network, options.host.root) }
  const all = DESTINATION_KINDS.flatMap(kind => DESTINATIONS[kind](reach))
  const byTarget = new Map(all.map(destination => [destination.target, destination]))
  return target => byTarget.get(target) ?? null
}
