import type { ConfigLayer } from './presets.ts'

/** Lays `upper` over `lower`: objects merge field by field, everything else (lists too) is replaced whole. */
export function mergeLayers(lower: ConfigLayer, upper: ConfigLayer): ConfigLayer {
  const merged: Record<string, unknown> = { ...lower }
  for (const [field, value] of Object.entries(upper)) {
    const below = merged[field]
    merged[field] = isLayer(below) && isLayer(value) ? mergeLayers(below, value) : value
  }
  return merged
}

function isLayer(value: unknown): value is ConfigLayer {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
