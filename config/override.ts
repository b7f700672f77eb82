import * as z from 'zod'

/**
 * The fields of `schema`, none demanded and none with a default: what may be laid over a whole value. Unknown fields
 * are problems here as there.
 */
export function overrideOf<T extends z.ZodObject>(schema: T): z.ZodType<Partial<z.output<T>>> {
  const fields = Object.entries(schema.shape).map(([name, field]) => {
    const bare = field instanceof z.ZodDefault || field instanceof z.ZodPrefault ? field.unwrap() : field
    return [name, z.optional(bare)] as const
  })
  return z.strictObject(Object.fromEntries(fields)) as unknown as z.ZodType<Partial<z.output<T>>>
}
