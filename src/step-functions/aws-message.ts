const arn = String.raw`arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:\d*:[\w+=,.@:/-]{1,300}`;

/** The parts of an AWS error message that an operator needs and that are safe to log. */
interface Details {
  /** The ARN of the refused principal, without the session name. */
  readonly principal?: string | undefined;
  /** The refused IAM action. */
  readonly action?: string | undefined;
  /** The ARN of the resource, without an execution name, which may contain a user id. */
  readonly resource?: string | undefined;
  /** A whole message that contains no data of the request. */
  readonly message?: string | undefined;
}

// Messages as recorded from AWS, and as the SDK writes them.
const shapes: readonly RegExp[] = [
  new RegExp(
    `^User: (?<principal>${arn}) is not authorized to perform: (?<action>[\\w-]{1,40}:\\w{1,60})(?: on resource: (?<resource>${arn}))?`,
  ),
  new RegExp(`^(?:State Machine Does Not Exist|Invalid Arn): '(?<resource>${arn})'`),
  /^(?<message>Signature (?:expired|not yet current): \d{8}T\d{6}Z is (?:now earlier|still later) than \d{8}T\d{6}Z)/,
  /^(?<message>Could not load credentials from any providers)$/,
  /^(?<message>The security token included in the request is (?:invalid|expired))/,
  /^(?<message>STEP_FUNCTIONS_WORKFLOW_ARN is the ARN of an Express state machine\.)$/,
];

/**
 * Extracts the loggable details of an AWS error message about settings, permissions or credentials.
 * Only known message formats are logged, because AWS quotes the request: for a wrong signature, the
 * message contains the canonical request, which includes the session token.
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
