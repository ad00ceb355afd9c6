import { OperatorError } from '../../crash/errors.ts'

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
