import { availableParallelism } from 'node:os'
import path from 'node:path'
import { findProgram } from '../test/installed-program.ts'
import { type Offer, quoted } from './contestant.ts'

/** The limit: who only reads. */
export const LIMIT = 'cat >/dev/null'

export const GZIP = 'gzip -1'
export const PIGZ = `pigz -1 -p${availableParallelism()}`
export const ZSTD = 'zstd -1 -T0'

/** What people put behind a pipe. */
export const TOOLS: readonly Offer[] = [
  tool(LIMIT, 'cat', null, null),
  tool(GZIP, 'gzip -1', 'gz', 'gzip -dc "$1"'),
  tool(PIGZ, PIGZ, 'gz', 'gzip -dc "$1"'),
  tool(ZSTD, 'zstd -1 -T0 -q -c', 'zst', 'zstd -dc "$1"'),
]

/** With no `suffix` it keeps nothing; else a file for each process, for many may crash at once. */
function tool(name: string, command: string, suffix: string | null, unpack: string | null): Offer {
  const [program = '', ...args] = command.split(' ')
  return async ({ scratch }) => {
    const found = findProgram(program)
    if (found === null) return { name, reason: `${program} is not installed` }
    const folder = scratch.folder('tools')
    const file = suffix === null ? '/dev/null' : `${quoted(path.join(folder, 'core-'))}"$1".${suffix}`
    return {
      ...{
        name,
        peers: [],
        rounds: Number.POSITIVE_INFINITY,
        metered: true,
        kernelArguments: '%P',
        folder,
        unpack,
      },
      command: `${quoted(found)} ${args.join(' ')} >${file} 2>/dev/null`,
    }
  }
}
