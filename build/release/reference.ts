/** A registry of this machine has no TLS. */
export function isPlain(reference: string): boolean {
  return /^(?:localhost|127\.0\.0\.1)[:/]/.test(reference)
}
