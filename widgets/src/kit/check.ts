/**
 * What may come from a kernel or out of a stored notebook, described once.
 *
 * A check takes a value of which nothing is known and gives it in its proper form, with the fields
 * that are known and no others, or refuses it in a sentence that names the place. The description
 * is the type, too: `Checked<typeof STATE>` is what the check STATE gives.
 */
export type Check<T> = (value: unknown, where: string) => T;
export type Checked<C> = C extends Check<infer T> ? T : never;

export type Parsed<T> = { ok: true; value: T } | { ok: false; error: string };

type Fields = Readonly<Record<string, Check<unknown>>>;
type Missable<F> = { [K in keyof F]: undefined extends Checked<F[K]> ? K : never }[keyof F];
type Built<F> = { readonly [K in Exclude<keyof F, Missable<F>>]: Checked<F[K]> }
  & { readonly [K in Missable<F>]?: Exclude<Checked<F[K]>, undefined> };

/** What a message holds at most, unless a check says otherwise. */
const MOST_ITEMS = 50_000;
const MOST_LETTERS = 10_000;

class Refusal extends Error {}

export function refuse(where: string, wanted: string, given: unknown): never {
  throw new Refusal(`${where} should be ${wanted}, but is ${describe(given)}.`);
}

/** The value in its proper form, or a sentence on what is wrong with it. */
export function tried<T>(check: Check<T>, value: unknown, where: string): Parsed<T> {
  try {
    return { ok: true, value: check(value, where) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, error: error.message };
    return { ok: false, error: `${where} could not be read.` };
  }
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'string') return `the text "${cut(value, 30)}"`;
  if (typeof value === 'object') return 'an object';
  return cut(String(value), 30);
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}\u2026` : text;
}

export function fields(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse(where, 'an object', value);
  }
  return value as Record<string, unknown>;
}

export const anything: Check<unknown> = value => value;

export const flag: Check<boolean> = (value, where) =>
  typeof value === 'boolean' ? value : refuse(where, 'true or false', value);

export const real: Check<number> = (value, where) =>
  typeof value === 'number' && Number.isFinite(value) ? value : refuse(where, 'a number', value);

/** NaN and infinities come as texts, because JSON has no numbers for them. */
const STRANGE = new Map([['nan', NaN], ['inf', Infinity], ['-inf', -Infinity]]);
export const measured: Check<number> = (value, where) =>
  (typeof value === 'string' ? STRANGE.get(value) : undefined) ?? real(value, where);

export function whole(low = 0, high = Number.MAX_SAFE_INTEGER): Check<number> {
  const wanted = high === Number.MAX_SAFE_INTEGER ? `a whole number from ${low}`
    : `a whole number from ${low} to ${high}`;
  return (value, where) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= low && value <= high
      ? value : refuse(where, wanted, value);
}

export const count = whole();

/** A text; a longer one is cut. */
export function text(most = MOST_LETTERS): Check<string> {
  return (value, where) =>
    typeof value === 'string' ? cut(value, most) : refuse(where, 'a text', value);
}

export function choice<T extends string | number>(...allowed: readonly T[]): Check<T> {
  const wanted = `${allowed.length === 1 ? '' : 'one of '}${allowed.join(', ')}`;
  return (value, where) =>
    allowed.find(each => each === value) ?? refuse(where, wanted, value);
}

export function list<T>(item: Check<T>, most = MOST_ITEMS): Check<readonly T[]> {
  return (value, where) => {
    if (!Array.isArray(value)) return refuse(where, 'a list', value);
    if (value.length > most) return refuse(where, `a list of at most ${most}`, value);
    return value.map((each: unknown, index) => item(each, `${where}[${index}]`));
  };
}

/** A list with a check for each place. */
export function tuple<const C extends readonly Check<unknown>[]>(
  ...items: C
): Check<{ readonly [K in keyof C]: Checked<C[K]> }> {
  return (value, where) => {
    if (!Array.isArray(value) || value.length !== items.length) {
      return refuse(where, `a list of ${items.length}`, value);
    }
    const built = items.map((item, index) => item(value[index], `${where}[${index}]`));
    return built as unknown as { readonly [K in keyof C]: Checked<C[K]> };
  };
}

/** Names of any kind with values of one kind; no name is special, `__proto__` neither. */
export function table<T>(item: Check<T>, most = MOST_ITEMS): Check<Readonly<Record<string, T>>> {
  return (value, where) => {
    const entries = Object.entries(fields(value, where));
    if (entries.length > most) return refuse(where, `an object of at most ${most} fields`, value);
    const built: Record<string, T> = Object.create(null);
    for (const [name, each] of entries) built[name] = item(each, `${where}.${cut(name, 30)}`);
    return built;
  };
}

/** An object with these fields. */
export function record<F extends Fields>(items: F): Check<Built<F>> {
  const known = Object.entries(items);
  return (value, where) => {
    const it = fields(value, where);
    const built: Record<string, unknown> = {};
    for (const [name, item] of known) {
      const each = item(Object.hasOwn(it, name) ? it[name] : undefined, `${where}.${name}`);
      if (each !== undefined) built[name] = each;
    }
    return built as Built<F>;
  };
}

/** An object whose field `tag` says which of these checks is the right one. */
export function variants<T extends string, V extends Fields>(tag: T, kinds: V): Check<
  { [K in keyof V]: Checked<V[K]> & { readonly [name in T]: K } }[keyof V]
> {
  const kind = choice(...Object.keys(kinds));
  return (value, where) => {
    const name = kind(fields(value, where)[tag], `${where}.${tag}`);
    const built = kinds[name]?.(value, where) as object;
    return { ...built, [tag]: name } as ReturnType<ReturnType<typeof variants<T, V>>>;
  };
}

/** Another value where there is none. */
export function otherwise<T, const D>(item: Check<T>, value: D): Check<T | D> {
  return (given, where) => (given === null || given === undefined ? value : item(given, where));
}

export function orNull<T>(item: Check<T>): Check<T | null> {
  return otherwise(item, null);
}

export function optional<T>(item: Check<T>): Check<T | undefined> {
  return (value, where) => (value === undefined ? undefined : item(value, where));
}

/** Of what a check gives, only that for which `fits` holds. */
export function only<T>(item: Check<T>, wanted: string, fits: (given: T) => boolean): Check<T> {
  return (value, where) => {
    const given = item(value, where);
    return fits(given) ? given : refuse(where, wanted, value);
  };
}
