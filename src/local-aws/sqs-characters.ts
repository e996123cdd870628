/** SQS accepts the characters of XML 1.0, which include those beyond U+FFFF, such as emoji. */
const invalid = /[[\p{Cc}--[\t\n\r\u007F-\u009F]]\p{Cs}\uFFFE\uFFFF]/v;

/**
 * Makes fauxqs, which refuses characters beyond U+FFFF, accept the characters that SQS accepts:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 *
 * All operations of fauxqs share one regular expression, which is recompiled in place.
 *
 * @throws {Error} if fauxqs no longer has that regular expression
 */
export async function allowAllCharacters(): Promise<void> {
  const module = new URL('../../node_modules/fauxqs/dist/sqs/sqsTypes.js', import.meta.url);
  const { INVALID_MESSAGE_BODY_CHAR: check } = await import(module.href);
  if (!(check instanceof RegExp))
    throw new Error('fauxqs no longer has INVALID_MESSAGE_BODY_CHAR.');
  check.compile(invalid.source, invalid.flags);
}
