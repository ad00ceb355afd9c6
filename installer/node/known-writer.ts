// Container-Optimized OS: every core is thrown away.
const THROWS_AWAY = /^\|\S*\/(?:false|true)\b/

/** Programs that set core_pattern, by a part of it that only they write. */
const KNOWN: readonly (readonly [RegExp, string])[] = [
  [/^\|\S*\/systemd-coredump\b/, 'systemd-coredump'],
  [/^\|\S*\/apport\b/, 'apport'],
  [/^\|\S*\/abrt-hook-ccpp\b/, 'ABRT'],
  [/^\|\S*\/(?:core-dump-composer|cdc)\b/, 'IBM core-dump-handler'],
  [/^\|\S*\/kcdt\b/, 'coredump-node-detector'],
  [/^\|\S*\/rcoredump\b/, 'rcoredump'],
  [THROWS_AWAY, 'a setting that throws every core away'],
  [/^\/corefile\/core\.%e\.%p\.%h\.%t$/, 'a setting for the original CoreDog (look into /etc/sysctl.conf)'],
  [/^@/, 'a program behind a coredump socket'],
]

/** The program that, as far as can be told, wrote `pattern`. */
export function writerOf(pattern: string): string {
  const known = KNOWN.find(([sign]) => sign.test(pattern))
  if (known !== undefined) return known[1]
  return pattern.startsWith('|')
    ? `the program ${pattern.slice(1).split(' ')[0]}`
    : 'a setting that writes files'
}

/** Whether no core was kept anywhere with `pattern`. */
export function throwsAway(pattern: string): boolean {
  return pattern === '' || THROWS_AWAY.test(pattern)
}
