import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Block, Document } from './documents.ts'
import { linksIn, targetOf } from './links.ts'
import { leadsTo, leavesChinese, PAIRS, TRANSLATABLE } from './translation.ts'

/** English documents that have no Chinese one, and why not. */
const UNTRANSLATED: Readonly<Record<string, string>> = {}

/** Each page shows the messages of its own language: test/docs/messages.test.ts holds it. */
const OF_MESSAGES = 'docs/messages.md'

it('each document is there in Chinese, or it is said why not', () => {
  const translated = PAIRS.map(({ english }) => english.file)
  const missing = TRANSLATABLE.filter(file => !translated.includes(file))
  assert.deepEqual(missing, Object.keys(UNTRANSLATED))
})

for (const { english, chinese } of PAIRS) {
  it(`${chinese.file} has the headings of ${english.file}`, () => {
    assert.deepEqual(levelsOf(chinese), levelsOf(english))
  })

  it(`${chinese.file} has the tables of ${english.file}, by their keys`, () => {
    assert.deepEqual(rowsOf(chinese), rowsOf(english))
  })

  if (english.file !== OF_MESSAGES)
    it(`${chinese.file} says to do what ${english.file} does`, () => {
      assert.deepEqual(chinese.blocks.map(withoutWords), english.blocks.map(withoutWords))
    })

  it(`${chinese.file} names the keys and files of ${english.file}, section by section`, () => {
    const [ours, theirs] = [codesOf(chinese), codesOf(english)]
    const lacks = theirs.flatMap((codes, at) =>
      notIn(ours[at], codes).map(code => `section ${at} lacks ${code}`),
    )
    const adds = ours.flatMap((codes, at) =>
      notIn(theirs[at], codes).map(code => `section ${at} adds ${code}`),
    )
    assert.deepEqual([...lacks, ...adds], [])
  })

  it(`${chinese.file} leads to what ${english.file} does`, () => {
    assert.deepEqual(leadsTo(chinese), leadsTo(english))
  })

  it(`${chinese.file} and ${english.file} lead to each other, before all else`, () => {
    assert.equal(targetOf(english, linksIn(english)[0] ?? '').file, chinese.file)
    assert.equal(targetOf(chinese, linksIn(chinese)[0] ?? '').file, english.file)
  })

  it(`${chinese.file} leads to the Chinese pages, where they are`, () => {
    const [, ...links] = linksIn(chinese)
    assert.deepEqual(
      links.filter(link => leavesChinese(targetOf(chinese, link))),
      [],
    )
  })
}

function levelsOf({ prose }: Document): string[] {
  return [...prose.matchAll(/^#+ /gm)].map(([mark]) => mark)
}

/** Of each row how many cells it has, and what stands in backquotes in the first. */
function rowsOf({ prose }: Document): string[][] {
  const rows = prose.match(/^\|.*$/gm) ?? []
  return rows.map(row => {
    const [, first = '', ...others] = row.split(/(?<!\\)\|/)
    return [`${others.length} cells`, ...codesIn(first).toSorted()]
  })
}

/** Comments, and messages, may be in the language of the document. */
function withoutWords({ language, mark, text }: Block): string {
  if (mark.startsWith('chat ')) return mark.replace(/ zh$/, '')
  const code = text.replace(/(?:^| +)(?:#|\/\/) .*$/gm, '').replace(BESIDE_A_PATH, '')
  return mark === 'zh' ? [language, '', asEnglishExample(code)].join('\n') : [language, mark, code].join('\n')
}

/** What stands beside `_host/<node>/…`, as a comment does. */
const BESIDE_A_PATH = /(?<=<.*\S) {4,}\S.*$/gm

/** Store and chat are those that a reader has; all else of an example is the same. */
function asEnglishExample(code: string): string {
  return code
    .replace(/^ *protocol: cos\n/m, '')
    .replace('s3Region: ap-guangzhou', 's3Region: eu-central-1')
    .replace('S3Bucket: crashes-1250000000', 'S3Bucket: crashes')
    .replace('chan: wechat', 'chan: slack')
    .replace(/https:\/\/qyapi\.weixin\.qq\.com\S*/, 'https://hooks.slack.com/services/T000/B000/XXXX')
}

/** Order and number of them are the language's. */
function codesOf({ prose }: Document): string[][] {
  return prose.split(/^#+ /m).map(section => [...new Set(codesIn(section))])
}

function notIn(codes: readonly string[] = [], wanted: readonly string[]): string[] {
  return wanted.filter(code => !codes.includes(code))
}

function codesIn(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
}
