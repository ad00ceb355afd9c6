import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'

const ROOT = path.resolve(import.meta.dirname, '..')

/** Who may import whom. Read downwards: nothing imports what stands below it. */
const mayImport: Record<string, readonly string[]> = {
  crash: [],
  durable: ['crash'],
  kube: ['crash'],
  config: ['crash'],
  network: ['crash', 'config'],
  storage: ['crash', 'config', 'network', 'durable'],
  notify: ['crash', 'config', 'network', 'durable'],
  handler: ['crash', 'config', 'network', 'durable', 'storage', 'notify'],
  installer: ['crash', 'config', 'network', 'durable', 'storage', 'notify', 'kube'],
  webhook: ['crash', 'config', 'network', 'notify', 'kube'],
}

for (const [folder, allowed] of Object.entries(mayImport)) {
  it(`${folder}/ imports only ${allowed.length === 0 ? 'itself' : allowed.join(', ')}`, () => {
    for (const { file, target } of importsOf(folder)) {
      const fine = target === folder || allowed.includes(target) || target === 'package.json'
      assert.ok(fine, `${file} imports ${target}/`)
    }
  })
}

it('AbortSignal.any() is used by anySignal() only, which says why', () => {
  const using = Object.keys(mayImport)
    .flatMap(sourcesIn)
    .filter(file => readFileSync(path.join(ROOT, file), 'utf8').includes('AbortSignal.any(['))
  assert.deepEqual(using, ['crash/any-signal.ts'])
})

function importsOf(folder: string): { file: string; target: string }[] {
  return sourcesIn(folder).flatMap(file =>
    [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)]
      .map(([, specifier = '']) => path.relative(ROOT, path.resolve(ROOT, path.dirname(file), specifier)))
      .map(imported => ({ file, target: imported.split(path.sep)[0] ?? '' })),
  )
}

function sourcesIn(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => path.join(folder, file))
}
