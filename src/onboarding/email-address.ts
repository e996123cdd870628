// No control or format character, surrogate, space of any kind or noncharacter.
const never = String.raw`\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{NChar}`;
// RFC 5322's atext, widened by RFC 6531 to all that is beyond ASCII: quoted parts are not accepted.
const atomCharacter = String.raw`[^${never}<>:,;()[\]\\"@.]`;
// Of ASCII, a label has letters, digits and hyphens (RFC 5321, 4.1.2). IDNA takes the full stops of
// East Asian scripts for dots.
const labelCharacter = String.raw`[^${never}!-,/:-@\[-\x60{-~.\u3002\uff0e\uff61]`;

const atoms = String.raw`${atomCharacter}+(?:\.${atomCharacter}+)*`;
const label = `(?!-)${labelCharacter}+(?<!-)`;
const labels = String.raw`${label}(?:[.\u3002\uff0e\uff61]${label})*`;

/**
 * An e-mail address, internationalised or not (RFC 6531): atoms with dots between them, `@`, and
 * labels with dots between them; at most 64 and 255 characters.
 */
export const emailAddress = new RegExp(`^(?=[^@]{1,64}@[^@]{1,255}$)${atoms}@${labels}$`, 'u');
