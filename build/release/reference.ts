import { runTool } from './tool.ts'

/** A registry of this machine has no TLS. */
export function isPlain(reference: string): boolean {
  return /^(?:localhost|127\.0\.0\.1)[:/]/.test(reference)
}

/** What a registry has by that name. */
export async function digestOf(reference: string): Promise<string> {
  return (await runTool('crane', ['digest', reference])).trim()
}
