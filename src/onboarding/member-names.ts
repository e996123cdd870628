import type { z } from 'zod';
import { isObject, type Member, type Members, membersOf } from './members.ts';

/** An object has two spellings of one member, so it is unclear which one is meant. */
export class AmbiguousMember extends Error {
  override readonly name = 'AmbiguousMember';
  readonly path: string;

  constructor(path: string) {
    super(`${path} occurs in more than one spelling.`);
    this.path = path;
  }
}

/** The name of an additional member is not allowed; `message` says why. */
export class InvalidMemberName extends Error {
  override readonly name = 'InvalidMemberName';
  /** Path of the object that contains the member. */
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

/** Limit for the names of additional members, in characters (code points). */
export const maximumNameLength = 128;

interface Spellings {
  /** Keyed by exact name, which most callers use, and by folded name, which any spelling folds to. */
  readonly known: ReadonlyMap<string, Member & { readonly spellings: Spellings | undefined }>;
  readonly isOpen: boolean;
}

/**
 * Returns a function that renames the members of a request to the names in the schema, whatever
 * their case: `User.UserId`, `user.user_id` and `USER.USERID` all become `user.userId`. It drops
 * members that the schema does not name, as ASP.NET does. Where the schema allows additional members
 * (`catchall`), it keeps them and their names. Values that are not objects stay as they are, for the
 * schema to refuse.
 *
 * @throws {AmbiguousMember} (the returned function)
 * @throws {InvalidMemberName} (the returned function) the name of an additional member does not have
 *   1 to 128 well-formed characters, or is `__proto__`
 */
export function memberNameNormaliser(schema: z.ZodObject): (body: unknown) => unknown {
  const spellings = spellingsOf(membersOf(schema));
  return (body) => normalise(body, spellings, '');
}

function spellingsOf({ known, isOpen }: Members): Spellings {
  const entries = known.flatMap((member) => {
    const spellings = member.members && spellingsOf(member.members);
    return [member.name, fold(member.name)].map(
      (name) => [name, { ...member, spellings }] as const,
    );
  });
  return { known: new Map(entries), isOpen };
}

function fold(name: string): string {
  return name.replaceAll(/[_-]/g, '').toLowerCase();
}

function normalise(value: unknown, { known, isOpen }: Spellings, path: string): unknown {
  if (!isObject(value)) return value;
  const normalised: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const member = known.get(name) ?? known.get(fold(name));
    if (member) {
      const memberPath = path + member.name;
      if (Object.hasOwn(normalised, member.name)) throw new AmbiguousMember(memberPath);
      normalised[member.name] = member.spellings
        ? normalise(value[name], member.spellings, `${memberPath}.`)
        : value[name];
    } else if (isOpen) {
      const message = nameError(name);
      if (message) throw new InvalidMemberName(path.slice(0, -1), message);
      normalised[name] = value[name];
    }
  }
  return normalised;
}

function nameError(name: string): string | undefined {
  if (name === '') return 'Names must not be empty';
  if (!name.isWellFormed()) return 'Names must be well-formed Unicode';
  // Assigning to this name would set the object's prototype.
  if (name === '__proto__') return 'The name __proto__ is not allowed';
  const isShort = name.length <= maximumNameLength || [...name].length <= maximumNameLength;
  return isShort ? undefined : `Names must be at most ${maximumNameLength} characters`;
}
