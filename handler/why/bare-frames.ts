import type { ElfImage } from '../../crash/image/elf-image.ts'
import { buildIdOf } from '../../crash/symbols/build-id.ts'
import { CodeIdentity } from '../../crash/symbols/code-identity.ts'
import { Effort, MODULE_STEPS } from '../../crash/symbols/effort.ts'
import { GoFunction } from '../../crash/symbols/go-function.ts'
import { GoTable } from '../../crash/symbols/go-table.ts'
import type { Frame } from '../../crash/unwind/walk.ts'
import { isOfGo } from '../../crash/why/common-functions.ts'
import type { StackFrame } from '../../crash/why/stack-frame.ts'

interface Known {
  readonly buildId: string | null
  readonly identity: CodeIdentity
  readonly go: GoTable | null
}

/**
 * Frames as they are compared, without a look into tables of symbols, which may be large. But for that of Go,
 * which is sorted: without its names no frame could be told from those of its runtime, which all panics have.
 */
export class BareFrames {
  readonly #known = new Map<ElfImage, Known>()
  readonly #effort = new Effort(MODULE_STEPS)
  #hasRuntime = false

  describe({ instruction, lookupAddress, module, trust }: Frame): StackFrame {
    const known = module?.image ? this.#of(module.image) : null
    const bias = module?.bias ?? 0n
    const functionName = known?.go ? nameIn(known.go, lookupAddress - bias) : null
    this.#hasRuntime ||= functionName !== null && isOfGo(functionName)
    const offset = instruction - bias
    const buildId = known?.buildId ?? known?.identity.at(offset) ?? null
    return { functionName, module: module?.path ?? '', buildId, offset, trust }
  }

  #of(image: ElfImage): Known {
    const open = () => ({
      buildId: buildIdOf(image),
      identity: new CodeIdentity(image),
      go: GoTable.open(image, this.#effort),
    })
    const known = this.#known.get(image) ?? open()
    this.#known.set(image, known)
    return known
  }

  /** Whether the runtime of Go can be told from the program: some tools give other names to both (garble). */
  get areTold(): boolean {
    return this.#hasRuntime || ![...this.#known.values()].some(({ go }) => go !== null)
  }
}

function nameIn(table: GoTable, address: bigint): string | null {
  return GoFunction.at(table, address)?.sources(address).at(-1)?.name ?? null
}
