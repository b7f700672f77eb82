import { ImageRecipe } from '../config/image-recipe.ts'
import { type ConfigProblem, loadConfig } from '../config/load.ts'

/** A checked recipe, or everything that is wrong with it. */
export type ParsedRecipe =
  | { readonly kind: 'recipe'; readonly recipe: ImageRecipe }
  | { readonly kind: 'invalid'; readonly problems: readonly ConfigProblem[] }

/** Reads a recipe from YAML; `name` is the file's name for messages. */
export function parseRecipe(text: string, name: string): ParsedRecipe {
  const loaded = loadConfig(ImageRecipe, { file: { name, text } })
  return loaded.kind === 'config' ? { kind: 'recipe', recipe: loaded.config } : loaded
}
