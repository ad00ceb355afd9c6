import { execa } from 'execa'
import { CorePattern } from '../test/e2e/core-pattern.ts'
import { type Core, makerArguments } from './core.ts'
import type { Programs } from './programs.ts'

/** How a core gets to whom it is for. */
export interface Way extends AsyncDisposable {
  /** For people. */
  readonly name: string
  readonly byKernel: boolean
  /** Crashes a process; `script` gets its core. Resolves with how long the process was held, in seconds. */
  crash(core: Core, script: string, kernelArguments: string): Promise<number>
  /**
   * Crashes `count` of them at once; `null` where only {@link crash} does. Resolves with how long each was
   * held.
   */
  readonly storm:
    | ((core: Core, count: number, script: string, kernelArguments: string) => Promise<readonly number[]>)
    | null
  /** Has `script` get the cores of whatever crashes from now on; `null` where only {@link crash} does. */
  readonly pointAt: ((script: string, kernelArguments: string) => Promise<void>) | null
}

// Far above what runs at once here: the kernel then waits until the core has been read, as on our nodes.
const PIPE_LIMIT = 64
const LONGEST_DUMP_MS = 600_000
const WAIT_SECONDS = 900

interface Held {
  readonly heldSeconds: number
  readonly dumped: boolean
}

interface WayOptions {
  readonly signal: AbortSignal
  /** A command that starts the process that crashes, by the words behind it. */
  readonly crashedBy?: readonly string[]
}

export async function openWay(
  byKernel: boolean,
  programs: Programs,
  { signal: cancelSignal, crashedBy = [] }: WayOptions,
): Promise<Way> {
  const make = async (verb: string, core: Core, last: string) => {
    const [program = '', ...args] = [...crashedBy, programs.coreMaker, verb, ...makerArguments(core), last]
    const { stdout } = await execa(program, args, { cancelSignal, timeout: LONGEST_DUMP_MS })
    return stdout.split('\n').map(line => JSON.parse(line) as Held) // core-maker.c prints them
  }
  return byKernel ? await throughKernel(make) : throughPipe(make)
}

/** The last argument is the script that gets the core, or how many are to crash. */
type Make = (verb: string, core: Core, last: string) => Promise<readonly Held[]>

async function throughKernel(make: Make): Promise<Way> {
  const pattern = await CorePattern.own(WAIT_SECONDS)
  const pointAt = (script: string, kernelArguments: string) =>
    pattern.set({ pattern: `|${script} ${kernelArguments}`, pipeLimit: PIPE_LIMIT })
  return {
    pointAt,
    name: 'through the kernel',
    byKernel: true,
    crash: async (core, script, kernelArguments) => {
      await pointAt(script, kernelArguments)
      return secondsOf(await make('crash', core, script))[0] ?? Number.NaN
    },
    storm: async (core, count, script, kernelArguments) => {
      await pointAt(script, kernelArguments)
      return secondsOf(await make('storm', core, String(count)))
    },
    [Symbol.asyncDispose]: () => pattern[Symbol.asyncDispose](),
  }
}

function secondsOf(held: readonly Held[]): number[] {
  if (held.some(({ dumped }) => !dumped)) throw new Error('the kernel did not dump it')
  return held.map(({ heldSeconds }) => heldSeconds)
}

function throughPipe(make: Make): Way {
  return {
    name: 'through a plain pipe',
    byKernel: false,
    pointAt: null,
    storm: null,
    crash: async (core, script) => (await make('pipe', core, script))[0]?.heldSeconds ?? Number.NaN,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
