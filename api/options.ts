/** What the command line says. */
export interface Options {
  readonly port: number
  readonly metricsPort: number
  readonly certFile: string
  readonly keyFile: string
  readonly configDir: string
  readonly secretsDir: string
  readonly service: string
  readonly secret: string
  readonly apiService: readonly string[]
  readonly detectorPaths: boolean
}
