import type { HistoryEventType } from '@aws-sdk/client-sfn';

// The types of the JSON that the console's server sends to its page. Dates are ISO 8601 strings.

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** An entry in the list of executions. */
export interface ExecutionSummary {
  readonly arn: string;
  readonly name: string;
  readonly stateMachine: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly status: ExecutionStatus;
  /** The `user.userId` of the input, if there is one. */
  readonly userId: string | undefined;
  /** Who started the execution, such as `AWS CLI` or `POST /new-user`. */
  readonly origin: string;
  /** The last entered state while the execution runs; then the error, or the reason of a stop. */
  readonly note: string | undefined;
  readonly startDate: string;
  readonly stopDate: string | undefined;
}

export interface ExecutionDetail extends ExecutionSummary {
  readonly stateMachineArn: string;
  /** JSON text, like the output. */
  readonly input: string;
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** The Amazon States Language with which the state machine was created. */
  readonly definition: string;
  readonly graph: Graph;
  /** The number of lines that its functions printed. */
  readonly logLines: number;
  /** The part of its history that was left out to save memory. */
  readonly omitted: 'data' | 'events' | undefined;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A state, drawn as a box. Its position is that of the top left corner within its graph. */
export interface GraphNode extends Point {
  readonly name: string;
  readonly type: string;
  /** The resource of a Task, such as `dynamodb:putItem`. */
  readonly resource: string | undefined;
  readonly width: number;
  readonly height: number;
  /** The branches of a Parallel, or the item processor of a Map. */
  readonly inner: readonly PlacedGraph[];
}

export interface GraphEdge {
  /** The name of a state; undefined means the start. */
  readonly from: string | undefined;
  /** The name of a state; undefined means the end. */
  readonly to: string | undefined;
  readonly kind: 'next' | 'catch';
  readonly label: string | undefined;
  readonly points: readonly Point[];
  /** The middle of the label. */
  readonly labelAt: Point;
}

export interface Graph {
  readonly width: number;
  readonly height: number;
  readonly start: Point;
  readonly end: Point | undefined;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface PlacedGraph extends Point {
  readonly graph: Graph;
}

/** A history event. The details of its type are further members. */
export interface EventView {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: HistoryEventType;
  readonly timestamp: string;
  readonly [details: string]: unknown;
}

/** A line that the function behind a Task printed. */
export interface LogLineView {
  /** The id of the attempt's TaskStarted event. */
  readonly eventId: number;
  readonly date: string;
  readonly text: string;
}

/** A field of the form: a member of the request that is not an object. */
export interface RequestField {
  /** The names that lead to it, such as `['user', 'email']`. */
  readonly path: readonly string[];
  readonly isOptional: boolean;
  readonly description: string | undefined;
  readonly example: unknown;
}

/** A request to the service or API Gateway, and the response. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly milliseconds: number;
}

/** The items of a table or the messages of a queue, newest first. */
export interface Collection {
  readonly name: string;
  readonly items: readonly Readonly<Record<string, unknown>>[];
  /** Whether there are more items than these. */
  readonly isTruncated: boolean;
}
