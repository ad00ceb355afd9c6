import type { PartedUpload } from './parted-object.ts'

/** As `begin`, but rejects once `overdue` is aborted; an upload that begins later is aborted. */
export async function inTime(
  begin: () => Promise<PartedUpload>,
  overdue: AbortSignal,
): Promise<PartedUpload> {
  if (overdue.aborted) throw tooSlow()
  const late = Promise.withResolvers<never>()
  const onOverdue = () => late.reject(tooSlow())
  overdue.addEventListener('abort', onOverdue)
  const beginning = begin()
  try {
    return await Promise.race([beginning, late.promise])
  } catch (cause) {
    // If this fails as well, the installer finds it by its age.
    beginning.then(upload => upload.abort()).catch(() => undefined)
    throw cause
  } finally {
    overdue.removeEventListener('abort', onOverdue)
  }
}

/** Why the rest goes to the spill once the store has had time enough. */
export function tooSlow(): Error {
  return new Error('the store takes too long')
}
