import assert from 'node:assert/strict'
import { it } from 'node:test'
import { documentOf } from './documents.ts'

const PAIRS = [
  ['README.md', 'README.zh-CN.md'],
  ['docs/decide.md', 'docs/zh-CN/decide.md'],
  ['docs/install.md', 'docs/zh-CN/install.md'],
  ['docs/troubleshooting.md', 'docs/zh-CN/troubleshooting.md'],
] as const

for (const [english, chinese] of PAIRS) {
  it(`${chinese} says to do what ${english} does`, () => {
    assert.deepEqual(blocksOf(chinese), blocksOf(english))
  })

  it(`${chinese} has the sections and rows of ${english}`, () => {
    assert.deepEqual(shapeOf(chinese), shapeOf(english))
  })
}

/** Comments, and messages, may be in the language of the document. */
function blocksOf(file: string): string[] {
  return documentOf(file).blocks.map(({ language, mark, text }) =>
    mark.startsWith('chat ')
      ? mark.replace(/ zh$/, '')
      : [language, mark, text.replace(/ +# .*$/gm, '')].join('\n'),
  )
}

/** README.zh-CN.md has no pointer to itself. */
function shapeOf(file: string): object {
  const { prose } = documentOf(file)
  return {
    headings: [...prose.matchAll(/^#+ /gm)].map(([mark]) => mark),
    rows: prose.match(/^\|/gm)?.length ?? 0,
  }
}
