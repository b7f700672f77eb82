/** One process of known size. `program` is the name of its jar; `seconds` processor time of each thread. */
export type JobSize = {
  readonly program: string
  readonly heapMiB: number
  readonly touchMiB: number
  readonly threads: number
  readonly seconds: number
}
