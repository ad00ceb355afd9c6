import assert from 'node:assert/strict'
import type { JsonPatch } from '../../../webhook/admission/json-patch.ts'

type Node = Record<string, unknown>

/** Does what an API server does with a patch of RFC 6902 that only adds, and refuses what it would refuse. */
export function applyPatch<T>(document: T, patch: JsonPatch): T {
  const copy = structuredClone(document)
  for (const { op, path, value } of patch) {
    assert.equal(op, 'add')
    const keys = path.split('/').slice(1).map(plainKey)
    const last = keys.pop() ?? assert.fail(`no key in "${path}"`)
    add(
      keys.reduce<unknown>((node, key) => step(node, key, path), copy) as Node,
      last,
      structuredClone(value),
      path,
    )
  }
  return copy
}

function step(node: unknown, key: string, path: string): unknown {
  assert.ok(typeof node === 'object' && node !== null && Object.hasOwn(node, key), `nothing at "${path}"`)
  return (node as Node)[key]
}

function add(target: Node | unknown[], key: string, value: unknown, path: string): void {
  assert.ok(typeof target === 'object' && target !== null, `nothing at "${path}"`)
  if (!Array.isArray(target)) {
    target[key] = value
    return
  }
  const index = key === '-' ? target.length : Number(key)
  assert.ok(Number.isInteger(index) && index >= 0 && index <= target.length, `no place for "${path}"`)
  target.splice(index, 0, value)
}

function plainKey(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~')
}
