import path from 'node:path'
import { DOCUMENTS, type Document } from './documents.ts'

/** Where a document's links lead that stay in the repository: pictures, too. */
export function linksIn({ prose }: Document): string[] {
  return [...prose.matchAll(/(?:\]\(|<img src=")([^)\s"]+)[)"]/g)]
    .map(([, link = '']) => link)
    .filter(link => !/^[a-z]+:/.test(link))
}

export interface Target {
  readonly file: string
  readonly anchor: string | undefined
}

export function targetOf({ file }: Pick<Document, 'file'>, link: string): Target {
  const [name = '', anchor] = link.split('#')
  return { file: name === '' ? file : path.join(path.dirname(file), name), anchor }
}

/** As GitHub makes them of headings, in the order of these. */
export function anchorsOf(file: string): readonly string[] {
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
