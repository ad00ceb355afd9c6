import type { Language } from './language/language.ts'
import { sinceWhen } from './seen.ts'
import { shownImage } from './shown-image.ts'

/** What came of a group in the whole cluster since people were told of its first crash. */
export interface GroupUpdate {
  /** Since then. */
  readonly crashes: number
  /** RFC 3339: when people were told first. */
  readonly since: string
  /** RFC 3339: as of when. */
  readonly now: string
  readonly nodes: number
  readonly pods: number
  /** As a person wrote them: the first few. */
  readonly images: readonly string[]
  /** None came for an hour. */
  readonly isOver: boolean
}

/** `412 more crashes since 04:12 UTC: on 30 nodes, in 58 pods, of shop:1.4.2`. */
export function updateLine(update: GroupUpdate, language: Language): string {
  const { crashes, since, now, nodes, pods, images, isOver } = update
  return language.groupUpdate({
    ...{ crashes, nodes, pods, isOver },
    since: sinceWhen({ first: since, last: now }),
    images: images.map(shownImage),
  })
}
