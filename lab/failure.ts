/** Why the lab could not do what it was asked. */
export type LabFailureKind =
  | 'aborted'
  | 'already-up'
  | 'bad-config'
  | 'control-failed'
  | 'firmware-missing'
  | 'machine-failed'
  | 'machine-unknown'
  | 'namespace-denied'
  | 'network-failed'
  | 'not-up'
  | 'path-too-long'
  | 'program-missing'
  | 'server-failed'
  | 'still-running'
  | 'supervisor-failed'
  | 'tun-denied'

/** A "no" of the lab for people: `message` is the cause and the next step, in two sentences. */
export class LabFailure extends Error {
  override readonly name = 'LabFailure'
  readonly kind: LabFailureKind

  /** `cause` and `nextStep` are sentences without their full stops. */
  constructor(kind: LabFailureKind, cause: string, nextStep: string) {
    super(`${cause}. ${nextStep}.`)
    this.kind = kind
  }
}
