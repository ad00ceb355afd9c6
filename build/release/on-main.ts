import { execa } from 'execa'
import { OperatorError } from '../../crash/errors.ts'

/** Throws unless what is checked out in `folder` is of main: a tag can be put on anything. */
export async function assertOnMain(folder: string): Promise<void> {
  const args = ['merge-base', '--is-ancestor', 'HEAD', 'origin/main']
  const { exitCode } = await execa('git', args, { cwd: folder, reject: false })
  if (exitCode === 0) return
  if (exitCode === 1)
    throw new OperatorError(
      'Cannot release this commit: it is not on origin/main',
      'Merge it, and put the tag on main.',
    )
  throw new OperatorError(
    'Cannot tell whether this commit is on main: git knows no origin/main here',
    'Run git fetch origin main:refs/remotes/origin/main.',
  )
}
