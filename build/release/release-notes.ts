import { OperatorError } from '../../crash/errors.ts'

/** What CHANGELOG.md says of one version. */
export interface ReleaseNotes {
  /** `null`: not released yet. */
  readonly date: string | null
  readonly text: string
}

const DATE = /^\d{4}-\d{2}-\d{2}$/

/** Of the section `## 0.1.0 (2026-12-01)`. */
export function releaseNotes(changelog: string, version: string): ReleaseNotes {
  const section = changelog.split(/^## /m).find(text => text.split(/\s/, 1)[0] === version)
  const [heading = '', ...lines] = (section ?? '').split('\n')
  const text = lines.join('\n').trim()
  if (text === '')
    throw new OperatorError(
      `Cannot tell what is new in ${version}: CHANGELOG.md has no section of it, or an empty one`,
      `Write a section "## ${version} (YEAR-MONTH-DAY)".`,
    )
  const said = heading.slice(heading.indexOf('(') + 1, -1)
  return { date: DATE.test(said) ? said : null, text: `${text}\n` }
}

// A longer text is refused by GitHub.
const MOST_CHARACTERS = 125_000

/** As they are told beside the files: links within the repository lead to this very version. */
export function notesForPeople(
  { text }: ReleaseNotes,
  at: { readonly repository: string; readonly tag: string },
): string {
  const told = text.replace(/\]\((?!https?:|#)([^)\s]+)\)/g, `](${at.repository}/blob/${at.tag}/$1)`)
  if (told.length <= MOST_CHARACTERS) return told
  const cut = told.slice(0, told.lastIndexOf('\n', MOST_CHARACTERS - 200))
  return `${cut}\n\nMore is in [CHANGELOG.md](${at.repository}/blob/${at.tag}/CHANGELOG.md).\n`
}
