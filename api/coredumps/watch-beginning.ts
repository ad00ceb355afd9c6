import type { IndexEntry } from '../../crash/index-entry.ts'
import type { Asker, Gate } from '../gate.ts'
import type { ApiOutside } from '../outside.ts'
import { expired } from '../status-error.ts'
import type { Visible } from '../visible.ts'
import { type Found, look, MOST_NAMES, namesOf } from './look.ts'
import type { Position } from './position.ts'
import type { Selection } from './selection.ts'

interface Beginning extends Asker {
  readonly selection: Selection
  readonly visible: Visible
  readonly position: Position
}

export interface BeginningOutside extends Pick<ApiOutside, 'index' | 'cluster'> {
  readonly lists: Pick<Gate, 'through'>
  /** At the beginning of one watch. */
  readonly mostNames?: number
}

const PAGE = 500

/**
 * What there is for a watch that knows nothing, page after page. Each waits as a list does, and nothing waits for what
 * is done with it. Throws a 410, by which a client knows that it has to list, where there is too much.
 */
export async function* allThereIs(
  { selection, visible, position, ...asker }: Beginning,
  { lists, mostNames = MOST_NAMES, ...outside }: BeginningOutside,
): AsyncGenerator<readonly IndexEntry[], void, void> {
  const wanted = { selection, visible, position, limit: PAGE }
  let looked = 0
  for (let after: string | null = ''; after !== null; ) {
    const names = namesOf(selection, outside, { ...(after !== '' && { after }), signal: asker.signal })
    const found: Found = await lists.through(asker, () => look(names, wanted))
    yield found.entries
    looked += found.looked
    after = found.after
    if (after !== null && looked >= mostNames)
      throw expired('there are more crashes than a watch begins with: list, and watch from there')
  }
}
