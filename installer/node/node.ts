import type { Logger } from 'pino'
import { HOST_PATHS, type Host } from '../../handoff/host.ts'
import type { RunOnHost } from './run-on-host.ts'

/** Where things are on the node; the configuration can move the handler's. */
export interface Places {
  readonly configFolder: string
  readonly stateFolder: string
  readonly runFolder: string
  readonly handlerLog: string
}

export const DEFAULT_PLACES: Places = HOST_PATHS

/** One node, and all that the installer touches of it. */
export interface Node {
  readonly host: Host
  /** Where core_pattern and core_pipe_limit are: /proc/sys/kernel, but for tests. */
  readonly sysctlFolder: string
  readonly places: Places
  readonly runOnHost: RunOnHost
  readonly log: Logger
}
