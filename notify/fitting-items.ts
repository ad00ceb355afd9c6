import type { Item, Message } from './message.ts'

/**
 * `message` with as many links of its items as `hasRoom` for with no text shortened: the first one of each
 * item before any owner's second. What has none then shows its place, if there is room left.
 */
export function withFittingItems(message: Message, hasRoom: (message: Message) => boolean): Message {
  const { items } = message
  if (items === undefined) return message
  const linked = Array.from({ length: linksIn(items) + 1 }, (_, number) => number)
    .reverse()
    .map(number => withItems(message, keepLinks(items, number)))
  const fitting = linked.find(hasRoom) ?? linked.at(-1) ?? message
  return items.reduce((shown, { place }, at) => withPlace(shown, at, place, hasRoom), fitting)
}

function withItems(message: Message, items: readonly Item[]): Message {
  return { ...message, items }
}

function linksIn(items: readonly Item[]): number {
  return items.reduce((sum, { links }) => sum + links.length, 0)
}

function keepLinks(items: readonly Item[], number: number): readonly Item[] {
  const inOrder = items
    .flatMap(({ links }, item) => links.map((_, link) => ({ item, link })))
    .toSorted((one, other) => one.link - other.link || one.item - other.item)
  const kept = inOrder.slice(0, number)
  return items.map(({ text, links }, at) => ({
    text,
    links: links.slice(0, kept.filter(({ item }) => item === at).length),
    place: null,
  }))
}

function withPlace(
  message: Message,
  at: number,
  place: string | null,
  hasRoom: (message: Message) => boolean,
): Message {
  const { items = [] } = message
  const item = items[at]
  if (item === undefined || item.links.length > 0 || place === null) return message
  const shown = withItems(message, items.with(at, { ...item, place }))
  return hasRoom(shown) ? shown : message
}
