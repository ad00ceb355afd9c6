import { readFileSync } from 'node:fs'
import path from 'node:path'
import { OperatorError } from '../../crash/errors.ts'
import { VERSION } from '../../crash/version.ts'
import { ROOT } from '../bundle.ts'
import { releaseNotes } from './release-notes.ts'
import { disagreements } from './version-places.ts'

/** Throws unless what a tag names is what the sources are, everywhere. Before anything is built. */
export function checkRelease(tag: string): void {
  const { date } = checkSources()
  if (tag !== `v${VERSION}`)
    throw new OperatorError(`Cannot release "${tag}": the sources are ${VERSION}`, `Tag v${VERSION}.`)
  assertNothingSaysUnreleased(tag)
  if (date !== null) return
  throw new OperatorError(
    `Cannot release "${tag}": CHANGELOG.md does not say when`,
    `Write the day into its section: "## ${VERSION} (YEAR-MONTH-DAY)".`,
  )
}

// As people are told until there is a release.
const UNRELEASED = /not released yet|尚未发布/i
const TELLING = ['README.md', 'README.zh-CN.md', 'docs/decide.md', 'docs/zh-CN/decide.md']

function assertNothingSaysUnreleased(tag: string): void {
  const files = TELLING.filter(file => UNRELEASED.test(textOf(file)))
  if (files.length === 0) return
  throw new OperatorError(
    `Cannot release "${tag}": it says that it is not released yet in ${files.join(', ')}`,
    'Take these sentences away.',
  )
}

/** What holds between releases, too. */
export function checkSources(): { readonly date: string | null } {
  const wrong = disagreements(VERSION, textOf)
  if (wrong.length === 0) return releaseNotes(textOf('CHANGELOG.md'), VERSION)
  throw new OperatorError(
    `Cannot release ${VERSION}: ${wrong.join('; ')}`,
    'Say the same version everywhere; npm run manifests writes three of these files.',
  )
}

function textOf(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8')
}
