import path from 'node:path'
import { FORMAT_VERSION } from '../../handoff/format-version.ts'
import { encodeHandoff, type HandoffPod } from '../../handoff/run-folder.ts'

/**
 * A release that is there as sources: where its programs are, and the modules that write what lies on a node.
 */
export interface Release {
  readonly root: string
  /** Of the handler, from `root`. */
  readonly handler: string
  readonly encodeHandoff: (record: object) => string
  readonly encodePods: (pods: readonly HandoffPod[]) => string
  readonly modules: Readonly<Record<ModuleName, string>>
}

type ModuleName =
  | 'attempts'
  | 'events'
  | 'eventOutbox'
  | 'heartbeat'
  | 'host'
  | 'ledger'
  | 'original'
  | 'refusal'

/** These sources. */
export const THIS: Release = {
  root: path.resolve(import.meta.dirname, '../..'),
  handler: 'handler/main.ts',
  encodeHandoff,
  encodePods: pods => JSON.stringify(pods.map(pod => ({ version: FORMAT_VERSION, ...pod }))),
  modules: {
    attempts: 'fallback/attempts.ts',
    events: 'installer/telemetry/events.ts',
    eventOutbox: 'installer/telemetry/event-outbox.ts',
    heartbeat: 'installer/node/heartbeat.ts',
    host: 'handoff/host.ts',
    ledger: 'fallback/ledger.ts',
    original: 'installer/node/original.ts',
    refusal: 'installer/supply/refusal.ts',
  },
}
