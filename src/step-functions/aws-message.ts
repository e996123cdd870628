const arn = String.raw`arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:\d*:[\w+=,.@:/-]{1,300}`;

/** What an operator needs of a message, in words of known shape. */
interface Details {
  /** Who was refused, less the name of the session. */
  readonly principal?: string | undefined;
  /** What was refused, as IAM names it. */
  readonly action?: string | undefined;
  /** What it was refused on, less the name of an execution, which may hold a user's id. */
  readonly resource?: string | undefined;
  /** A message without anything of a call's in it. */
  readonly message?: string | undefined;
}

// As recorded from AWS, and as the SDK writes them.
const shapes: readonly RegExp[] = [
  new RegExp(
    `^User: (?<principal>${arn}) is not authorized to perform: (?<action>[\\w-]{1,40}:\\w{1,60})(?: on resource: (?<resource>${arn}))?`,
  ),
  new RegExp(`^(?:State Machine Does Not Exist|Invalid Arn): '(?<resource>${arn})'`),
  /^(?<message>Signature (?:expired|not yet current): \d{8}T\d{6}Z is (?:now earlier|still later) than \d{8}T\d{6}Z)/,
  /^(?<message>Could not load credentials from any providers)$/,
  /^(?<message>The security token included in the request is (?:invalid|expired))/,
  /^(?<message>STEP_FUNCTIONS_WORKFLOW_ARN is of an Express state machine\.)$/,
];

/**
 * What a log may hold of a message of AWS's about settings, permissions or credentials. Only what
 * has a known shape, as AWS repeats what it refuses: the canonical request of a wrong signature has
 * the session token.
 */
export function detailsOf(message: string): Details {
  for (const shape of shapes) {
    const { principal, action, resource, message: known } = shape.exec(message)?.groups ?? {};
    if (principal || resource || known) {
      return {
        principal: principal?.replace(/(:assumed-role\/[^/]+)\/.*$/, '$1'),
        action,
        resource: resource?.replace(/(:(?:execution|express):[^:]+):.*$/, '$1:*'),
        message: known,
      };
    }
  }
  return {};
}
