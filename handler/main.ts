import { isKernelCall } from '../crash/kernel-args.ts'
import { CONTAINER_NODES } from '../crash/our-pattern.ts'
import { VERSION } from '../crash/version.ts'
import { takeFirst } from './core/first-bytes.ts'
import { closeTaken, takeStdin } from './core/stdin.ts'
import { POOL_THREADS } from './core/threads.ts'

const DEFAULT_CONFIG_FILE = '/etc/coredog/coredog.yaml'
const CONFIG_OPTION = '--config='

/**
 * The kernel starts us with no environment, no terminal, and / as the working directory; what its
 * arguments hold was partly chosen by the process that crashed, so no option parser ever sees them.
 *
 * All else is a script of its own, which takes longer to load than Node itself: the core is begun before.
 */
async function main(argv: readonly string[]): Promise<void> {
  // libuv reads it when its pool is first used, and not again.
  process.env.UV_THREADPOOL_SIZE = `${POOL_THREADS}`
  const [first = '', ...others] = argv
  const configured = first.startsWith(CONFIG_OPTION)
  const rest = configured ? others : argv
  const configFile = configured ? first.slice(CONFIG_OPTION.length) : DEFAULT_CONFIG_FILE
  if (first === CONTAINER_NODES && isKernelCall(others)) return await handleOnMachine(others)
  if (isKernelCall(rest)) return await handle(rest, configFile)
  if (first === '--version') return await tellVersion()
  const { command } = await import('./program.ts')
  await command(argv, DEFAULT_CONFIG_FILE)
}

async function tellVersion(): Promise<void> {
  const { gzipEngine } = await import('./native/addon.ts')
  process.stdout.write(`${VERSION}\n${gzipEngine()}\n`)
}

async function handle(argv: readonly string[], configFile: string): Promise<void> {
  const fd = takeStdin()
  const begun = { fd, first: takeFirst(fd, argv) }
  const { handleCrash } = await import('./program.ts')
  await handleCrash(argv, begun, configFile)
}

/** Of a machine whose nodes are containers: what is in none of them is as any other crash. */
async function handleOnMachine(argv: readonly string[]): Promise<void> {
  const { handOver } = await import('./container-nodes/hand-over.ts')
  const [isOver, failure] = tried(() => handOver(argv))
  // The kernel waits for us, too, as long as we have its pipe.
  if (isOver === true) return closeTaken(0)
  const { handleOfMachine } = await import('./program.ts')
  await handleOfMachine(argv, { fd: takeStdin(), first: null }, DEFAULT_CONFIG_FILE, failure)
}

function tried<T>(act: () => T): [T] | [null, unknown] {
  try {
    return [act()]
  } catch (error) {
    return [null, error]
  }
}

// Not top-level await: the single executable runs CommonJS.
void main(process.argv.slice(2))
