import type { Reindexed } from '../../crash-index/reindexed.ts'
import { plain } from '../../untrusted/plain-text.ts'

/** How far it came. */
export function sentence({ looked, added, known, foreign, unread }: Reindexed): string {
  const others = foreign === 0 ? '' : `, ${foreign} of another cluster left alone`
  const broken = unread === 0 ? '' : `, ${unread} left alone whose report cannot be read`
  return `${looked} crashes: ${added} put into the index, ${known} were there${others}${broken}`
}

/** What a person has to know of it beside that, and do, and the exit code. `cluster`: ours; empty: not known. */
export function verdict(
  { foreign, unread, clusters, unreadFolders }: Reindexed,
  { cluster, isWhole }: { readonly cluster: string; readonly isWhole: boolean },
): { readonly lines: readonly string[]; readonly exitCode: number } {
  const lines = [
    ...(foreign === 0 ? [] : cluster === '' ? ofNoCluster(foreign, clusters) : ofOthers(clusters)),
    ...(unread === 0 ? [] : ofUnread(unreadFolders)),
    ...(isWhole ? [] : ['Ended before all were looked at: the same command goes on.']),
  ]
  const isHonest = unread === 0 && (foreign === 0 || cluster !== '')
  return { lines, exitCode: isWhole ? (isHonest ? 0 : 1) : 130 }
}

function ofNoCluster(foreign: number, clusters: readonly string[]): readonly string[] {
  return [
    `No cluster is known here, and of ${foreign} crashes the report names one: they are not in the index.`,
    ...commands(clusters),
  ]
}

/** A stranger may have written the name: nothing that means more than itself to a shell is to be copied. */
function commands(clusters: readonly string[]): readonly string[] {
  const typed = clusters.filter(name => /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(name))
  if (typed.length === 0)
    return [`Say which is yours: the same command with --cluster. ${ofOthers(clusters)}`]
  return ['If one of them is yours, call the same command with', ...typed.map(name => `  --cluster=${name}`)]
}

function ofOthers(clusters: readonly string[]): readonly string[] {
  return [`Reports, or the index, name ${clusters.map(name => `"${plain(name, 63)}"`).join(', ')}.`]
}

function ofUnread(folders: readonly string[]): readonly string[] {
  return [
    'Not one of our reports, so nothing says whose it is:',
    ...folders.map(folder => `  ${folder}/report.json`),
  ]
}
