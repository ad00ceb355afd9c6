import { ignoreClosedReader } from '../crash/closed-reader.ts'
import { openKubeCluster } from './kube-cluster.ts'
import { runProgram } from './program.ts'
import { openSource } from './source/open-source.ts'
import type { World } from './world.ts'

async function main(argv: readonly string[]): Promise<void> {
  ignoreClosedReader()
  process.exitCode = await runProgram(argv, thisProcess())
}

function thisProcess(): World {
  const { stdout, stderr, stdin, env: environment } = process
  return {
    ...{ stdout, stderr, stdin, environment, openSource },
    now: () => new Date(),
    signal: endedByPerson(),
    openCluster: openKubeCluster,
  }
}

/** The first Ctrl-C lets a command tidy up; the second one ends it. */
function endedByPerson(): AbortSignal {
  const ended = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => ended.abort(new Error('it was interrupted')))
  return ended.signal
}

// Not top-level await: the bundle is CommonJS.
void main(process.argv.slice(2))
