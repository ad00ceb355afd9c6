import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { TOP_ROOMS } from '../rooms.ts'
import { DOCUMENTS, type Document, documentOf, inlineCode, ROOT } from './documents.ts'
import { anchorsOf, linksIn, targetOf } from './links.ts'

for (const document of DOCUMENTS) {
  it(`${document.file}: what it links to exists`, () => {
    const broken = linksIn(document).filter(link => !leads(document, link))
    assert.deepEqual(broken, [])
  })
}

for (const readme of ['README.md', 'README.zh-CN.md']) {
  it(`${readme} leads to every document`, () => {
    const links = linksIn(documentOf(readme))
    const pages = DOCUMENTS.map(({ file }) => file).filter(file => /^docs\/[^/]+$/.test(file))
    const isLinked = (page: string) =>
      [page, page.replace('docs/', 'docs/zh-CN/')].some(file => links.includes(file))
    assert.ok(pages.length > 10)
    assert.deepEqual(
      pages.filter(page => !isLinked(page)),
      [],
    )
  })
}

it('files of ours that a sentence names exist', () => {
  const files = DOCUMENTS.flatMap(inlineCode).filter(code =>
    /^[\w/-]+(?:\.test)?\.ts$|^deploy\/[\w./-]+$/.test(code),
  )
  const missing = files.filter(file => !isSomewhere(file))
  assert.ok(files.length > 20)
  assert.deepEqual(missing, [])
})

it('pages that the programs name exist, with the section that they name', () => {
  const sources = globSync(`{build,${TOP_ROOMS.join()}}/**/*.ts`, { cwd: ROOT })
  const text = sources.map(file => readFileSync(path.join(ROOT, file), 'utf8')).join('\n')
  const pages = [...text.matchAll(/docs\/[\w/-]+\.md(?:#[\p{L}\p{N}_-]+)?/gu)].map(([page]) => page)
  assert.ok(pages.length > 10)
  assert.deepEqual(
    pages.filter(page => !leads({ file: 'README.md' }, page)),
    [],
  )
})

/** Below a folder that the sentence before has named, too. */
function isSomewhere(file: string): boolean {
  return globSync([file, `{build,${TOP_ROOMS.join()}}/**/${file}`], { cwd: ROOT }).length > 0
}

function leads(document: Pick<Document, 'file'>, link: string): boolean {
  const { file, anchor } = targetOf(document, link)
  if (!existsSync(path.join(ROOT, file))) return false
  return anchor === undefined || anchorsOf(file).includes(anchor)
}
