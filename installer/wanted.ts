import type { Config } from '../config/config.ts'
import { INSTALL_DIRECTORIES } from './handler-place.ts'
import type { Wanted } from './plan.ts'

/** A crash beyond core_pipe_limit is dropped by the kernel in silence, so it is far above what we stream at once. */
const LEAST_PIPE_LIMIT = 64

export function pipeLimitFor({ concurrency }: Pick<Config['limits'], 'concurrency'>): number {
  return Math.max(LEAST_PIPE_LIMIT, 4 * concurrency)
}

/** `null`: the usual directories. */
export function directoriesFor(installDirectory: string | null): readonly string[] {
  return installDirectory === null ? INSTALL_DIRECTORIES : [installDirectory]
}

export function wantedOf(
  sha256: string,
  directories: readonly string[],
  limits: Pick<Config['limits'], 'concurrency'>,
): Omit<Wanted, 'contested'> {
  return { sha256, directories, corePipeLimit: pipeLimitFor(limits) }
}
