import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CliError } from '../../exit.ts'
import type { ClusterOptions } from '../../options.ts'
import { atMost } from '../../source/at-most.ts'
import type { World } from '../../world.ts'
import { runDebugger } from '../run-debugger.ts'
import { DEBUGGER } from './debug-job.ts'

/** A pod, and how this machine's kubectl gets into it. */
export interface ExecPlace {
  /** The file of kubectl. */
  readonly kubectl: string
  readonly options: ClusterOptions
  readonly namespace: string
  readonly pod: string
}

/** What came of a program. What it wrote is a stranger's. */
export interface Ended {
  readonly exitCode: number
  readonly out: string
  /** To standard error, with what kubectl has to say. */
  readonly said: string
}

/** Of what a program in an image writes. */
const MOST_BYTES = 64 << 10

/** Programs in the debugger's container, by `kubectl exec`. */
export class Exec {
  readonly #place: ExecPlace
  readonly #environment: World['environment']

  constructor(place: ExecPlace, { environment }: Pick<World, 'environment'>) {
    this.#place = place
    this.#environment = environment
  }

  /** Rejects where kubectl cannot be started, where `input` breaks, and when `signal` aborts. */
  async run(command: readonly string[], signal: AbortSignal, input?: Readable): Promise<Ended> {
    const flags = input === undefined ? [] : ['-i']
    const args = [...argumentsFor(this.#place, flags), ...command]
    const child = spawn(this.#place.kubectl, args, { stdio: 'pipe', env: { ...this.#environment }, signal })
    const [out, said, exitCode] = await Promise.all([
      atMost(child.stdout, MOST_BYTES),
      atMost(child.stderr, MOST_BYTES),
      codeOf(child, signal),
      fed(child.stdin, input),
    ])
    return { exitCode, out: out.toString(), said: said.toString() }
  }

  /** Gives it the terminal; resolves with its exit code. */
  async attend(command: readonly string[], isTerminal: boolean, signal: AbortSignal): Promise<number> {
    const { kubectl } = this.#place
    const args = [...argumentsFor(this.#place, isTerminal ? ['-i', '-t'] : ['-i']), ...command]
    const running = { env: { ...this.#environment }, signal }
    return await runDebugger({ name: 'kubectl', file: kubectl }, args, running)
  }
}

/** Up to the program. */
export function argumentsFor(place: ExecPlace, flags: readonly string[]): readonly string[] {
  const { options, namespace, pod } = place
  const { kubeconfig, context, as, asGroup = [] } = options
  const given = Object.entries({ kubeconfig, context, as }).filter(([, value]) => value !== undefined)
  const cluster = given.map(([name, value]) => `--${name}=${value}`)
  const groups = asGroup.map(group => `--as-group=${group}`)
  const container = ['-n', namespace, pod, '-c', DEBUGGER]
  return [...cluster, ...groups, 'exec', '--quiet', ...flags, ...container, '--']
}

async function codeOf(child: ChildProcess, signal: AbortSignal): Promise<number> {
  try {
    const [code] = await once(child, 'close')
    return code ?? 1
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
}

/** Where kubectl no longer reads, its exit code and its words say why. */
async function fed(stdin: Writable, input: Readable | undefined): Promise<void> {
  if (input === undefined) {
    stdin.on('error', () => undefined).end()
    return
  }
  await pipeline(input, stdin).catch(error => {
    if (error instanceof CliError) throw error
  })
}
