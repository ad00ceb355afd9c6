import path from 'node:path'
import { OperatorError } from '../../crash/errors.ts'
import { sha256 } from './checksums.ts'
import type { ImageLayout } from './image-layout.ts'
import { FILE_NAMES, type Release } from './release.ts'
import { runTool, saidWhy } from './tool.ts'

/** What a registry has by that name. */
export async function digestOfPublished(reference: string, env: Release['env']): Promise<string> {
  return (await runTool('crane', ['digest', reference], { env })).trim()
}

/** Throws where another one has that version: people have it, and what they pinned has to stay. */
export async function isImagePublished(
  { image, version, env }: Release,
  { digest }: ImageLayout,
): Promise<boolean> {
  const published = await look('digest', `${image}:${version}`, env)
  return published !== null && isSame(`${image}:${version}`, version, published.trim(), digest)
}

/** By the file in it: Helm writes the time of the push around it. */
export async function isChartPublished({ chart, version, files, env }: Release): Promise<boolean> {
  const published = await look('manifest', `${chart}:${version}`, env)
  if (published === null) return false
  const { layers = [] }: { layers?: readonly { readonly digest: string }[] } = JSON.parse(published)
  const made = `sha256:${await sha256(path.join(files, FILE_NAMES.chart(version)))}`
  return isSame(`${chart}:${version}`, version, layers[0]?.digest ?? 'no chart', made)
}

// In the words of the specification of registries; any other answer is no answer.
const NOT_THERE = /\b(?:MANIFEST_UNKNOWN|NAME_UNKNOWN)\b/

async function look(what: string, reference: string, env: Release['env']): Promise<string | null> {
  try {
    return await runTool('crane', [what, reference], { env, stderr: 'pipe' })
  } catch (thrown) {
    if (saidWhy(thrown, NOT_THERE)) return null
    throw thrown
  }
}

function isSame(reference: string, version: string, published: string, made: string): boolean {
  if (published === made) return true
  throw new OperatorError(
    `Cannot publish "${reference}": ${version} is published as ${published}, and this is ${made}`,
    'Release another version.',
  )
}
