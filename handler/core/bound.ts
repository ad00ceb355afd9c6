import type { Compression } from '../../config/config.ts'

const GiB = 2 ** 30

// Up to here the smallest part size of an object store does anyway, so nothing is gained by a closer look.
const PLENTY_BYTES = 64 * GiB

// Zeros shrink to 1/230 at least: what deflate's fastest level makes of those that fill no whole block.
const ZEROS_SHRINK_BY = 200

/** What is known of a core before it is read. */
export interface CoreSize {
  /** As its head says; absent if it has none. */
  readonly endBytes?: number
  /** Memory of the process that is not zeros for sure. */
  readonly residentBytes?: number
  /** Of a core that lies in a file: no more can come, whatever its head says. */
  readonly fileBytes?: number
  /** `limits.maxCoreSize`; 0: none. */
  readonly limitBytes: number
}

/**
 * The most that will be stored of a core, which a store cuts its parts by. The size in the head counts every
 * page of a mapping that was ever touched: terabytes for a program that reserves address space and uses
 * little of it. Those are zeros, and parts sized for them would fill the node's memory; what is compressed
 * can be told better by what is resident.
 */
export function storedBoundBytes(
  { endBytes, residentBytes, fileBytes, limitBytes }: CoreSize,
  compression: Compression,
): number {
  const announced = Math.min(
    endBytes ?? PLENTY_BYTES,
    fileBytes ?? Number.POSITIVE_INFINITY,
    limitBytes === 0 ? Number.POSITIVE_INFINITY : limitBytes,
  )
  if (announced <= PLENTY_BYTES || compression === 'none' || residentBytes === undefined) return announced
  return Math.min(announced, Math.max(PLENTY_BYTES, 2 * residentBytes + announced / ZEROS_SHRINK_BY))
}
