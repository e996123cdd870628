import type { z } from 'zod';
import { isObject, type Member, type Members, membersOf } from './members.ts';

/** An object has two spellings of one member, so that nobody can say which one is meant. */
export class AmbiguousMember extends Error {
  override readonly name = 'AmbiguousMember';
  readonly path: string;

  constructor(path: string) {
    super(`${path} is there in more than one spelling.`);
    this.path = path;
  }
}

/** A name that is kept as it was sent, and cannot be; `message` says why. */
export class InvalidMemberName extends Error {
  override readonly name = 'InvalidMemberName';
  /** The object that has it. */
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

/** Of a name that the schema does not have, in characters (code points). */
export const maximumNameLength = 128;

interface Spellings {
  /** By their names, which is how most callers write them, and by what any spelling folds to. */
  readonly known: ReadonlyMap<string, Member & { readonly spellings: Spellings | undefined }>;
  readonly isOpen: boolean;
}

/**
 * Makes the function that gives every member of a request the name that the schema has, whatever
 * its case: `User.UserId`, `user.user_id` and `USER.USERID` are all `user.userId`. Other members are
 * dropped, as ASP.NET drops them, except where the schema takes any (`catchall`): there they keep
 * their names. Anything that is not an object is left for the schema to refuse.
 *
 * The function throws {@link AmbiguousMember}, and {@link InvalidMemberName} for a name that is kept and
 * has not 1 to 128 well-formed characters.
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
      const message = refusalOf(name);
      if (message) throw new InvalidMemberName(path.slice(0, -1), message);
      normalised[name] = value[name];
    }
  }
  return normalised;
}

function refusalOf(name: string): string | undefined {
  if (name === '') return 'Names must not be empty';
  if (!name.isWellFormed()) return 'Names must be well-formed Unicode';
  // Assigning to this name would change the object's prototype instead.
  if (name === '__proto__') return 'The name __proto__ is not allowed';
  const isShort = name.length <= maximumNameLength || [...name].length <= maximumNameLength;
  return isShort ? undefined : `Names must be at most ${maximumNameLength} characters`;
}
