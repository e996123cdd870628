import type { HistoryEventType } from '@aws-sdk/client-sfn';

/** What the console's server sends and its page reads. Dates are ISO 8601 texts. */

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** A line in the list of executions. */
export interface ExecutionSummary {
  readonly arn: string;
  readonly name: string;
  readonly stateMachine: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly status: ExecutionStatus;
  /** The `user.userId` of the input, where there is one. */
  readonly userId: string | undefined;
  /** Who started it, in words. */
  readonly origin: string;
  /** While it runs, the state it entered last; afterwards the error, or why it was stopped. */
  readonly note: string | undefined;
  readonly startDate: string;
  readonly stopDate: string | undefined;
}

export interface ExecutionDetail extends ExecutionSummary {
  readonly stateMachineArn: string;
  /** JSON texts. */
  readonly input: string;
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** The Amazon States Language, as it was given to local Step Functions. */
  readonly definition: string;
  readonly graph: Graph;
  /** How many lines there are in the log of its functions. */
  readonly logLines: number;
  /** What of its history there was no memory for. */
  readonly missing: 'data' | 'events' | undefined;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A state, drawn as a box; positions are those of its top left corner within its graph. */
export interface GraphNode extends Point {
  readonly name: string;
  readonly type: string;
  /** What a Task calls, such as `dynamodb:putItem`. */
  readonly resource: string | undefined;
  readonly width: number;
  readonly height: number;
  /** The branches of a Parallel, or the one workflow of a Map. */
  readonly inner: readonly PlacedGraph[];
}

export interface GraphEdge {
  /** A state's name; `undefined` is the start. */
  readonly from: string | undefined;
  /** A state's name; `undefined` is the end. */
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

/** An event of the history; `details` are the members that its type has. */
export interface EventView {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: HistoryEventType;
  readonly timestamp: string;
  readonly [details: string]: unknown;
}

/** A line that the function behind a Task printed. */
export interface LogLineView {
  /** Of the event with which the attempt started. */
  readonly eventId: number;
  readonly date: string;
  readonly text: string;
}

/** One request to the service or the gateway, and what came back. */
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

/** What a table or a queue holds, newest first. */
export interface Collection {
  readonly name: string;
  readonly items: readonly Readonly<Record<string, unknown>>[];
  /** Whether there are more than are shown. */
  readonly isCut: boolean;
}
