import type { Config, Dump } from '../config/config.ts'
import { DUMPS } from '../config/dumps.ts'
import { ANNOTATIONS } from '../crash/annotations.ts'
import type { Capture } from './capture.ts'

/**
 * How much of its core is kept: as the pod has it by its annotation, or else the node, and no more than the operator
 * allows. An annotation that says nothing of the kind is none.
 */
export function dumpOf({ identity }: Pick<Capture, 'identity'>, { collect }: Pick<Config, 'collect'>): Dump {
  const annotation =
    identity?.kind === 'container' ? identity.pod?.annotations?.[ANNOTATIONS.dump] : undefined
  const wish = DUMPS.find(dump => dump === annotation) ?? collect.dump
  return DUMPS.indexOf(wish) < DUMPS.indexOf(collect.dumpCeiling) ? wish : collect.dumpCeiling
}
