type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** The record without what is not there: a field is only written when it was seen. */
export function present<T extends object>(record: T): Present<T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Present<T>
}
