import type { Plan, PlannedCrash } from './plan.ts'
import { Random } from './random.ts'

/** So many crashes at the same moment, and all is well but for that. */
export function batchOf(count: number, seed: string): Plan {
  return {
    ...calm(`storm-${seed}`),
    again: `--burst=${count}`,
    crashes: crashes(count, 0, new Random(`${seed}/storm`)),
  }
}

/** A store that refuses for as long as crashes come, one after the other. */
export function outageOf(count: number, seed: string): Plan {
  return {
    ...calm(`outage-${seed}`),
    again: `--outage=${count}`,
    crashes: crashes(count, 300, new Random(`${seed}/outage`)),
    storeFaults: [
      { kind: 'store refuses connections', on: 'any', after: 0, times: null, slowMilliseconds: 0 },
    ],
    finisherFromStart: true,
  }
}

function crashes(count: number, apartMilliseconds: number, random: Random): readonly PlannedCrash[] {
  return Array.from({ length: count }, (_, at) => ({
    comm: `many${at}x`,
    memoryBytes: random.whole(4096, 512 * 1024),
    cutAt: null,
    pauseMilliseconds: 0,
    startsAfterMilliseconds: at * apartMilliseconds,
    kill: null,
  }))
}

function calm(name: string): Omit<Plan, 'crashes' | 'again'> {
  return {
    name,
    storeFaults: [],
    hangingStore: null,
    channelFault: null,
    finisherKills: [],
    finisherFromStart: false,
    lingerMilliseconds: 0,
    disk: { kind: 'roomy' },
    lending: { readAhead: 'auto', isTakenAway: false },
    salvageBytes: 0,
    wrongCredentials: false,
    clockAheadSeconds: 0,
    patienceSeconds: 0,
    maxHoldSeconds: 0,
    concurrency: 4,
    placesAreHeld: false,
    compression: 'gzip',
    storeDir: name,
  }
}
