import camelCase from 'camelcase';
import { InvalidRequest } from '../http/validation.ts';

/** Two spellings of one member stand in one object, so that nobody can say which one is meant. */
export class AmbiguousMember extends Error {
  override readonly name = 'AmbiguousMember';
  readonly path: string;

  constructor(path: string) {
    super(`${path} is there in more than one spelling.`);
    this.path = path;
  }
}

type Members = Readonly<Record<string, unknown>>;

const requestMembers = bySpelling('user');
const userMembers = bySpelling('userId', 'email', 'name', 'signupDate', 'source', 'metadata');
const metadataMembers = bySpelling('referralCode', 'country');

/**
 * Gives every member the name that the workflow reads, however its case was written: `User.UserId`,
 * `user.user_id` and `USER.USERID` are all `user.userId`. Outside `metadata`, members that the
 * request does not know are dropped, as ASP.NET drops them. Anything that is not an object is left
 * to the schema to refuse.
 *
 * @throws {AmbiguousMember}
 * @throws {InvalidRequest} a name in `metadata` is longer than 128 characters, or not well-formed
 */
export function normaliseMemberNames(body: unknown): unknown {
  if (!isObject(body)) return body;
  const request = rename(body, requestMembers, '');
  if (!isObject(request.user)) return request;
  const user = rename(request.user, userMembers, 'user.');
  if (!isObject(user.metadata)) return { user };
  const metadata = rename(user.metadata, metadataMembers, 'user.metadata.', furtherName);
  return { user: { ...user, metadata } };
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// camelCase takes time by the square of the length: a minute and more for a name of a megabyte.
const maximumNameLength = 128;

function furtherName(name: string): string {
  if (name.length > maximumNameLength) {
    throw invalidName(`Names must be at most ${maximumNameLength} characters`);
  }
  if (!name.isWellFormed()) throw invalidName('Names must be well-formed Unicode');
  // Without a locale: the same request gives the same bytes on a machine that speaks Turkish.
  return camelCase(name, { locale: false });
}

function invalidName(message: string): InvalidRequest {
  return new InvalidRequest([{ path: 'user.metadata', message }]);
}

function rename(
  members: Members,
  known: ReadonlyMap<string, string>,
  path: string,
  nameOfOther?: (name: string) => string,
): Members {
  const renamed = new Map<string, unknown>();
  for (const [name, value] of Object.entries(members)) {
    const meant = known.get(name) ?? known.get(fold(name)) ?? nameOfOther?.(name);
    if (meant === undefined) continue;
    if (renamed.has(meant)) throw new AmbiguousMember(path + meant);
    renamed.set(meant, value);
  }
  return Object.fromEntries(renamed);
}

/** Names by themselves, which is how most callers write them, and by what any spelling folds to. */
function bySpelling(...names: string[]): ReadonlyMap<string, string> {
  return new Map(names.flatMap((name) => [[name, name] as const, [fold(name), name] as const]));
}

function fold(name: string): string {
  return name.replaceAll(/[_-]/g, '').toLowerCase();
}
