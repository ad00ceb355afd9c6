import { execFileSync } from 'node:child_process'
import { ROOT } from '../build/bundle.ts'
import { OperatorError } from '../crash/errors.ts'

// What the benchmark itself writes.
const PAGES = ['performance.md', 'fleet.md'].flatMap(page => [`docs/${page}`, `docs/zh-CN/${page}`])
const OWN = [...PAGES, 'docs/performance.svg']

/** Which sources are measured, as a short commit id; throws if what is measured is not what was committed. */
export function measuredCommit(): string {
  const changed = changedFiles(git('status', '--porcelain', '-z'))
  if (changed.length === 0) return git('rev-parse', '--short=10', 'HEAD').trim()
  throw new OperatorError(
    `Cannot write results of no commit: ${changed.slice(0, 3).join(', ')} changed since the last one`,
    'Commit first; without --write the tables are only shown.',
  )
}

/** Of what `git status --porcelain -z` says, without what the benchmark itself writes. */
export function changedFiles(status: string): readonly string[] {
  return status
    .split('\0')
    .filter(entry => /^.. /.test(entry))
    .map(entry => entry.slice(3))
    .filter(file => !OWN.includes(file))
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' })
}
