declare module '@yao-pkg/pkg/lib-es5/sea.js' {
  interface SeaOptions {
    readonly targets: readonly { platform: string; arch: string; nodeRange: string; output: string }[]
    readonly nodePath: string
    readonly seaConfig: {
      readonly assets: Readonly<Record<string, string>>
      readonly execArgv: readonly string[]
      readonly disableExperimentalSEAWarning: boolean
    }
  }
  // CommonJS: its `exports.default` is the default of the default.
  const sea: { default(entry: string, options: SeaOptions): Promise<void> }
  // biome-ignore lint/style/noDefaultExport: it is how pkg exports it
  export default sea
}
