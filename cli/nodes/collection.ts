import { type Fields, fieldsOf, isFields } from '../../crash/fields.ts'
import { type Cluster, jsonOf } from '../cluster.ts'

const PAGE = 500
/** Of a hundred thousand objects we have seen enough. */
const MOST_PAGES = 200

/** All objects of a collection, page by page. */
export async function collection(
  cluster: Cluster,
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<readonly Fields[]> {
  const found: Fields[] = []
  let next = ''
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const asked = new URLSearchParams({ ...query, limit: `${PAGE}`, ...(next !== '' && { continue: next }) })
    const { items, metadata } = fieldsOf(await jsonOf(cluster, { path: `${path}?${asked}`, signal }))
    found.push(...(Array.isArray(items) ? items.filter(isFields) : []))
    next = textOf(fieldsOf(metadata).continue) ?? ''
    if (next === '') break
  }
  return found
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** The objects in a list; of anything else none. */
export function objectsIn(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : []
}
