import type { Config } from '../config/config.ts'
import { RECEIVER_KINDS, type ReceiverKind } from '../config/receivers/all.ts'
import type { Notification } from './notification.ts'
import {
  channelTarget,
  DESTINATION_KINDS,
  type DestinationKind,
  receiverTarget,
  type Target,
} from './target.ts'

/** What of the configuration says which destinations are told. */
export type Routing = Pick<Config, 'notice' | 'customHandler' | 'coreSight' | 'receivers'>

/** When destinations of one kind are told. */
interface Route {
  /** Those that the configuration has. */
  targets(config: Routing): readonly Target[]
  /** Whether a crash like that is theirs to hear of, if there are any. */
  hears(config: Routing, notification: Notification): boolean
  /** Whether they are told the MD5 of the stored core, which is not worth its time otherwise. */
  readonly wantsMd5: boolean
}

/**
 * Script and CoreSight get cores; where there is none, the script has not run and told nothing, so the
 * channels are.
 */
const ROUTES: Readonly<Record<DestinationKind, Route>> = {
  customHandler: {
    targets: ({ customHandler }) => (customHandler.enabled ? ['customHandler'] : []),
    hears: (_config, notification) => hasCore(notification),
    wantsMd5: true,
  },
  channel: {
    targets: ({ notice: { channels } }) => [...new Set(channels.map(channelTarget))],
    hears: ({ customHandler }, notification) =>
      !(runsScript(customHandler, notification) && customHandler.skipDefaultNotify),
    wantsMd5: false,
  },
  coreSight: {
    targets: ({ coreSight }) => (coreSight.enabled ? ['coreSight'] : []),
    hears: ({ customHandler }, notification) =>
      hasCore(notification) && !(runsScript(customHandler, notification) && customHandler.skipCoreSight),
    wantsMd5: true,
  },
  ...(Object.fromEntries(RECEIVER_KINDS.map(kind => [kind, receiverRoute(kind)])) as Readonly<
    Record<ReceiverKind, Route>
  >),
}

/** A receiver is asked for what it hears when it is told. */
function receiverRoute(kind: ReceiverKind): Route {
  return {
    targets: ({ receivers }) => [
      ...new Set(receivers.filter(receiver => receiver.kind === kind).map(receiverTarget)),
    ],
    hears: () => true,
    wantsMd5: false,
  }
}

/**
 * The destinations of `notification`, in the order in which they are told. Of a channel that
 * hears of some crashes only, `unheardBy()` says, when it is told, whether this one is for it.
 */
export function targetsOf(config: Routing, notification: Notification): readonly Target[] {
  return DESTINATION_KINDS.map(kind => ROUTES[kind])
    .filter(route => route.hears(config, notification))
    .flatMap(route => route.targets(config))
}

/** Whether any destination is told the MD5 of a stored core. */
export function wantsMd5(config: Routing): boolean {
  return Object.values(ROUTES).some(route => route.wantsMd5 && route.targets(config).length > 0)
}

function runsScript({ enabled }: Config['customHandler'], notification: Notification): boolean {
  return enabled && hasCore(notification)
}

function hasCore({ report }: Notification): boolean {
  return report.core?.key !== undefined
}
