import { type BucketRule, type BucketRules, CRASH_TAG } from '../../storage/bucket-rules.ts'
import { BESIDE_CRASHES, type Wanted } from './lifecycle-rules.ts'

const TAG = `${CRASH_TAG.key}=${CRASH_TAG.value}`

/** What is wrong with the rules of the bucket; none: nothing. Pure. */
export function lifecycleFaults(wanted: Wanted, found: BucketRules): readonly string[] {
  const rules = found.rules === 'unknown' ? 'unknown' : found.rules.filter(({ isEnabled }) => isEnabled)
  return [
    ...(wanted.days === null ? [] : crashFaults(wanted.prefix, wanted.days, rules)),
    ...(wanted.days !== null && found.refusesTags
      ? ['the store takes no tags, or the role has no s3:PutObjectTagging: no rule takes what is stored so']
      : []),
    ...(found.keepsVersions === true ? versionFaults(wanted, rules) : []),
  ]
}

type Rules = readonly BucketRule[] | 'unknown'

function crashFaults(prefix: string, days: number, rules: Rules): readonly string[] {
  if (rules === 'unknown') return ['the rules of the bucket cannot be read (s3:GetLifecycleConfiguration)']
  const beside = BESIDE_CRASHES.filter(name => rules.some(rule => takesByAge(rule, prefix + name)))
  return [
    ...tagFaults(
      rules.filter(rule => isForCrashes(rule, prefix)).map(rule => rule.expirationDays),
      days,
    ),
    ...(beside.length === 0 ? [] : [`a rule takes by its age what is no crash: ${beside.join(', ')}`]),
  ]
}

function tagFaults(found: readonly (number | null)[], days: number): readonly string[] {
  if (found.includes(days)) return []
  const [other] = found.filter(age => age !== null && age > 0)
  const instead = other === undefined ? '' : `, but after ${other}`
  return [`no rule takes what is tagged ${TAG} after ${days} days${instead}`]
}

function versionFaults({ prefix, areRemoved }: Wanted, rules: Rules): readonly string[] {
  const keeps = 'the bucket keeps versions, and'
  if (rules === 'unknown')
    return [`${keeps} it is not known whether a rule takes older ones (s3:GetLifecycleConfiguration)`]
  const isTaken = (folder: string) => rules.some(rule => takesVersions(rule, folder))
  if (areRemoved)
    return isTaken(prefix) ? [] : [`${keeps} no rule takes older ones: what is removed or overwritten stays`]
  const left = BESIDE_CRASHES.filter(name => !isTaken(prefix + name))
  return left.length === 0
    ? []
    : [`${keeps} no rule takes older ones of what is overwritten: ${left.join(', ')}`]
}

function isForCrashes({ tags, prefix: ofRule, isBySize }: BucketRule, prefix: string): boolean {
  const [tag, ...more] = tags
  const isOurs = tag?.key === CRASH_TAG.key && tag.value === CRASH_TAG.value && more.length === 0
  return isOurs && !isBySize && prefix.startsWith(ofRule)
}

function takesByAge({ tags, prefix, expirationDays }: BucketRule, folder: string): boolean {
  const meets = folder.startsWith(prefix) || prefix.startsWith(folder)
  return meets && tags.length === 0 && expirationDays !== null
}

function takesVersions({ tags, prefix, isBySize, noncurrentDays }: BucketRule, folder: string): boolean {
  return folder.startsWith(prefix) && tags.length === 0 && !isBySize && noncurrentDays !== null
}
