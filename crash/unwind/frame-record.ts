import { Cursor } from './cursor.ts'
import { ABSOLUTE, readDistance, readPointer } from './encoded-pointer.ts'

/** .eh_frame, or .debug_frame: what they say is the same, how they say it is not quite. */
export interface FrameSection {
  readonly kind: 'eh' | 'debug'
  /** Exactly `lengthBytes` from a place on, an address for .eh_frame, an offset for .debug_frame; or `null`. */
  bytes(at: bigint, lengthBytes: number): Buffer | null
}

/** A Common Information Entry, as far as frames need it. */
export interface CommonInformation {
  readonly codeAlignment: bigint
  readonly dataAlignment: bigint
  readonly returnAddress: number
  readonly pointerEncoding: number
  readonly hasAugmentation: boolean
  readonly isSignalFrame: boolean
  readonly instructions: Buffer
}

/** A Frame Description Entry: how to get from the code between `start` and `end` to its caller. */
export interface FrameDescription {
  readonly start: bigint
  readonly end: bigint
  readonly common: CommonInformation
  readonly instructions: Buffer
  readonly instructionsAddress: bigint
}

/** What stands at one place of a section. */
export interface FrameRecord {
  /** Of a description, where its common information is; `null`: it is one itself. */
  readonly commonAt: bigint | null
  readonly content: Cursor
  readonly nextAt: bigint
}

/** A function has some hundred bytes; the largest known, of an interpreter, some ten thousand. */
const LARGEST_RECORD_BYTES = 64 * 1024
const LONG_FORM = 0xffff_ffff
const COMMON_ID = { eh: 0n, debug: { 4: 0xffff_ffffn, 8: 0xffff_ffff_ffff_ffffn } } as const

/** `null`: nothing more is there, or nothing that is read. */
export function readRecord(section: FrameSection, at: bigint): FrameRecord | null {
  const beginning = section.bytes(at, 4)
  if (beginning === null) return null
  const isLong = beginning.readUInt32LE(0) === LONG_FORM
  const contentAt = at + (isLong ? 12n : 4n)
  const long = isLong ? section.bytes(at + 4n, 8) : null
  const lengthBytes = isLong ? Number(long?.readBigUInt64LE(0) ?? 0) : beginning.readUInt32LE(0)
  if (lengthBytes === 0 || lengthBytes > LARGEST_RECORD_BYTES) return null
  const bytes = section.bytes(contentAt, lengthBytes)
  if (bytes === null) return null
  const content = new Cursor(bytes, contentAt)
  const nextAt = contentAt + BigInt(lengthBytes)
  return { commonAt: readCommonAt(content, section.kind, isLong, contentAt), content, nextAt }
}

/** .eh_frame has the distance from this field back, .debug_frame the place itself. */
function readCommonAt(
  content: Cursor,
  kind: FrameSection['kind'],
  isLong: boolean,
  at: bigint,
): bigint | null {
  if (kind === 'eh') {
    const distance = BigInt(content.unsigned(4))
    return distance === COMMON_ID.eh ? null : at - distance
  }
  const place = isLong ? content.long() : BigInt(content.unsigned(4))
  return place === COMMON_ID.debug[isLong ? 8 : 4] ? null : place
}

/** `null`: it is of a kind that no compiler of these machines writes. */
export function readCommonInformation(section: FrameSection, at: bigint): CommonInformation | null {
  const record = readRecord(section, at)
  if (record === null || record.commonAt !== null) return null
  const { content } = record
  const version = content.unsigned(1)
  const augmentation = content.text()
  if (augmentation !== '' && !augmentation.startsWith('z')) return null
  // Sizes of an address and of a segment selector.
  if (version >= 4 && (content.unsigned(1) !== 8 || content.unsigned(1) !== 0)) return null
  const codeAlignment = content.uleb()
  const dataAlignment = content.sleb()
  const returnAddress = version === 1 ? content.unsigned(1) : content.count()
  const told = readAugmentation(content, augmentation)
  if (told === null || content.isCut) return null
  return { codeAlignment, dataAlignment, returnAddress, ...told, instructions: content.rest() }
}

type Augmentation = Pick<CommonInformation, 'pointerEncoding' | 'hasAugmentation' | 'isSignalFrame'>

function readAugmentation(content: Cursor, augmentation: string): Augmentation | null {
  const hasAugmentation = augmentation !== ''
  const isSignalFrame = augmentation.includes('S')
  const told = new Cursor(hasAugmentation ? content.take(content.count()) : Buffer.alloc(0))
  let pointerEncoding = ABSOLUTE
  for (const letter of augmentation.slice(1, LONGEST_AUGMENTATION)) {
    if (letter === 'R') pointerEncoding = told.unsigned(1)
    if (letter === 'L') told.skip(1)
    if (letter === 'P' && readDistance(told, told.unsigned(1)) === null) return null
  }
  return told.isCut ? null : { pointerEncoding, hasAugmentation, isSignalFrame }
}

const LONGEST_AUGMENTATION = 16

/** Where its code begins and ends; the rest of the content is left. */
export function readExtent(
  { kind }: FrameSection,
  content: Cursor,
  { pointerEncoding }: CommonInformation,
): Pick<FrameDescription, 'start' | 'end'> | null {
  const encoding = kind === 'eh' ? pointerEncoding : ABSOLUTE
  const start = readPointer(content, encoding)
  const length = readDistance(content, encoding)
  if (start === null || length === null || length <= 0n || content.isCut) return null
  return { start, end: start + length }
}

/** `null`: no description begins there. */
export function readDescription(section: FrameSection, at: bigint): FrameDescription | null {
  const record = readRecord(section, at)
  if (record === null || record.commonAt === null) return null
  const common = readCommonInformation(section, record.commonAt)
  if (common === null) return null
  const { content } = record
  const extent = readExtent(section, content, common)
  if (common.hasAugmentation) content.skip(content.count())
  if (extent === null || content.isCut) return null
  const instructionsAddress = content.address
  return { ...extent, common, instructions: content.rest(), instructionsAddress }
}
