import type { Config } from '../../config/config.ts'
import type { CaptureMode } from './capture-mode.ts'
import type { Brought } from './handler-binary.ts'
import { INSTALL_DIRECTORIES } from './handler-place.ts'
import type { Wanted } from './plan.ts'

/**
 * A crash beyond core_pipe_limit is dropped by the kernel, so it is far above what we stream at once: a node
 * has a few hundred containers, and what takes one of them down may take all.
 */
const LEAST_PIPE_LIMIT = 256

function pipeLimitFor({ concurrency }: Pick<Config['limits'], 'concurrency'>): number {
  return Math.max(LEAST_PIPE_LIMIT, 4 * concurrency)
}

/** `null`: the usual directories. */
export function directoriesFor(installDirectory: string | null): readonly string[] {
  return installDirectory === null ? INSTALL_DIRECTORIES : [installDirectory]
}

/** What of the configuration says how the node should be. */
export interface WantedConfig {
  readonly limits: Pick<Config['limits'], 'concurrency'>
  readonly fallback: Pick<Config['fallback'], 'corePattern'>
}

export function captureModeOf({ fallback }: Pick<WantedConfig, 'fallback'>): CaptureMode {
  return fallback.corePattern ? 'file' : 'pipe'
}

export function wantedOf(
  brought: Brought,
  directories: readonly string[],
  config: WantedConfig,
  { containerNodes = false } = {},
): Omit<Wanted, 'contested'> {
  const corePipeLimit = pipeLimitFor(config.limits)
  return { ...brought, way: captureModeOf(config), directories, corePipeLimit, containerNodes }
}
