import { execa } from 'execa'

/** Of which source something is built. */
export interface Revision {
  /** `null`: not known, as in an archive of the source. With `-modified` if files are not as they were committed. */
  readonly commit: string | null
  /** In RFC 3339, the same whoever builds it and whenever. */
  readonly date: string | null
}

/** What git says of `folder`. SOURCE_DATE_EPOCH, in seconds, goes before the time of the commit. */
export async function readRevision(folder: string, environment = process.env): Promise<Revision> {
  const head = await git(folder, ['rev-parse', 'HEAD'])
  const changed = await git(folder, ['status', '--porcelain', '--untracked-files=no'])
  const seconds = environment.SOURCE_DATE_EPOCH ?? (await git(folder, ['log', '-1', '--format=%ct']))
  return {
    commit: head === null ? null : `${head}${changed === '' ? '' : '-modified'}`,
    date: dateOf(seconds),
  }
}

function dateOf(seconds: string | null): string | null {
  if (seconds === null) return null
  if (!/^\d{1,11}$/.test(seconds))
    throw new Error(`SOURCE_DATE_EPOCH: "${seconds}" is not a number of seconds`)
  return new Date(Number(seconds) * 1000).toISOString().replace('.000', '')
}

/** `null` without git, or where there is no repository. */
async function git(folder: string, args: readonly string[]): Promise<string | null> {
  const { stdout, failed } = await execa('git', args, { cwd: folder, reject: false })
  return failed ? null : stdout
}
