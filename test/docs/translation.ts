import { DOCUMENTS, type Document, documentOf } from './documents.ts'
import { anchorsOf, linksIn, type Target, targetOf } from './links.ts'

/** A document of ours, and the same in Chinese. */
export interface Pair {
  readonly english: Document
  readonly chinese: Document
}

const FILES = DOCUMENTS.map(({ file }) => file)

/** What a reader of Chinese should have: README and docs/. */
export const TRANSLATABLE = FILES.filter(file => /^(?:README\.md|docs\/[^/]+\.md)$/.test(file))

export const PAIRS: readonly Pair[] = TRANSLATABLE.filter(file => FILES.includes(inChinese(file))).map(
  file => ({ english: documentOf(file), chinese: documentOf(inChinese(file)) }),
)

export function inChinese(file: string): string {
  return file === 'README.md' ? 'README.zh-CN.md' : file.replace(/^docs\//, 'docs/zh-CN/')
}

function inEnglish(file: string): string {
  return file === 'README.zh-CN.md' ? 'README.md' : file.replace(/^docs\/zh-CN\//, 'docs/')
}

/** Whether somebody who reads Chinese is sent to an English page that there is in Chinese. */
export function leavesChinese({ file }: Target): boolean {
  return TRANSLATABLE.includes(file) && FILES.includes(inChinese(file))
}

/** Where a document leads, as the English one has it; the link to the other language is none. */
export function leadsTo(document: Document): string[] {
  const isOther = ({ file }: Target) =>
    [inChinese(document.file), inEnglish(document.file)].includes(file) && file !== document.file
  const targets = linksIn(document)
    .filter(link => !link.includes('pictures/'))
    .map(link => targetOf(document, link))
    .filter(target => !isOther(target))
  return [...new Set(targets.map(asEnglish))].toSorted()
}

/** Headings are the same, so that an anchor is known by its place among them. */
export function asEnglish({ file, anchor }: Target): string {
  const english = inEnglish(file)
  if (anchor === undefined) return english
  const at = anchorsOf(file).indexOf(anchor)
  return `${english}#${anchorsOf(english)[at]}`
}
