import { ignoreClosedReader } from '../crash/closed-reader.ts'
import { runProgram } from './program.ts'
import { openSource } from './source/open-source.ts'
import type { World } from './world.ts'

async function main(argv: readonly string[]): Promise<void> {
  ignoreClosedReader()
  const ended = endedByPerson()
  process.exitCode = await runProgram(argv, thisProcess(ended.signal))
  // As any program that was interrupted, so that a script that runs it ends, too.
  if (ended.signal.aborted) process.kill(process.pid, ended.signal.reason.signal)
}

function thisProcess(signal: AbortSignal): World {
  const { stdout, stderr, env: environment } = process
  const now = () => new Date()
  const openCluster: World['openCluster'] = async options =>
    (await import('./kube-cluster.ts')).openKubeCluster(options)
  return {
    ...{ stdout, stderr, environment, now, signal, openSource, openCluster },
    // To make it takes a while, and most commands read nothing.
    get stdin() {
      return process.stdin
    },
  }
}

/** The first Ctrl-C lets a command tidy up; the second one ends it. */
function endedByPerson(): AbortController {
  const ended = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => ended.abort(Object.assign(new Error('it was interrupted'), { signal })))
  return ended
}

// Not top-level await: the bundle is CommonJS.
void main(process.argv.slice(2))
