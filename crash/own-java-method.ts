/** Packages that come with a JDK. */
const OF_JDK = /^(?:javax?|jdk|sun|com\.sun)\./

/** Whether a method of Java, by its name with its package, is the program's own, or of a package that it uses. */
export function isOwnJavaMethod(name: string): boolean {
  return !OF_JDK.test(name)
}
