/** All characters of XML 1.0, which SQS takes; those beyond U+FFFF are among them, such as emoji. */
const invalid = /[[\p{Cc}--[\t\n\r\u007F-\u009F]]\p{Cs}\uFFFE\uFFFF]/v;

/**
 * Makes fauxqs, which refuses characters beyond U+FFFF, check messages as SQS does:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 *
 * Its check is one regular expression that all its operations share, so that one is replaced in place.
 *
 * @throws {Error} where fauxqs has no such expression any more
 */
export async function allowAllCharacters(): Promise<void> {
  const module = new URL('../../node_modules/fauxqs/dist/sqs/sqsTypes.js', import.meta.url);
  const { INVALID_MESSAGE_BODY_CHAR: check } = await import(module.href);
  if (!(check instanceof RegExp)) throw new Error('fauxqs checks messages in another way now.');
  check.compile(invalid.source, invalid.flags);
}
