import { execa } from 'execa'
import type { CrashReport } from '../crash/report.ts'
import { parseSeenRun, type SeenRun } from './as-kernel.ts'
import type { BenchNode } from './bench-node.ts'
import { compile } from './compile.ts'
import type { Sink } from './sink.ts'

interface StreamedCore {
  readonly seen: SeenRun
  readonly report: CrashReport
  /** Their sizes in bytes. */
  readonly parts: readonly number[]
}

/** Of what, and how much of it goes through the pipe. */
interface WantedCore {
  readonly content: 'heap' | 'zeros' | 'random'
  readonly memoryMiB: number
  /** Left out: all. */
  readonly cutAtBytes?: number
}

// A pid that no process can have, so nothing is known of it, and nothing is asked for.
const HANDLE = `
  "$1" write "$2" "$3" | head -c "$4" | "$5" - "$6" "--config=$7" 4194305 core-maker "$(date +%s)" 11 4194305 1 0 ''
`
const DRAIN = `"$1" write "$2" "$3" | "$4" - /bin/sh -c 'cat >/dev/null'`
const ALL = String(2 ** 62)

/** Streams cores of any size through a handler, as they are made: no process holds a whole one. */
export class CoreStreamer {
  readonly #programs: { readonly maker: string; readonly asKernel: string; readonly handler: string }

  private constructor(programs: { maker: string; asKernel: string; handler: string }) {
    this.#programs = programs
  }

  static async in(folder: string, handler: string): Promise<CoreStreamer> {
    const [maker, asKernel] = [await compile('core-maker', folder), await compile('as-kernel', folder)]
    return new CoreStreamer({ maker, asKernel, handler })
  }

  /** How long it takes to read one and to do nothing with it, in seconds. */
  async drain({ content, memoryMiB }: WantedCore, deadlineSeconds: number): Promise<number> {
    const { maker, asKernel } = this.#programs
    const { stdout } = await execa('sh', ['-c', DRAIN, 'sh', maker, content, String(memoryMiB), asKernel], {
      timeout: deadlineSeconds * 1000,
      killSignal: 'SIGKILL',
    })
    return parseSeenRun(stdout).exitMs / 1000
  }

  /**
   * Rejects if the store was not given what the report says, or if that takes longer than `deadlineSeconds`.
   */
  async stream(
    wanted: WantedCore,
    node: BenchNode,
    sink: Sink,
    deadlineSeconds: number,
  ): Promise<StreamedCore> {
    const { maker, asKernel, handler } = this.#programs
    const core = [maker, wanted.content, String(wanted.memoryMiB), String(wanted.cutAtBytes ?? ALL)]
    const { stdout } = await execa('sh', ['-c', HANDLE, 'sh', ...core, asKernel, handler, node.configFile], {
      timeout: deadlineSeconds * 1000,
      killSignal: 'SIGKILL',
    })
    const { report } = node.takeStored()
    const parts = await sink.partsOf(report.core?.key ?? '')
    const taken = parts.reduce((sum, bytes) => sum + bytes, 0)
    if (taken !== report.core?.storedBytes)
      throw new Error(`the store was given ${taken} bytes, and not ${report.core?.storedBytes}`)
    return { seen: parseSeenRun(stdout), report, parts }
  }
}
