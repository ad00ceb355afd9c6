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
  if (date !== null) return
  throw new OperatorError(
    `Cannot release "${tag}": CHANGELOG.md does not say when`,
    `Write the day into its section: "## ${VERSION} (YEAR-MONTH-DAY)".`,
  )
}

/** What holds between releases, too. */
export function checkSources(): { readonly date: string | null } {
  const wrong = disagreements(VERSION, textOf)
  if (wrong.length === 0) return releaseNotes(textOf('CHANGELOG.md'), VERSION)
  throw new OperatorError(
    `Cannot release ${VERSION}: ${wrong.join('; ')}`,
    'Say the same version everywhere; npm run manifests writes two of these files.',
  )
}

function textOf(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8')
}
