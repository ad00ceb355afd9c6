import type { IndexEntry } from '../crash/index-entry.ts'

/** What a crash is called among the coredumps of its namespace: `20261121t042117z-3f2a9c01d4e5`. */
export function coredumpName({ time, id }: Pick<IndexEntry, 'time' | 'id'>): string {
  return `${time.toISOString().replace(/[-:]/g, '').slice(0, 15).toLowerCase()}z-${id}`
}

/** `null`: no crash of ours is called so. */
export function parseCoredumpName(name: string): Pick<IndexEntry, 'time' | 'id'> | null {
  const [, year, month, day, hour, minute, second, id = ''] = NAME.exec(name) ?? []
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(time.getTime())) return null
  return coredumpName({ time, id }) === name ? { time, id } : null
}

const NAME = /^(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)z-([0-9a-f]{12})$/
