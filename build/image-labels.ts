import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { ROOT } from './bundle.ts'
import { REPOSITORY } from './repository.ts'
import { type Revision, readRevision } from './revision.ts'

const AUTHORS = 'The CoreDog authors'

/** As the image specification names them. */
export async function imageLabels(): Promise<Record<string, string>> {
  const about = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8'))
  return labelsOf(about, await readRevision(ROOT))
}

interface About {
  readonly description: string
  readonly license: string
  readonly version: string
}

export function labelsOf(
  { description, license, version }: About,
  revision: Revision,
): Record<string, string> {
  const { commit, date } = revision
  const labels = {
    title: 'CoreDog',
    ...{ description, licenses: license, version },
    ...{ authors: AUTHORS, vendor: AUTHORS },
    ...{ url: REPOSITORY, source: REPOSITORY, documentation: `${REPOSITORY}/tree/v${version}/docs` },
    ...(commit !== null && { revision: commit }),
    ...(date !== null && { created: date }),
  }
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [`org.opencontainers.image.${name}`, value]),
  )
}
