import { plain } from '../untrusted/plain-text.ts'

const LONGEST_IMAGE = 80

/** Without registry, folders and digest: those are in the report. */
export function shownImage(image: string): string {
  const [name = ''] = image.slice(image.lastIndexOf('/') + 1).split('@', 1)
  return plain(name, LONGEST_IMAGE)
}
