import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { OperatorError } from '../../crash/errors.ts'
import { FILE_NAMES, type Release } from './release.ts'

const OURS = /(?<=^ *(?:- )?image: )ghcr\.io\/coredog\/coredog:\S+$/gm

/** A manifest whose image is this very one: nobody who can write to the registry can put another into its place. */
export function pinImage(manifest: string, reference: string): string {
  const pinned = manifest.replace(OURS, reference)
  if (pinned !== manifest) return pinned
  throw new OperatorError(
    'Cannot pin the image of a manifest: it names none of ours',
    'Run npm run manifests.',
  )
}

/** The images that a manifest names. */
export function imagesOf(manifest: string): string[] {
  return [...new Set([...manifest.matchAll(/^ *(?:- )?image: (\S+)$/gm)].map(([, name = '']) => name))]
}

/** Throws unless the manifests of a release run this very image of it, and no other. */
export async function assertPinned({ files, image, version }: Release, digest: string): Promise<void> {
  const should = `${image}:${version}@${digest}`
  for (const name of FILE_NAMES.manifests) {
    const images = imagesOf(await readFile(path.join(files, name), 'utf8')).join(' and ')
    if (images !== should)
      throw new OperatorError(
        `Cannot trust ${name}: its image is ${images}, and not ${should}`,
        'Make the files of this release: npm run release -- make.',
      )
  }
}
