import { debianFiles } from '../../build/debian/package-files.ts'
import { type FileSource, THIS_MACHINE } from '../../build/file-source.ts'
import { ownArchitecture } from '../../build/node-binary.ts'
import { OperatorError } from '../../crash/errors.ts'

/** As the image has them; where apt does not offer the pinned packages, as on Ubuntu, this machine's. */
export async function imageLibraries(): Promise<FileSource> {
  try {
    return await debianFiles(ownArchitecture())
  } catch (cause) {
    if (cause instanceof OperatorError) return THIS_MACHINE
    throw cause
  }
}
