import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { REPOSITORY, type Release } from './release.ts'
import { runTool } from './tool.ts'

/** Makes the release that people see on GitHub, of the tag that is there, with its notes and its files. */
export async function announce({ version, notes, files }: Release, gh = 'gh'): Promise<string> {
  const names = (await readdir(files)).toSorted()
  return await runTool(gh, [
    ...[
      'release',
      'create',
      `v${version}`,
      `--repo=${new URL(REPOSITORY).pathname.slice(1)}`,
      '--verify-tag',
    ],
    ...[`--title=CoreDog ${version}`, `--notes-file=${notes}`],
    ...(version.includes('-') ? ['--prerelease'] : []),
    ...names.map(name => path.join(files, name)),
  ])
}
