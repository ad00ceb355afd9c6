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

export async function openWay(
  byKernel: boolean,
  programs: Programs,
  cancelSignal: AbortSignal,
): Promise<Way> {
  const make = async (verb: string, core: Core, script: string) => {
    const args = [verb, ...makerArguments(core), script]
    const { stdout } = await execa(programs.coreMaker, args, { cancelSignal, timeout: LONGEST_DUMP_MS })
    return JSON.parse(stdout) as Held // core-maker.c prints it
  }
  return byKernel ? await throughKernel(make) : throughPipe(make)
}

type Make = (verb: string, core: Core, script: string) => Promise<Held>

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
      const { heldSeconds, dumped } = await make('crash', core, script)
      if (!dumped) throw new Error('the kernel did not dump it')
      return heldSeconds
    },
    [Symbol.asyncDispose]: () => pattern[Symbol.asyncDispose](),
  }
}

function throughPipe(make: Make): Way {
  return {
    name: 'through a plain pipe',
    byKernel: false,
    pointAt: null,
    crash: async (core, script) => (await make('pipe', core, script)).heldSeconds,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
