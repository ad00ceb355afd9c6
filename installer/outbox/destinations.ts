import { RECEIVER_KINDS, type ReceiverKind } from '../../config/receivers/all.ts'
import { Network } from '../../network/network.ts'
import { DESTINATION_KINDS, type DestinationKind } from '../../notify/target.ts'
import { chats } from './chat.ts'
import { coreSight } from './core-sight.ts'
import { customHandler } from './custom-handler.ts'
import type { Destination, DestinationOf, Reach } from './destination.ts'
import { receivers } from './receivers.ts'

type Make = (reach: Reach) => readonly Destination[]

/** Makes those of each kind that the configuration has. */
const DESTINATIONS: Readonly<Record<DestinationKind, Make>> = {
  customHandler,
  channel: chats,
  coreSight,
  ...(Object.fromEntries(
    RECEIVER_KINDS.map(kind => [kind, (reach: Reach) => receivers(kind, reach)]),
  ) as Record<ReceiverKind, Make>),
}

export type DestinationsOptions = Omit<Reach, 'network'>

/** The destinations of `config`; the log gets a line about some of them. */
export function destinationsIn(options: DestinationsOptions): DestinationOf {
  const reach = { ...options, network: new Network(options.config.network, options.host.root) }
  const all = DESTINATION_KINDS.flatMap(kind => DESTINATIONS[kind](reach))
  const byTarget = new Map(all.map(destination => [destination.target, destination]))
  return target => byTarget.get(target) ?? null
}
