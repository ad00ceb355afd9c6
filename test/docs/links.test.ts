import assert from 'node:assert/strict'
import { existsSync, globSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { TOP_ROOMS } from '../rooms.ts'
import { DOCUMENTS, type Document, documentOf, inlineCode, ROOT } from './documents.ts'

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

/** Below a folder that the sentence before has named, too. */
function isSomewhere(file: string): boolean {
  return globSync([file, `{build,${TOP_ROOMS.join()}}/**/${file}`], { cwd: ROOT }).length > 0
}

function linksIn({ prose }: Document): string[] {
  return [...prose.matchAll(/(?:\]\(|<img src=")([^)\s"]+)[)"]/g)]
    .map(([, link = '']) => link)
    .filter(link => !/^[a-z]+:/.test(link))
}

function leads({ file }: Document, link: string): boolean {
  const [target = '', anchor] = link.split('#')
  const found = target === '' ? file : path.join(path.dirname(file), target)
  if (!existsSync(path.join(ROOT, found))) return false
  return anchor === undefined || anchorsOf(found).includes(anchor)
}

/** As GitHub makes them of headings. */
function anchorsOf(file: string): readonly string[] {
  const { prose = '' } = DOCUMENTS.find(document => document.file === path.normalize(file)) ?? {}
  const slugs = [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
  return slugs.map((slug, at) => {
    const before = slugs.slice(0, at).filter(other => other === slug).length
    return before === 0 ? slug : `${slug}-${before}`
  })
}
