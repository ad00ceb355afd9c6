import { createHash } from 'node:crypto'
import { PF_X, PT_LOAD } from '../elf.ts'
import type { ElfImage } from '../image/elf-image.ts'

const PAGE_BYTES = 4096n

/**
 * What tells the builds of a file apart that has no build id, as those that Alpine's compilers make: of each page
 * of code. Two builds with one have the same bytes there, and all else in them lies where it does in the other.
 */
export class CodeIdentity {
  readonly #image: ElfImage
  readonly #pages = new Map<bigint, string | null>()
  #layout: string | null = null

  constructor(image: ElfImage) {
    this.#image = image
  }

  /** Of the page at `address`, as the program headers have addresses; `null`: it is not at hand. */
  at(address: bigint): string | null {
    const page = address - (address % PAGE_BYTES)
    const known = this.#pages.get(page)
    if (known !== undefined) return known
    const bytes = codeOn(this.#image, page, address)
    this.#layout ??= hashOf(layoutOf(this.#image))
    const identity = bytes === null ? null : hashOf(this.#layout, bytes)
    this.#pages.set(page, identity)
    return identity
  }
}

/** A segment may begin and end within the page. */
function codeOn(image: ElfImage, page: bigint, address: bigint): Buffer | null {
  const segment = image.segments.find(
    ({ type, flags, address: start, fileBytes }) =>
      type === PT_LOAD && (flags & PF_X) !== 0 && address >= start && address < start + BigInt(fileBytes),
  )
  if (segment === undefined) return null
  const end = segment.address + BigInt(segment.fileBytes)
  const from = page > segment.address ? page : segment.address
  const to = page + PAGE_BYTES < end ? page + PAGE_BYTES : end
  return image.loaded(from, Number(to - from))
}

function layoutOf({ entry, segments, sections }: ElfImage): string {
  return [
    entry,
    ...segments.flatMap(segment => [segment.address, segment.memoryBytes, segment.fileOffset]),
    ...sections.flatMap(section => [section.name, section.fileOffset, section.fileBytes]),
  ].join('\0')
}

function hashOf(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}
