import { composer } from './composer.ts'
import { type Absent, type Contestant, isAbsent, type Offer, type Place } from './contestant.ts'
import { OURS } from './ours.ts'
import { shellHelper } from './shell-helper.ts'
import { systemdCoredump } from './systemd-coredump.ts'
import { LIMIT, TOOLS } from './tools.ts'

/** Everybody, in the order in which they take their turns. */
export const OFFERS: readonly Offer[] = [...TOOLS, shellHelper, systemdCoredump, composer, ...OURS]

export interface Present {
  readonly contestants: readonly Contestant[]
  readonly absent: readonly Absent[]
}

/** Of those whom `isAsked` names, who can take part here. */
export async function present(isAsked: (name: string) => boolean, place: Place): Promise<Present> {
  const answers: (Contestant | Absent)[] = []
  for (const offer of OFFERS) answers.push(await offer(place))
  const asked = answers.filter(({ name }) => isAsked(name))
  return {
    contestants: asked.flatMap(one => (isAbsent(one) ? [] : [one])),
    absent: asked.filter(isAbsent),
  }
}

/** By a part of the name, as the option `--only` has it. The limit is always asked. */
export function isAmong(only: readonly string[]): (name: string) => boolean {
  return name => only.length === 0 || name === LIMIT || only.some(part => name.includes(part))
}
