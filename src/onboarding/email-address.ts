// Control and format characters, surrogates, any kind of space, and noncharacters.
const excluded = String.raw`\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{NChar}`;
// RFC 5322's atext, extended by RFC 6531 to all characters beyond ASCII. Quoted parts are refused.
const atomCharacter = String.raw`[^${excluded}<>:,;()[\]\\"@.]`;
// The ASCII characters of a label are letters, digits and hyphens (RFC 5321, 4.1.2). IDNA treats the
// full stops of East Asian scripts as dots.
const labelCharacter = String.raw`[^${excluded}!-,/:-@\[-\x60{-~.\u3002\uff0e\uff61]`;

const atoms = String.raw`${atomCharacter}+(?:\.${atomCharacter}+)*`;
const label = `(?!-)${labelCharacter}+(?<!-)`;
const labels = String.raw`${label}(?:[.\u3002\uff0e\uff61]${label})*`;

/**
 * Matches an e-mail address, including internationalised ones (RFC 6531): atoms separated by dots,
 * at most 64 characters; then `@`; then labels separated by dots, at most 255 characters.
 */
export const emailAddress = new RegExp(`^(?=[^@]{1,64}@[^@]{1,255}$)${atoms}@${labels}$`, 'u');
