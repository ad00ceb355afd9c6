/** What a chat is sent, before it is known what it holds. */
export type Json = Record<string, unknown>

export type Reply = readonly [status: number, body: unknown]

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

export function isLink(value: unknown): boolean {
  return isText(value) && /^https?:\/\//.test(value)
}

export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Json)[key] : undefined),
    value,
  )
}

export function listAt(value: unknown, key: string): readonly unknown[] {
  const list = at(value, key)
  return Array.isArray(list) ? list : []
}
