import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Document, documentOf } from './documents.ts'
import { targetOf } from './links.ts'
import { asEnglish } from './translation.ts'

const [ENGLISH, CHINESE] = ['README.md', 'README.zh-CN.md'].map(documentOf) as [Document, Document]
const COLUMNS = 5

for (const document of [ENGLISH, CHINESE]) {
  it(`${document.file}: each cell of the comparison has a link to what shows it`, () => {
    const cells = rowsOf(document).flatMap(([, ...cells]) => cells)
    assert.ok(cells.length > 40)
    assert.deepEqual(
      cells.filter(cell => linksIn(cell).length === 0),
      [],
    )
  })

  it(`${document.file}: what its cells refer to is there, and nothing else is`, () => {
    const named = [...document.prose.matchAll(/\]\[([\w-]+)\]/g)].map(([, name]) => name)
    const defined = [...document.prose.matchAll(/^\[([\w-]+)\]: https:\/\/\S+$/gm)].map(([, name]) => name)
    assert.deepEqual([...new Set(named)].sort(), defined.sort())
  })

  it(`${document.file}: a process is held for as long as docs/performance.md says`, () => {
    const held = rowsOf(document).find(([first]) => first?.startsWith('1 GiB')) ?? []
    const measured = ['coredog gzip', 'IBM composer', 'systemd-coredump'].map(heldBy)
    const shown = held.slice(1, 4).map(cell => /\[(\d[\d.]*) s\]/.exec(cell)?.[1])
    assert.deepEqual(shown, measured)
  })
}

it('both languages compare the same, by the same', () => {
  const [english, chinese] = [ENGLISH, CHINESE].map(document =>
    rowsOf(document).map(row =>
      row.map(cell => linksIn(cell).map(link => asEnglish(targetOf(document, link)))),
    ),
  )
  assert.deepEqual(chinese, english)
})

function rowsOf({ prose }: Document): string[][] {
  const rows = [...prose.matchAll(/^\| (.*) \|$/gm)].map(([, row = '']) => row.split(' | '))
  return rows.filter(row => row.length === COLUMNS && !row[0]?.startsWith('|'))
}

function linksIn(cell: string): string[] {
  return [...cell.matchAll(/\](?:\(([^)]+)\)|\[([\w-]+)\])/g)].map(([, url, name = '']) => url ?? name)
}

/** The seconds of the first table, for 1 GiB of heap-like memory. */
function heldBy(contestant: string): string | undefined {
  const { prose } = documentOf('docs/performance.md')
  const [, table = ''] = prose.split('### Heap-like memory, 1 GiB\n')
  return table.split(`\n| ${contestant} | `)[1]?.split(' | ')[0]
}
