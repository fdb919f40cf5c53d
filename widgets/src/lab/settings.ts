/** The titles and descriptions of settings, in the user's language. */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';

type Schema = ISettingRegistry.ISchema;
type Property = ISettingRegistry.IProperty;

const ICON_LABEL = 'jupyter.lab.setting-icon-label';

/**
 * JupyterLab's server looks for them in its own language packs only. Its contexts are kept, so that
 * one catalogue serves both.
 */
export function translateSettings(
  registry: ISettingRegistry | null,
  plugin: string,
  trans: TranslationBundle
): void {
  registry?.transform(plugin, {
    fetch: fetched => ({ ...fetched, schema: translated(fetched.schema, trans) })
  });
}

export function translated(schema: Schema, trans: Pick<TranslationBundle, '_p'>): Schema {
  const named = <T extends Schema | Property>(it: T, context: string): T => {
    const words = Object.entries({ title: context, description: context, [ICON_LABEL]: 'settings' })
      .map(([name, where]) => [name, it[name], where])
      .filter(([, text]) => typeof text === 'string')
      .map(([name, text, where]) => [name, trans._p(String(where), String(text))]);
    return { ...it, ...Object.fromEntries(words) };
  };
  const properties = Object.entries(schema.properties ?? {}).map(
    ([name, property]) => [name, named(property, 'settings')] as const
  );
  return { ...named(schema, 'schema'), properties: Object.fromEntries(properties) };
}
