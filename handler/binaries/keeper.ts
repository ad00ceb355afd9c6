import type { Config } from '../../config/config.ts'
import { binaryKey, binaryOwner } from '../../crash/binary-key.ts'
import { buildIdIn } from '../../crash/elf-page.ts'
import { OperatorError } from '../../crash/errors.ts'
import { ownerOf } from '../../crash/identity.ts'
import type { ReportBinary } from '../../crash/report.ts'
import { joined } from '../../storage/key.ts'
import type { Capture } from '../capture.ts'
import type { Outside } from '../outside.ts'
import type { OpenModule } from '../why/evidence.ts'
import { BinaryFile } from './binary-file.ts'
import type { Module } from './chosen-modules.ts'
import { keepBinary } from './keep-binary.ts'
import { ReadingTime } from './reading-time.ts'

/** Of one process, beside its executable. */
const MOST_BYTES_OF_LIBRARIES = 2 ** 30
/** Of all files of a process, twice: what is not in memory comes from a disk. */
const LONGEST_READING_SECONDS = 10

/** What is known of a file of code when it was read. */
export type Kept = Omit<ReportBinary, 'path' | 'sizeBytes'>

/** Stores the files of code of one process, as its owner's; the first one is its executable. */
export class Keeper {
  readonly #owner: ReturnType<typeof binaryOwner>
  readonly #config: Pick<Config, 'limits' | 'storage'>
  readonly #outside: Pick<Outside, 'binaries' | 'now'>
  readonly #signal: AbortSignal
  readonly #time: ReadingTime
  #leftBytes: number | null = null

  constructor(
    { identity, node }: Pick<Capture, 'identity' | 'node'>,
    config: Pick<Config, 'limits' | 'storage'>,
    outside: Pick<Outside, 'binaries' | 'now'>,
    signal: AbortSignal,
  ) {
    this.#owner = binaryOwner(ownerOf(identity, node.name), node.cluster)
    this.#config = config
    this.#outside = outside
    this.#signal = signal
    this.#time = new ReadingTime(LONGEST_READING_SECONDS, signal)
  }

  /** Tells `note` what it finds out, before it is stored. Rejects with why it was not. */
  async keep(module: Module, note: (known: Kept) => void): Promise<void> {
    this.#signal.throwIfAborted()
    const opened = this.#opened(module, note)
    this.#assureSize(opened)
    const file = new BinaryFile(opened, this.#time)
    const identity = await file.identify()
    note({ ...this.#shown(identity), notKept: 'it was still being sent when this was written' })
    const { limits } = this.#config
    await keepBinary(
      { ...identity, file, sizeBytes: opened.sizeBytes, owner: this.#owner },
      this.#outside.binaries,
      {
        mostBytes: limits.binariesPerNamespaceBytes,
        now: this.#outside.now(),
        signal: this.#signal,
      },
    )
  }

  #opened(module: Module, note: (known: Kept) => void): OpenModule {
    if ('fd' in module) return module
    const buildId = buildIdIn(Buffer.from(module.beginning))
    if (buildId) note({ buildId })
    throw new OperatorError(
      'no file of its build was found',
      'The container was gone, or its image is another one by now: take the program from where it was built.',
    )
  }

  #assureSize({ sizeBytes }: OpenModule): void {
    const { binaryBytes } = this.#config.limits
    if (binaryBytes > 0 && sizeBytes > binaryBytes)
      throw new OperatorError(
        `it has ${sizeBytes} bytes, and limits.binarySize is ${binaryBytes}`,
        'Raise limits.binarySize to have it kept.',
      )
    const left = this.#leftBytes
    this.#leftBytes = left === null ? MOST_BYTES_OF_LIBRARIES : left - sizeBytes
    if (this.#leftBytes < 0)
      throw new OperatorError(
        `libraries are kept up to ${MOST_BYTES_OF_LIBRARIES} bytes of a process`,
        'Take it from where it was built.',
      )
  }

  #shown({ buildId, sha256 }: Awaited<ReturnType<BinaryFile['identify']>>): Kept {
    const key = binaryKey(this.#owner, buildId, sha256)
    return {
      ...(buildId !== null && { buildId }),
      sha256,
      key: joined(this.#config.storage.storeDir, key),
      url: this.#outside.binaries.location(key),
    }
  }
}
