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

const [documentation, inChinese] = ['configuration.md', 'zh-CN/configuration.md'].map(file =>
  readFileSync(path.resolve(import.meta.dirname, '../../docs', file), 'utf8'),
) as [string, string]

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

/** Cells as a page has them; how wide they are is the formatter's business. */
function cellsIn(page: string): string[][] {
  return [...page.matchAll(/^\| `.*$/gm)].map(([line]) =>
    line
      .split('|')
      .map(cell => cell.trim())
      .slice(1, -1),
  )
}

const documented = cellsIn(documentation)

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

it('docs/zh-CN/configuration.md has the same keys, with what they may be, their defaults and which are secret', () => {
  const isSecret = (meaning = '') => /（_秘密_）$| \(_secret_\)$/.test(meaning)
  const shown = (cells: readonly string[][]) =>
    cells.map(([key, allowed = '', , fallback, meaning]) => [
      key,
      valuesOf(allowed),
      fallback,
      isSecret(meaning),
      linksOf(meaning),
    ])
  assert.deepEqual(shown(cellsIn(inChinese)), shown(declared))
})

/** Words to choose from, and numbers: they are in no language. */
function valuesOf(allowed: string): unknown {
  return /^[\w:-]+(?:, [\w:-]+)+$/.test(allowed) ? allowed : allowed.match(/\d+/g)
}

/** How many there are: where they lead is the business of test/docs/translations.test.ts. */
function linksOf(meaning = ''): number {
  return meaning.split('](').length - 1
}

it('docs/configuration.md lists the sockets that are looked for', () => {
  for (const page of [documentation, inChinese])
    for (const socket of KEYS.keys.cri.keys.sockets.fallback)
      assert.ok(page.includes(`\`${socket}\``), socket)
})

const examples = [...documentation.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text)

it('docs/configuration.md has examples', () => {
  assert.equal(examples.length, 7)
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
