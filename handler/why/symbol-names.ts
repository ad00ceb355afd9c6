import { ElfImage } from '../../crash/image/elf-image.ts'
import { Room } from '../../crash/image/room.ts'
import { buildIdInSections } from '../../crash/symbols/build-id.ts'
import { Effort, EXPLANATION_STEPS, MODULE_STEPS } from '../../crash/symbols/effort.ts'
import { type FunctionName, Symbols } from '../../crash/symbols/function-at.ts'
import type { OpenModule } from './evidence.ts'
import { fileIn } from './file-in.ts'

/** A file that is said to name the code of a build, and what is asked of it. */
export interface SymbolsAsked extends Pick<OpenModule, 'fd' | 'sizeBytes'> {
  readonly buildId: string
  /** As the program headers have them. */
  readonly addresses: readonly bigint[]
}

/** `null`: it is of another build, or no such file at all. Of an address that it does not know there is nothing. */
export interface SymbolsTold {
  readonly buildId: string
  readonly names: ReadonlyMap<bigint, FunctionName> | null
}

/** Of what is decompressed, of all files. */
const ROOM_BYTES = 96 << 20

/** What files say that came from elsewhere; each when it is known. Never throws. */
export function* symbolNames(asked: readonly SymbolsAsked[]): Generator<SymbolsTold> {
  const [room, effort] = [new Room(ROOM_BYTES), new Effort(EXPLANATION_STEPS)]
  for (const { buildId, addresses, ...file } of asked) {
    const image = ElfImage.openDebugFile(fileIn(file), room)
    const isIt = image !== null && buildIdInSections(image) === buildId
    yield { buildId, names: isIt ? namesIn(new Symbols(image, effort.part(MODULE_STEPS)), addresses) : null }
  }
}

function namesIn(symbols: Symbols, addresses: readonly bigint[]): ReadonlyMap<bigint, FunctionName> {
  const names = new Map<bigint, FunctionName>()
  for (const address of addresses) {
    const name = symbols.functionAt(address)
    if (name !== null) names.set(address, name)
  }
  return names
}
