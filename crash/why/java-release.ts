/** `JAVA_VERSION="17.0.15"`, as the file `release` of a JDK has it: what `java.version` says. `null`: it has none. */
export function javaVersionIn(release: string): string | null {
  return /^JAVA_VERSION="(\d[\w.+-]{0,30})"\r?$/m.exec(release)?.[1] ?? null
}
