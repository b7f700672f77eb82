import { LabConfig } from '../config/lab.ts'

/**
 * How a lab is asked for. The folder holds everything of it; `imageDir` the built images. Fields of the lab's
 * configuration that are left out have their defaults.
 */
export type LabUpOptions = { readonly [Field in keyof LabConfig]?: LabConfig[Field] | undefined } & {
  readonly labDir: string
  readonly imageDir: string
  /** The server's state; without it `state` in the lab's folder. */
  readonly stateDir?: string | undefined
  /** More words for the server's command line. */
  readonly serverArgs?: readonly string[] | undefined
  /** The whole command of the server in place of this clone's `godwit serve`. */
  readonly serverArgv?: readonly string[] | undefined
  /** Stops a start that is under way. */
  readonly signal: AbortSignal
  /** Told what is being done, in a few words each time. */
  readonly onProgress: (text: string) => void
}

/** The fields of `options` that are set, without those that are given as undefined. */
export function configFields(options: LabUpOptions): Partial<LabConfig> {
  const known = Object.keys(LabConfig.shape)
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => known.includes(name) && value !== undefined),
  )
}
