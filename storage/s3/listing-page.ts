import type { _Object, ListObjectsV2Output } from '@aws-sdk/client-s3'
import { EndlessAnswerError } from './endless-answer.ts'

/** Where a page of a listing begins. */
export interface ListedFrom {
  /** A whole key, which need not be there. */
  readonly StartAfter?: string
  readonly ContinuationToken?: string
}

/**
 * What is on a page behind where the listing begins: all of it, but at a store that does not know StartAfter, where
 * whoever asks for what comes next would get the same for ever.
 */
export function* behind(
  { StartAfter }: ListedFrom,
  { Contents = [] }: ListObjectsV2Output,
): Generator<_Object> {
  const start = Buffer.from(StartAfter ?? '')
  let isBehind = start.length === 0
  for (const object of Contents) {
    isBehind ||= Buffer.compare(Buffer.from(object.Key ?? ''), start) > 0
    if (isBehind) yield object
  }
}

/**
 * Throws an {@link EndlessAnswerError} where a store says there is more, and not where: it would give the same page
 * for ever, and who removes what no crash names must not take that for all.
 */
export function nextToken(page: ListObjectsV2Output, last: string | undefined): string | undefined {
  const { IsTruncated, NextContinuationToken: next } = page
  if (IsTruncated !== true) return undefined
  if (next === undefined || next === last)
    throw new EndlessAnswerError('the listing says that there is more, and not where')
  return next
}
