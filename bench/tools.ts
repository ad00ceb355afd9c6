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
  tool(LIMIT, 'cat', '/dev/null', null),
  tool(GZIP, 'gzip -1', 'core.gz', 'gzip -dc "$1"'),
  tool(PIGZ, PIGZ, 'core.gz', 'gzip -dc "$1"'),
  tool(ZSTD, 'zstd -1 -T0 -q -c', 'core.zst', 'zstd -dc "$1"'),
]

function tool(name: string, command: string, output: string, unpack: string | null): Offer {
  const [program = '', ...args] = command.split(' ')
  return async ({ scratch }) => {
    const found = findProgram(program)
    if (found === null) return { name, reason: `${program} is not installed` }
    const folder = scratch.folder('tools')
    const file = path.resolve(folder, output)
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
      command: `${quoted(found)} ${args.join(' ')} >${quoted(file)} 2>/dev/null`,
    }
  }
}
