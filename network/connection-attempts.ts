import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net'

/**
 * Of a host with several addresses Node gives each but the last 250 ms, and does not come back to it: with an
 * A and an AAAA record, no IPv6 and a round trip of 400 ms, nothing ever connects. The kernel sends a lost
 * SYN again after one second; two leave time for that, and for a second address within the five that a
 * connection gets.
 */
const ATTEMPT_MS = 2_000

/**
 * For all connections of this process. `NODE_OPTIONS` could do the same, but the kernel gives a handler no
 * environment.
 */
export function giveEachAddressTime(): void {
  setDefaultAutoSelectFamilyAttemptTimeout(ATTEMPT_MS)
}
