import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import type { Declaration } from '../../config/declaration.ts'
import { DURATION_FORM } from '../../config/duration.ts'
import { KEYS } from '../../config/keys.ts'
import { parseConfig } from '../../config/parse-config.ts'
import { PERCENT_FORM } from '../../config/percent.ts'
import { SIZE_FORM, SIZE_OR_AUTO_FORM } from '../../config/size.ts'

const documentation = readFileSync(path.resolve(import.meta.dirname, '../../docs/configuration.md'), 'utf8')

/** The documentation explains these once, under the table. */
const SHORT: Readonly<Record<string, string>> = {
  [SIZE_FORM]: 'size',
  [SIZE_OR_AUTO_FORM]: 'auto, or size',
  [DURATION_FORM]: 'duration',
  [PERCENT_FORM]: 'share',
}

interface Row {
  readonly key: string
  readonly allowed: string
  readonly unit: string
  readonly fallback: string
  readonly meaning: string
}

function rows(declaration: Declaration, key: string): Row[] {
  switch (declaration.kind) {
    case 'section':
      return Object.entries(declaration.keys).flatMap(([name, inner]) =>
        rows(inner, key === '' ? name : `${key}.${name}`),
      )
    case 'sections':
      return rows(declaration.item, `${key}[]`)
    case 'labels':
      return [{ key, allowed: declaration.allowed, unit: '', fallback: '', meaning: declaration.meaning }]
    case 'texts':
      return [{ ...declaration, key, unit: '', fallback: '' }]
    case 'scalar': {
      const mark = declaration.secret ? ' (_secret_)' : ''
      return [{ ...declaration, key, meaning: `${declaration.meaning}${mark}` }]
    }
  }
}

/** Cells as the documentation has them; how wide they are is the formatter's business. */
const documented = [...documentation.matchAll(/^\| `.*$/gm)].map(([line]) =>
  line
    .split('|')
    .map(cell => cell.trim())
    .slice(1, -1),
)

const declared = rows(KEYS, '').map(({ key, allowed, unit, fallback, meaning }) => [
  `\`${key}\``,
  SHORT[allowed] ?? allowed,
  unit,
  fallback === '' ? '' : `\`${fallback}\``,
  meaning,
])

it('docs/configuration.md has the table of all keys', () => {
  const wanted = declared.map(cells => `| ${cells.join(' | ')} |`).join('\n')
  assert.deepEqual(documented, declared, `The table differs from config/keys.ts, by which it is:\n${wanted}`)
})

it('docs/configuration.md lists the sockets that are looked for', () => {
  for (const socket of KEYS.keys.cri.keys.sockets.fallback)
    assert.ok(documentation.includes(`\`${socket}\``), socket)
})

const examples = [...documentation.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text)

it('docs/configuration.md has examples', () => {
  assert.equal(examples.length, 6)
})

for (const [at, text] of examples.entries()) {
  it(`parseConfig() has nothing to warn of in example ${at + 1} of docs/configuration.md`, () => {
    assert.deepEqual(parseConfig(text).warnings, [])
  })
}

it('KEYS names the unit of each key whose name does', () => {
  const wrong = rows(KEYS, '').filter(
    ({ key, unit }) =>
      (/seconds$/i.test(key) && unit !== 'seconds') || (/bytes$/i.test(key) && unit !== 'bytes'),
  )
  assert.deepEqual(wrong, [])
})
