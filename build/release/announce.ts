import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { REPOSITORY } from '../repository.ts'
import type { Release } from './release.ts'
import { runTool, saidWhy } from './tool.ts'

/** The release that people see on GitHub, of the tag that is there, with its notes and its files. */
export async function announce(release: Release, gh = 'gh'): Promise<string> {
  const { version, files } = release
  const names = (await readdir(files)).toSorted()
  const paths = names.map(name => path.join(files, name))
  const of = (verb: string) => ['release', verb, `v${version}`, REPO]
  if (!(await isThere(gh, of('view'))))
    return await runTool(gh, [...of('create'), '--verify-tag', ...aboutOf(release), ...paths])
  // An earlier run of this step, that did not come to its end, may have left it a draft, or without some files.
  await runTool(gh, [...of('upload'), '--clobber', ...paths])
  return await runTool(gh, [...of('edit'), '--draft=false', ...aboutOf(release)])
}

const REPO = `--repo=${new URL(REPOSITORY).pathname.slice(1)}`

function aboutOf({ version, notes }: Release): string[] {
  const before = version.includes('-') ? ['--prerelease'] : []
  return [`--title=CoreDog ${version}`, `--notes-file=${notes}`, ...before]
}

async function isThere(gh: string, args: readonly string[]): Promise<boolean> {
  try {
    await runTool(gh, args, { stderr: 'pipe' })
    return true
  } catch (thrown) {
    if (saidWhy(thrown, /release not found/)) return false
    throw thrown
  }
}
